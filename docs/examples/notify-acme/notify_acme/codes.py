"""What Acme's codes mean. Source: https://acme.example/docs/errors."""

from collections.abc import Mapping

from notify_core import Reason
from notify_core.provider import Code

CODES: Mapping[str, Code] = {
    "queued": Code(reason=Reason.NONE, text="queued"),
    "bad_number": Code(reason=Reason.RECIPIENT_INVALID, text="no such number"),
    "bad_token": Code(reason=Reason.AUTH_FAILED, text="the token is not known"),
    "no_credit": Code(reason=Reason.INSUFFICIENT_BALANCE, text="out of credit"),
    "stopped": Code(reason=Reason.RECIPIENT_OPTED_OUT, text="the person said stop"),
}
