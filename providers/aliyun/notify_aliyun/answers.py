"""Reads the vendor's answers: a JSON object with a `Code`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import attrs

from notify_aliyun.codes import REPEATED, known_code
from notify_core.http import HttpResponse

_CODE = re.compile(r"[A-Za-z][\w.-]{0,99}", re.ASCII)
#: Where the first sentence of the gateway's words ends. What it says of a wrong
#: signature goes on with the whole request, number and template values included.
_SENTENCE_END = re.compile(r"\.(?:\s|$)|[:\n]")
#: How the codes of the service itself begin; the gateway's own have no such prefix.
_OF_THE_SERVICE = ("isv.", "isp.")
_SERVER_ERROR = 500


@attrs.frozen(kw_only=True)
class Reply:
    """A readable answer of the vendor."""

    #: `OK` for success.
    code: str
    #: The vendor's words; None when it gave none.
    text: str | None
    #: Everything in the answer.
    fields: Mapping[str, Any] = attrs.field(repr=False)


def read_reply(response: HttpResponse) -> Reply | None:
    """Return what the vendor answered; None when it is no such answer.

    A server's failure under a code that nobody documents is none: what became of the
    request is then told by the status alone.
    """
    fields = response.json_object() or {}
    code = fields.get("Code")
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        return None
    is_known = known_code(code) is not None or code == REPEATED
    if response.status >= _SERVER_ERROR and not is_known:
        return None
    return Reply(code=code, text=_words(code, fields.get("Message")), fields=fields)


def _words(code: str, message: object) -> str | None:
    words = message.strip() if isinstance(message, str) else ""
    if not code.startswith(_OF_THE_SERVICE):
        words = _SENTENCE_END.split(words, maxsplit=1)[0]
    return words or None
