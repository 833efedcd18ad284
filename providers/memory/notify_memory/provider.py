"""Keeps a message and accepts it."""

from __future__ import annotations

from collections import deque

from notify_core.model.attempt import Answer
from notify_core.model.outcome import Outcome
from notify_core.provider import Account, Submission


class MemoryProvider:
    """The last messages that it got."""

    def __init__(self, account: Account) -> None:
        self._kept: deque[Submission] = deque(maxlen=account.settings["keep"])

    @property
    def messages(self) -> tuple[Submission, ...]:
        """What was sent, the oldest first, addresses and texts in full."""
        return tuple(self._kept)

    def clear(self) -> None:
        """Forget what was kept."""
        self._kept.clear()

    async def submit(self, submission: Submission) -> Answer:
        """Keep the message; it is accepted."""
        submission.wire.begin()
        self._kept.append(submission)
        return Answer(outcome=Outcome.ACCEPTED)

    async def aclose(self) -> None:
        """Release nothing: what was kept can still be read."""
