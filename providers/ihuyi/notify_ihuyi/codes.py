"""What the vendor's codes mean.

Source: the vendor's API document v3.3 of 2018-05-16 and its newer web page; 4053 its
old demo, 4084 and 4086 answers seen in public logs. Voice and international products
use the same numbers as far as they are known. 4010 to 4013 were seen once, without a
meaning, and so are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from notify_core.model.outcome import Reason, Scope
from notify_core.provider import Code

#: The vendor's clock: its days end here, and its pushes tell this time.
SHANGHAI = ZoneInfo("Asia/Shanghai")

ACCEPTED = "2"


def one_second_later(now: datetime) -> datetime:
    """Return when a number may get its next message: one a second."""
    return now + timedelta(seconds=1)


def next_midnight(now: datetime) -> datetime:
    """Return when the vendor's day ends."""
    tomorrow = now.astimezone(SHANGHAI).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, SHANGHAI)


CODES: Mapping[str, Code] = {
    "0": Code(reason=Reason.PROVIDER_ERROR, text="提交失败"),
    ACCEPTED: Code(reason=Reason.NONE, text="提交成功"),
    "400": Code(reason=Reason.ACCESS_DENIED, text="非法 ip 访问"),
    "401": Code(reason=Reason.INVALID_REQUEST, text="帐号不能为空"),
    "402": Code(reason=Reason.INVALID_REQUEST, text="密码不能为空"),
    "403": Code(reason=Reason.INVALID_REQUEST, text="手机号码不能为空"),
    "4030": Code(reason=Reason.RECIPIENT_BLOCKED, text="手机号码已被列入黑名单"),
    "404": Code(reason=Reason.CONTENT_INVALID, text="短信内容不能为空"),
    "405": Code(reason=Reason.AUTH_FAILED, text="API ID 或 API KEY 不正确"),
    "4050": Code(reason=Reason.ACCESS_DENIED, text="账号被冻结"),
    "40501": Code(
        reason=Reason.AUTH_FAILED,
        text="动态密码已过期",
        repeatable=True,
        advice="check the clock of the sending machine",
    ),
    "40502": Code(reason=Reason.AUTH_FAILED, text="动态密码校验失败"),
    "4051": Code(reason=Reason.INSUFFICIENT_BALANCE, text="剩余条数不足"),
    "4052": Code(reason=Reason.ACCESS_DENIED, text="访问 ip 与备案 ip 不符"),
    "4053": Code(reason=Reason.AUTH_FAILED, text="用户不存在"),
    "406": Code(reason=Reason.RECIPIENT_INVALID, text="手机号码格式不正确"),
    "407": Code(reason=Reason.CONTENT_REJECTED, text="短信内容含有敏感字符"),
    "4070": Code(
        reason=Reason.SENDER_REJECTED, scope=Scope.UNIT, text="签名格式不正确"
    ),
    "4071": Code(
        reason=Reason.TEMPLATE_REJECTED, scope=Scope.UNIT, text="没有提交备案模板"
    ),
    "4072": Code(
        reason=Reason.TEMPLATE_REJECTED,
        scope=Scope.MESSAGE,
        text="提交的短信内容与审核通过的模板内容不匹配",
    ),
    "40722": Code(
        reason=Reason.TEMPLATE_PARAMS_INVALID, text="变量内容超过指定的长度【8】"
    ),
    "4073": Code(reason=Reason.CONTENT_INVALID, text="短信内容超出长度限制"),
    "4074": Code(reason=Reason.CONTENT_INVALID, text="短信内容包含 emoji 符号"),
    "4075": Code(
        reason=Reason.SENDER_REJECTED, scope=Scope.UNIT, text="签名未通过审核"
    ),
    # Somebody releases the number in the vendor's console, so no time can be told.
    "408": Code(
        reason=Reason.RECIPIENT_RATE_LIMITED,
        text="发送超限（[20]条），已加入黑名单，可登入平台解除",
    ),
    "4080": Code(
        reason=Reason.RECIPIENT_RATE_LIMITED,
        text="同一手机号码同一秒钟之内发送频率不能超过 1 条",
        retry_at=one_second_later,
    ),
    "4082": Code(
        reason=Reason.RECIPIENT_RATE_LIMITED,
        text="超出同一手机号一天之内【5】条短信限制",
        retry_at=next_midnight,
    ),
    # The vendor's words for 4084 are not known; it was seen as a limit per day.
    "4084": Code(reason=Reason.RECIPIENT_RATE_LIMITED, text=""),
    "4085": Code(
        reason=Reason.RECIPIENT_RATE_LIMITED,
        text="同一手机号验证码短信发送超出【5】条",
        retry_at=next_midnight,
    ),
    "4086": Code(reason=Reason.RECIPIENT_RATE_LIMITED, text="手机操作过于频繁"),
}
