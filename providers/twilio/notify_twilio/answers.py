"""Reads Twilio's answers.

Source: https://www.twilio.com/docs/usage/twilios-response (the exception's properties)
and https://www.twilio.com/docs/messaging/api/message-resource.
"""

from __future__ import annotations

import re
from typing import Any

import attrs

from notify_core.http import HttpResponse

#: Twilio's codes have five digits; a gateway's, which repeats the status, has three.
_CODE = range(10_000, 100_000)
_MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")


@attrs.frozen(kw_only=True)
class Created:
    """A message that Twilio took."""

    #: Its SID.
    sid: str
    #: The status that it begins with: `queued`, or `accepted` with a Messaging Service.
    status: str | None


@attrs.frozen(kw_only=True)
class Refused:
    """What Twilio did not do, and why."""

    #: From the error dictionary.
    code: str
    #: Twilio's words; None when it gave none.
    text: str | None


def read_created(response: HttpResponse) -> Created | None:
    """Return the message that was created; None when the answer has none."""
    fields = response.json_object() if response.status // 100 == 2 else None  # noqa: PLR2004 (any 2xx)
    sid = _text(fields, "sid")
    if sid is None or not _MESSAGE_SID.fullmatch(sid):
        return None
    return Created(sid=sid, status=_text(fields, "status"))


def read_refused(response: HttpResponse) -> Refused | None:
    """Return why Twilio refused; None when it does not say that it did.

    An error of Twilio's own (5xx) leaves open what was done before it: there the
    status decides.
    """
    fields = response.json_object() if response.status // 100 == 4 else None  # noqa: PLR2004 (any 4xx)
    code = fields.get("code") if fields else None
    if not isinstance(code, int) or code not in _CODE:
        return None
    return Refused(code=str(code), text=_text(fields, "message"))


def _text(fields: dict[str, Any] | None, name: str) -> str | None:
    value = fields.get(name) if fields else None
    return value if isinstance(value, str) and value else None
