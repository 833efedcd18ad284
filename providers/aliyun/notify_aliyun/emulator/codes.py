"""The vendor's codes and words, and the HTTP status that goes with them."""

from __future__ import annotations

import attrs

ACCEPTED = "OK"

#: Words of the service, as its pages and answers of it have them.
TEXTS = {
    ACCEPTED: "OK",
    "isv.AMOUNT_NOT_ENOUGH": "账户余额不足",
    "isv.BLACK_KEY_CONTROL_LIMIT": "黑名单管控",
    "isv.BUSINESS_LIMIT_CONTROL": "触发云通信流控限制",
    "isv.DOMESTIC_NUMBER_NOT_SUPPORTED": "国际/港澳台消息模板不支持发送境内号码",
    "isv.INVALID_JSON_PARAM": "参数格式错误,请修改为字符串值",
    "isv.INVALID_PARAMETERS": "参数格式不正确",
    "isv.MOBILE_COUNT_OVER_LIMIT": "手机号码数量超出限制",
    "isv.MOBILE_NUMBER_ILLEGAL": "手机号码格式错误",
    "isv.PARAM_LENGTH_LIMIT": "参数超过长度限制",
    "isv.SMS_SIGNATURE_ILLEGAL": "该账号下找不到对应签名",
    "isv.SMS_TEMPLATE_ILLEGAL": "该账号下找不到对应模板",
    "isv.TEMPLATE_MISSING_PARAMETERS": "模板变量中存在未赋值变量",
    # The gateway's.
    "IncompleteSignature": "The request signature does not conform to the standards.",
    "InvalidAccessKeyId.NotFound": "Specified access key is not found.",
    "InvalidAction.NotFound": "Specified api is not found, please check your url and "
    "method.",
    "InvalidTimeStamp.Expired": "Specified time stamp or date value is expired.",
    "InvalidTimeStamp.Format": "Specified time stamp or date value is not well "
    "formatted.",
    "InvalidVersion": "Specified parameter Version is not valid.",
    "SignatureDoesNotMatch": "Specified signature is not matched with our calculation.",
    "SignatureNonceUsed": "Specified signature nonce was used already.",
    "Throttling.User": "Request was denied due to user flow control.",
}
_STATUSES = {
    "InvalidAccessKeyId.NotFound": 404,
    "InvalidAction.NotFound": 404,
    "Forbidden.RAM": 403,
    "InternalError": 500,
    "ServiceUnavailable": 503,
}
_BAD_REQUEST = 400
_OK = 200


@attrs.frozen
class Refusal:
    """A code, and words where they say more than those of the code."""

    #: The vendor's code; `OK` is none.
    code: str
    #: None: the words of the code.
    words: str | None = None
    #: What the answer adds to the words.
    echo: str = attrs.field(default="", repr=False)

    @property
    def text(self) -> str:
        """The vendor's words."""
        return self.words or TEXTS.get(self.code, self.code)

    @property
    def of_the_gateway(self) -> bool:
        """Whether the request did not come as far as the service."""
        return self.code != ACCEPTED and not self.code.startswith(("isv.", "isp."))

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        default = _BAD_REQUEST if self.of_the_gateway else _OK
        return _STATUSES.get(self.code, default)
