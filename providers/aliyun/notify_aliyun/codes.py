"""What the vendor's codes mean.

Sources, all pages of the vendor:

* `isv.` and `isp.` codes and their words: "国内消息API错误码",
  https://help.aliyun.com/zh/sms/developer-reference/api-error-codes. Those of
  operations and parameters that are never used here are left out.
* The others, of the gateway that all its services share: the same page, and "错误码",
  https://help.aliyun.com/document_detail/48054.html and document_detail/30137.html.
* When a limit ends: "短信发送规则",
  https://help.aliyun.com/zh/sms/user-guide/message-rules.
* Codes of receipts: "回执错误码", https://help.aliyun.com/document_detail/101347.html.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from notify_core.model.outcome import Reason, Scope
from notify_core.model.status import AttemptState
from notify_core.provider import Code

#: The vendor's clock: its windows end by it, and its times are read by it.
SHANGHAI = ZoneInfo("Asia/Shanghai")

ACCEPTED = "OK"
LIMITED = "isv.BUSINESS_LIMIT_CONTROL"
#: The gateway saw the nonce before. Ours are random and used once, so something on the
#: way repeated the request, and the answer to the first copy went elsewhere.
REPEATED = "SignatureNonceUsed"

_CLOCK = "check the clock of the sending machine"


CODES: Mapping[str, Code] = {
    ACCEPTED: Code(reason=Reason.NONE, text="OK"),
    # One number.
    LIMITED: Code(reason=Reason.RECIPIENT_RATE_LIMITED, text="触发云通信流控限制"),
    "isv.MOBILE_NUMBER_ILLEGAL": Code(
        reason=Reason.RECIPIENT_INVALID, text="手机号码格式错误"
    ),
    "isv.BLACK_KEY_CONTROL_LIMIT": Code(
        reason=Reason.RECIPIENT_BLOCKED, text="黑名单管控"
    ),
    "isv.CUSTOMER_REFUSED": Code(
        reason=Reason.RECIPIENT_OPTED_OUT, text="用户已退订推广短信"
    ),
    "isv.DOMESTIC_NUMBER_NOT_SUPPORTED": Code(
        reason=Reason.DESTINATION_UNSUPPORTED,
        text="国际/港澳台消息模板不支持发送境内号码",
    ),
    "isv.SMS_TEST_NUMBER_LIMIT": Code(
        reason=Reason.DESTINATION_UNSUPPORTED, text="只能向已绑定的手机号发送"
    ),
    # The signature.
    "isv.SMS_SIGNATURE_ILLEGAL": Code(
        reason=Reason.SENDER_REJECTED, scope=Scope.UNIT, text="该账号下找不到对应签名"
    ),
    "isv.SMS_SIGN_ILLEGAL": Code(
        reason=Reason.SENDER_REJECTED, scope=Scope.UNIT, text="签名禁止使用"
    ),
    "isv.SIGN_STATE_ILLEGAL": Code(
        reason=Reason.SENDER_REJECTED, scope=Scope.UNIT, text="签名状态为“不可用”"
    ),
    "isv.SMS_SIGN_EMOJI_ILLEGAL": Code(
        reason=Reason.SENDER_REJECTED, scope=Scope.UNIT, text="签名不能包含emoji表情"
    ),
    # These two are about signature and template together: others may fit.
    "isv.SMS_SIGNATURE_SCENE_ILLEGAL": Code(
        reason=Reason.SENDER_REJECTED, text="签名和模板类型不一致"
    ),
    "isv.SMS_TEST_SIGN_TEMPLATE_LIMIT": Code(
        reason=Reason.SENDER_REJECTED, text="测试模板和签名限制"
    ),
    # The template. What a binding says is the same for every message.
    "isv.SMS_TEMPLATE_ILLEGAL": Code(
        reason=Reason.TEMPLATE_REJECTED,
        scope=Scope.UNIT,
        text="该账号下找不到对应模板",
    ),
    "isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE": Code(
        reason=Reason.TEMPLATE_REJECTED, text="短信内容和模板属性不匹配"
    ),
    "isv.TEMPLATE_MISSING_PARAMETERS": Code(
        reason=Reason.TEMPLATE_PARAMS_INVALID, text="模板变量中存在未赋值变量"
    ),
    "isv.TEMPLATE_PARAMS_ILLEGAL": Code(
        reason=Reason.TEMPLATE_PARAMS_INVALID,
        text="传入的变量内容和实际申请模板时变量所选择的属性类型不配",
    ),
    "isv.PARAM_LENGTH_LIMIT": Code(
        reason=Reason.TEMPLATE_PARAMS_INVALID, text="参数超过长度限制"
    ),
    "isv.PARAM_NOT_SUPPORT_URL": Code(
        reason=Reason.TEMPLATE_PARAMS_INVALID, text="变量不支持传入URL"
    ),
    "isv.SMS_TEST_TEMPLATE_PARAMS_ILLEGAL": Code(
        reason=Reason.TEMPLATE_PARAMS_INVALID,
        text="测试专用模板中的变量仅支持4~6位纯数字",
    ),
    # The text that comes of it.
    "isv.SMS_CONTENT_ILLEGAL": Code(
        reason=Reason.CONTENT_REJECTED, text="短信内容包含禁止发送内容"
    ),
    "isv.UNSUPPORTED_CONTENT": Code(
        reason=Reason.CONTENT_INVALID, text="不支持的短信内容"
    ),
    # The account. When its day and its month end is not documented.
    "isv.AMOUNT_NOT_ENOUGH": Code(
        reason=Reason.INSUFFICIENT_BALANCE, text="账户余额不足"
    ),
    "isv.OUT_OF_SERVICE": Code(reason=Reason.INSUFFICIENT_BALANCE, text="业务停机"),
    "isv.DAY_LIMIT_CONTROL": Code(reason=Reason.QUOTA_EXHAUSTED, text="触发日发送限额"),
    "isv.MONTH_LIMIT_CONTROL": Code(
        reason=Reason.QUOTA_EXHAUSTED, text="触发月发送限额"
    ),
    "isv.ACCOUNT_NOT_EXISTS": Code(reason=Reason.AUTH_FAILED, text="账户不存在"),
    "isv.ACCOUNT_ABNORMAL": Code(reason=Reason.ACCESS_DENIED, text="账户异常"),
    "isv.SECURITY_FROZEN_ACCOUNT": Code(
        reason=Reason.ACCESS_DENIED, text="因该账号长时间未使用,已限制您账号的短信发送"
    ),
    "isv.PRODUCT_UN_SUBSCRIPT": Code(
        reason=Reason.ACCESS_DENIED, text="未开通云通信产品的阿里云客户"
    ),
    "isv.PRODUCT_UNSUBSCRIBE": Code(reason=Reason.ACCESS_DENIED, text="产品未开通"),
    "isv.DENY_IP_RANGE": Code(
        reason=Reason.ACCESS_DENIED, text="源IP地址所在的地区被禁用"
    ),
    "isp.RAM_PERMISSION_DENY": Code(
        reason=Reason.ACCESS_DENIED,
        text="RAM权限不足",
        advice="grant the RAM user dysms:SendSms and dysms:QuerySendDetails",
    ),
    # Our request.
    "isv.INVALID_PARAMETERS": Code(
        reason=Reason.INVALID_REQUEST, text="参数格式不正确"
    ),
    "isv.INVALID_JSON_PARAM": Code(
        reason=Reason.INVALID_REQUEST, text="参数格式错误,请修改为字符串值"
    ),
    "isv.MOBILE_COUNT_OVER_LIMIT": Code(
        reason=Reason.INVALID_REQUEST, text="手机号码数量超出限制"
    ),
    # The vendor, which asks to be called again.
    "isp.SYSTEM_ERROR": Code(
        reason=Reason.PROVIDER_ERROR, text="系统出现错误,请重新调用"
    ),
    "isp.GATEWAY_ERROR": Code(
        reason=Reason.PROVIDER_ERROR, text="调用发送应用模块失败"
    ),
    # The gateway. A code of it may go on after a dot: `Throttling.User`.
    "Throttling": Code(
        reason=Reason.THROTTLED, text="Request was denied due to request throttling."
    ),
    "SignatureDoesNotMatch": Code(
        reason=Reason.AUTH_FAILED,
        text="Specified signature is not matched with our calculation.",
        advice="check the AccessKey secret",
    ),
    "InvalidAccessKeyId": Code(
        reason=Reason.AUTH_FAILED, text="Specified access key is not found."
    ),
    "InvalidTimeStamp": Code(
        reason=Reason.AUTH_FAILED,
        text="Specified time stamp or date value is expired.",
        repeatable=True,
        advice=_CLOCK,
    ),
    "Forbidden": Code(
        reason=Reason.ACCESS_DENIED,
        text="User not authorized to operate on the specified resource.",
    ),
    # Not in these lists, but seen in public logs where a RAM user lacks a right.
    "NoPermission": Code(
        reason=Reason.ACCESS_DENIED, text="You are not authorized to do this action."
    ),
    "MissingParameter": Code(
        reason=Reason.INVALID_REQUEST,
        text="An input parameter that is mandatory is not supplied.",
    ),
    "InvalidParameter": Code(
        reason=Reason.INVALID_REQUEST,
        text="The specified value of a parameter is not valid.",
    ),
    "InvalidVersion": Code(reason=Reason.INVALID_REQUEST, text="API版本号错误"),
    "InvalidAction": Code(
        reason=Reason.INVALID_REQUEST, text="未找到指定的API,请检查您的URL和方法"
    ),
}


def known_code(code: str) -> Code | None:
    """Return what a code means, or what it begins with; None when nobody knows."""
    return CODES.get(code) or CODES.get(code.partition(".")[0])


def _next_minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _next_hour(now: datetime) -> datetime:
    # The vendor's hours begin with the hours of UTC: it is eight ahead.
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _day_later(now: datetime) -> datetime:
    return now + timedelta(days=1)


#: What the words of `LIMITED` say, and when such a limit has ended. A day is any 24
#: hours, so that it may end earlier.
_WINDOWS: tuple[tuple[str, Callable[[datetime], datetime]], ...] = (
    ("分钟级流控", _next_minute),
    ("小时级流控", _next_hour),
    ("天级流控", _day_later),
)


def limit_ends(text: str, now: datetime) -> datetime | None:
    """Return when the limit is over that *text* names; None when it names none."""
    return next((ends(now) for words, ends in _WINDOWS if words in text), None)


#: Why a message was not delivered. Carriers have more codes of their own.
_UNDELIVERED: Mapping[str, Reason] = {
    "MOBILE_NOT_ON_SERVICE": Reason.RECIPIENT_UNREACHABLE,
    "MOBILE_ACCOUNT_ABNORMAL": Reason.RECIPIENT_UNREACHABLE,
    "MOBILE_TERMINAL_ERROR": Reason.RECIPIENT_UNREACHABLE,
    "INVALID_NUMBER": Reason.RECIPIENT_UNREACHABLE,
    "SP_NOT_BY_INTER_SMS": Reason.RECIPIENT_UNREACHABLE,
    "MOBILE_SEND_LIMIT": Reason.RECIPIENT_RATE_LIMITED,
    "MOBILE_IN_BLACK": Reason.RECIPIENT_BLOCKED,
    "USER_REJECT": Reason.RECIPIENT_BLOCKED,
    "CONTENT_KEYWORD": Reason.CONTENT_REJECTED,
    "CONTENT_ERROR": Reason.CONTENT_REJECTED,
    "UNSUPPORTED_CONTENT": Reason.CONTENT_INVALID,
    "PORT_NOT_REGISTERED": Reason.SENDER_REJECTED,
}
#: The carrier said nothing about the message.
_NO_RECEIPT = "REQUEST_SUCCESS"


def delivery(code: str, *, delivered: bool) -> tuple[AttemptState, Reason]:
    """Return what a receipt says: how far the message got, and why no further."""
    if delivered:
        return AttemptState.DELIVERED, Reason.NONE
    if code == _NO_RECEIPT:
        return AttemptState.SENT, Reason.NONE
    refused = CODES.get(code)
    reason = refused.reason if refused else Reason.CARRIER_REJECTED
    return AttemptState.UNDELIVERED, _UNDELIVERED.get(code, reason)
