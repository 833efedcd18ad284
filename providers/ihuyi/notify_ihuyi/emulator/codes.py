"""The vendor's codes and words (API document v3.3 of 2018-05-16).

`{limit}` stands where the vendor prints a number: the emulator prints its own setting.
"""

from __future__ import annotations

import attrs

#: Accepted, in every operation.
ACCEPTED = 2

SUBMIT_TEXTS: dict[int, str] = {
    0: "提交失败",
    ACCEPTED: "提交成功",
    400: "非法 ip 访问",
    401: "帐号不能为空",
    402: "密码不能为空",
    403: "手机号码不能为空",
    4030: "手机号码已被列入黑名单",
    404: "短信内容不能为空",
    405: "API ID 或 API KEY 不正确",
    4050: "账号被冻结",
    40501: "动态密码已过期",
    40502: "动态密码校验失败",
    4051: "剩余条数不足",
    4052: "访问 ip 与备案 ip 不符",
    4053: "用户不存在",
    406: "手机号码格式不正确",
    407: "短信内容含有敏感字符",
    4070: "签名格式不正确",
    4071: "没有提交备案模板",
    4072: "提交的短信内容与审核通过的模板内容不匹配",
    40722: "变量内容超过指定的长度【{limit}】",
    4073: "短信内容超出长度限制",
    4074: "短信内容包含 emoji 符号",
    4075: "签名未通过审核",
    408: "发送超限（[{limit}]条），已加入黑名单，可登入平台解除",
    4080: "同一手机号码同一秒钟之内发送频率不能超过 {limit} 条",
    4082: "超出同一手机号一天之内【{limit}】条短信限制",
    4084: "超出同一手机号一天之内相同内容【{limit}】条限制",
    4085: "同一手机号验证码短信发送超出【{limit}】条",
    4086: "手机操作过于频繁",
}

#: What other operations say for 2; no document prints the words of GetNum.
ACCEPTED_TEXTS = {"GetNum": "查询成功", "AddTemplate": "添加成功"}

#: Codes whose words differ for voice.
VOICE_TEXTS = {404: "语音内容不能为空"}

#: What the vendor's own texts print where no setting says otherwise.
PRINTED_LIMITS = {40722: 8, 408: 20, 4080: 1, 4082: 5, 4084: 20, 4085: 5}

UNKNOWN_TEXT = "未知错误"


@attrs.frozen
class Refusal:
    """A code, and the number that its words print."""

    #: The vendor's code.
    code: int
    #: The limit that was exceeded; None: the number that the vendor's text shows.
    limit: int | None = None


def text_of(refusal: Refusal, operation: str, *, voice: bool) -> str:
    """Return the vendor's words for a code."""
    code = refusal.code
    if code == ACCEPTED:
        return ACCEPTED_TEXTS.get(operation, SUBMIT_TEXTS[ACCEPTED])
    texts = SUBMIT_TEXTS | VOICE_TEXTS if voice else SUBMIT_TEXTS
    limit = PRINTED_LIMITS.get(code) if refusal.limit is None else refusal.limit
    return texts.get(code, UNKNOWN_TEXT).format(limit=limit)
