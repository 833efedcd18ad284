"""Shows a message and accepts it."""

from __future__ import annotations

import logging
import sys
import unicodedata
from typing import TextIO

from notify_core.model.attempt import Answer
from notify_core.model.outcome import Outcome, Reason
from notify_core.provider import Account, Submission

log = logging.getLogger("notify_console")


class ConsoleProvider:
    """One console: standard output, standard error or the log."""

    def __init__(self, account: Account) -> None:
        self._target: str = account.settings["target"]
        self._shows_recipient: bool = account.settings["show_recipient"]

    async def submit(self, submission: Submission) -> Answer:
        """Show the message; it is accepted once it is written."""
        submission.wire.begin()
        shown = self._shown(submission)
        if self._target == "log":
            log.info("%s", shown)
            return Answer(outcome=Outcome.ACCEPTED)
        try:
            _write(getattr(sys, self._target), shown)
        except (OSError, ValueError) as error:  # closed, or a pipe that nobody reads
            return Answer(
                outcome=Outcome.REJECTED,
                reason=Reason.PROVIDER_ERROR,
                text=f"{self._target} cannot be written: {type(error).__name__}",
            )
        return Answer(outcome=Outcome.ACCEPTED)

    async def aclose(self) -> None:
        """Release nothing: nothing was opened."""

    def _shown(self, submission: Submission) -> str:
        """Return a line of facts, then the message, indented."""
        to = submission.recipient
        address = to.address if self._shows_recipient else to.masked
        sender = f" from {submission.sender}" if submission.sender else ""
        head = f"{submission.channel} to {address}{sender} ({submission.kind})"
        return "\n  ".join([_plain(head), *map(_plain, _lines(submission))])


def _lines(submission: Submission) -> list[str]:
    lines = (submission.text or "").splitlines()
    content = submission.content
    if content is not None and content.subject is not None:
        lines = [f"Subject: {content.subject}", *lines]
    if content is not None and content.html is not None:
        lines.append(f"(and an HTML alternative of {len(content.html)} characters)")
    return lines


def _plain(line: str) -> str:
    """Escape control characters: a text must not steer somebody's terminal."""
    return "".join(
        ascii(sign)[1:-1] if unicodedata.category(sign) == "Cc" else sign
        for sign in line
    )


def _write(stream: TextIO, text: str) -> None:
    """Write in the stream's encoding, with escapes for what it cannot express."""
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    stream.flush()
