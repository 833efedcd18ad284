"""Reads a mail as its recipient's program does."""

from __future__ import annotations

import email
import re
from email.message import EmailMessage
from email.policy import default

import attrs

#: RFC 5322, 3.6: these stand in every mail, and none stands twice.
_NEEDED = ("From", "Date")
_AT_MOST_ONCE = ("From", "Date", "To", "Subject", "Message-ID", "Reply-To", "Sender")
#: RFC 5322, 2.1.1: without CRLF.
_LONGEST_LINE = 998
_LONE_BREAK = re.compile(rb"\r(?!\n)|(?<!\r)\n")


@attrs.frozen(kw_only=True)
class Letter:
    """What a person sees of a mail."""

    #: As it was transmitted, without the dots that were added for that.
    source: bytes = attrs.field(repr=False)
    subject: str = attrs.field(default="", repr=False)
    #: The plain text, or the HTML source where there is none.
    text: str = attrs.field(default="", repr=False)
    #: Empty: there is none.
    html: str = attrs.field(default="", repr=False)
    #: Without its angle brackets.
    message_id: str = ""
    #: Why a careful server does not take it; empty: it does.
    fault: str = ""


def read_letter(source: bytes) -> Letter:
    """Read a mail, whatever state it is in."""
    shown = source.replace(b"\r\n", b"\n")
    message = email.message_from_bytes(shown, EmailMessage, policy=default)
    html = _body(message, "html")
    return Letter(
        source=source,
        subject=str(message.get("Subject", "")),
        text=_body(message, "plain") or html,
        html=html,
        message_id=str(message.get("Message-ID", "")).strip().strip("<>"),
        fault=_fault(message, source),
    )


def _body(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    if part is None:
        return ""
    return str(part.get_content()).removesuffix("\n")


def _fault(message: EmailMessage, source: bytes) -> str:
    if _LONE_BREAK.search(source):
        return "Lone CR or LF"
    if max(map(len, source.split(b"\r\n"))) > _LONGEST_LINE:
        return "Line too long (RFC 5322, 2.1.1)"
    names = [name.lower() for name in message.keys()]  # noqa: SIM118 (repeated ones too)
    for name in _NEEDED:
        if name.lower() not in names:
            return f"No {name} (RFC 5322, 3.6)"
    for name in _AT_MOST_ONCE:
        if names.count(name.lower()) > 1:
            return f"More than one {name} (RFC 5322, 3.6)"
    return ""
