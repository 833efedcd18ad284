"""What a mail server says, and what that means for the message."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum

import attrs

from notify_core.errors import NotifyError
from notify_core.model.attempt import Answer
from notify_core.model.outcome import Outcome, Reason
from notify_core.provider import coded_answer
from notify_smtp.codes import CODES

#: RFC 2034: it stands first in the text, and its class is the reply's first digit.
_ENHANCED = re.compile(r"([245])\.\d{1,3}\.\d{1,3}(?= |$)")


class Step(StrEnum):
    """What a reply answers."""

    #: The connection itself.
    GREETING = "GREETING"
    EHLO = "EHLO"
    AUTH = "AUTH"
    MAIL = "MAIL"
    RCPT = "RCPT"
    #: The wish to transmit the mail.
    DATA = "DATA"
    #: The mail itself, after its final dot.
    CONTENT = "CONTENT"


@attrs.frozen(kw_only=True)
class Reply:
    """One reply."""

    step: Step
    #: Three digits.
    code: int
    #: The server's words, which may hold an address; an enhanced status code first.
    text: str = attrs.field(repr=False)

    @property
    def severity(self) -> int:
        """The first digit: 2 yes, 3 go on, 4 not now, 5 no (RFC 5321, 4.2.1)."""
        return self.code // 100

    @property
    def enhanced(self) -> str | None:
        """The enhanced status code, `5.1.1`."""
        found = _ENHANCED.match(self.text)
        return found[0] if found and found[1] == str(self.severity) else None

    @property
    def words(self) -> str:
        """The reply on one line, and what it answers."""
        # A server may send any bytes; the library keeps them as surrogates.
        text = self.text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        return " ".join([f"{self.step}:", str(self.code), *text.split()])


class Refused(NotifyError):
    """The server refused, so that the mail was not transmitted.

    Attributes:
        reply: What it said.
    """

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.code)
        self.reply = reply


class NotOffered(NotifyError):
    """The server does not offer what the account or the mail needs.

    Attributes:
        reason: What that means for the message.
    """

    def __init__(self, reason: Reason, why: str) -> None:
        super().__init__(why)
        self.reason = reason


def reply_answer(reply: Reply, now: datetime) -> Answer:
    """Return what a reply means for the message."""
    if reply.step is Step.CONTENT and reply.severity not in (2, 4, 5):
        return Answer(
            outcome=Outcome.UNKNOWN, reason=Reason.NO_RESPONSE, text=reply.words
        )
    code = _code(reply)
    return coded_answer(CODES.get(code), code, text=reply.words, now=now)


def not_offered_answer(lacking: NotOffered) -> Answer:
    """Return what it means that the server lacks something."""
    return Answer(outcome=Outcome.REJECTED, reason=lacking.reason, text=str(lacking))


def _code(reply: Reply) -> str:
    """Return the code that the table has, or the reply's own where it has none."""
    known = [code for code in (reply.enhanced, str(reply.code)) if code]
    codes = [*known, f"{reply.severity}yz"]
    keys = [key for code in codes for key in (f"{reply.step} {code}", code)]
    return next((key for key in keys if key in CODES), known[0])
