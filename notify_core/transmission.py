"""Whether one request was written, how long it may take, what its loss means.

Once a request was written it may have been processed, whatever happens next. This
holds for every transport; `notify_core.http` is the usual one.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from notify_core.errors import NotifyError
from notify_core.model.attempt import Answer
from notify_core.model.outcome import Outcome, Reason


@attrs.frozen
class Timeouts:
    """How long one attempt may take, in seconds."""

    #: From the start until the request begins to be written.
    connect: float = 2.0
    #: From then until the whole answer is read.
    read: float = 5.0

    def lost(self, wire: Wire) -> RequestLost:
        """Return what a request is that took longer."""
        step = "no whole answer" if wire.begun else "not connected"
        seconds = self.read if wire.begun else self.connect
        return RequestLost(written=wire.begun, why=f"{step} within {seconds:g} s")


class Wire:
    """Whether one request began to be written: from then on, any loss is `unknown`."""

    __slots__ = ("_on_begin", "begun")

    def __init__(self) -> None:
        self.begun = False
        self._on_begin: Callable[[], None] | None = None

    def on_begin(self, call: Callable[[], None]) -> None:
        """Call this when writing begins."""
        self._on_begin = call

    def begin(self) -> None:
        """Note that bytes leave now.

        Raises:
            RuntimeError: They did already. Whoever repeats a request, be it a
                middleware of the host's session, writes nothing the second time.
        """
        if self.begun:
            raise RuntimeError("a submission is written once")
        if self._on_begin is not None:
            self._on_begin()
        self.begun = True


class RequestLost(NotifyError):
    """A request ended without an answer.

    Attributes:
        written: Whether it may have been processed.
    """

    def __init__(self, *, written: bool, why: str) -> None:
        super().__init__(why)
        self.written = written


def lost_answer(lost: RequestLost) -> Answer:
    """Return what a lost request means: not sent, or nobody knows."""
    if lost.written:
        return Answer(
            outcome=Outcome.UNKNOWN, reason=Reason.NO_RESPONSE, text=str(lost)
        )
    return Answer(
        outcome=Outcome.REJECTED, reason=Reason.CONNECT_FAILED, text=str(lost)
    )
