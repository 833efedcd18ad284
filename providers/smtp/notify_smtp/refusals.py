"""Why an account cannot take a message, told before anything is sent.

The words name the place and the remedy, never the text or an address.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from notify_core.provider import Settings, Submission
from notify_smtp.headers import header_fault
from notify_smtp.mail import html_of, sender_of, subject_of

_UNSENDABLE = re.compile("[\x00\ud800-\udfff]")


def refusal(settings: Settings, submission: Submission) -> str | None:
    """Return why this account cannot take *submission*; None when it can."""
    for check in _CHECKS:
        why = check(settings, submission)
        if why is not None:
            return why
    return None


def _recipient(settings: Settings, submission: Submission) -> str | None:
    return _unsafe("the recipient's address", submission.recipient.address)


def _sender(settings: Settings, submission: Submission) -> str | None:
    try:
        sender = sender_of(settings, submission)
    except ValueError:
        return "the sender is no e-mail address: write it as jane@example.com"
    return _unsafe("the sender", f"{sender.name} {sender.address}")


def _subject(settings: Settings, submission: Submission) -> str | None:
    subject = subject_of(settings, submission)
    if subject is None or not subject.strip():
        return (
            "the message has no subject: give content.subject, extra.smtp.subject,"
            " or the provider's setting `subject`"
        )
    return _unsafe("the subject", subject)


def _bodies(settings: Settings, submission: Submission) -> str | None:
    text, html = submission.text or "", html_of(submission) or ""
    if not text.strip() and not html.strip():
        return "the text is empty: give the message or its template a text"
    return _unsendable("the text", text) or _unsendable("the HTML", html)


def _unsafe(place: str, value: str) -> str | None:
    fault = header_fault(value)
    return f"{place} {fault}" if fault else None


def _unsendable(place: str, text: str) -> str | None:
    if found := _UNSENDABLE.search(text):
        return (
            f"{place} has a NUL or half a character (a lone surrogate) at character"
            f" {found.start() + 1}: it cannot be written; mend its source"
        )
    return None


_CHECKS: tuple[Callable[[Settings, Submission], str | None], ...] = (
    _recipient,
    _sender,
    _subject,
    _bodies,
)
