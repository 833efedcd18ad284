"""MAIL and RCPT: what they say, and why they are refused."""

from __future__ import annotations

import re

import attrs

from notify_smtp.emulator.settings import AccountSettings, Settings

_PATH = re.compile(
    r"(?P<word>FROM|TO):\s*<(?P<address>[^<>\s]+@[^<>\s]+)>(?P<options>(\s+\S+)*)",
    re.IGNORECASE,
)
_OPTION = re.compile(r"SIZE=(\d+)|BODY=(?:7BIT|8BITMIME)|SMTPUTF8", re.IGNORECASE)

ARGUMENTS = "501 5.5.4 Syntax error in parameters or arguments"
_OPTIONS = "555 5.5.4 MAIL FROM/RCPT TO parameters not recognized or not implemented"
_NOT_ASCII = "553 5.6.7 Non-ASCII addresses not permitted for that sender/recipient"
_TOO_BIG = "552 5.3.4 Message too big for system"
_NOT_ALLOWED = "550 5.7.1 Delivery not authorized, message refused"
_NOBODY = "550 5.1.1 Bad destination mailbox address"


@attrs.frozen(kw_only=True)
class Path:
    """The argument of MAIL or RCPT."""

    address: str = attrs.field(repr=False)
    options: tuple[str, ...]

    @property
    def takes_utf8(self) -> bool:
        """Whether it asks for SMTPUTF8 (RFC 6531)."""
        return "SMTPUTF8" in map(str.upper, self.options)


@attrs.frozen(kw_only=True)
class Envelope:
    """The mail under way; without a sender there is none."""

    sender: str = attrs.field(default="", repr=False)
    takes_utf8: bool = False
    recipients: tuple[str, ...] = attrs.field(default=(), repr=False)


def read_path(word: str, rest: str) -> Path | None:
    """Read `FROM:<a@b.example> SIZE=1`; None when it is malformed."""
    found = _PATH.fullmatch(rest)
    if found is None or found["word"].upper() != word:
        return None
    return Path(address=found["address"], options=tuple(found["options"].split()))


def mail_refusal(
    path: Path | None, settings: Settings, account: AccountSettings | None
) -> str | None:
    """Return the reply that refuses MAIL; None when nothing is wrong."""
    if path is None:
        return ARGUMENTS
    options = [_OPTION.fullmatch(option) for option in path.options]
    if not all(options) or (path.takes_utf8 and not settings.smtputf8):
        return _OPTIONS
    if not (path.address.isascii() or path.takes_utf8):
        return _NOT_ASCII
    if any(int(option[1] or 0) > settings.max_size for option in options if option):
        return _TOO_BIG
    senders = account.senders if account else ()
    return None if not senders or path.address in senders else _NOT_ALLOWED


def rcpt_refusal(
    path: Path | None, settings: Settings, envelope: Envelope
) -> str | None:
    """Return the reply that refuses RCPT; None when nothing is wrong."""
    if path is None:
        return ARGUMENTS
    if path.options:
        return _OPTIONS
    if not (path.address.isascii() or envelope.takes_utf8):
        return _NOT_ASCII
    unknown = {address.casefold() for address in settings.unknown}
    return _NOBODY if path.address.casefold() in unknown else None
