"""Lets an import end between two batches."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TypeVar

T = TypeVar("T")


class _Stopped(BaseException):
    """Ends a wait for rows."""


class Stop:
    """Whether somebody wants it to end: Ctrl-C, or the system that ends a process.

    What is being recorded is recorded whole, so it ends after the batch; a wait for
    rows, as those of a pipe, ends at once.
    """

    def __init__(self) -> None:
        self.is_told = False
        self._is_waiting = False

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Take SIGINT and SIGTERM; a second one ends the process as usual."""
        before = {}
        # In another thread than the first no handler can be set: none is then.
        with suppress(ValueError):
            for number in (signal.SIGINT, signal.SIGTERM):
                before[number] = signal.signal(number, self._told)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def unless_told(self, wait: Callable[[], T]) -> T | None:
        """Return what *wait* returns; None when it is to end, or was in the middle."""
        with suppress(_Stopped):  # around the rest: a signal may come there too
            try:
                self._is_waiting = True
                return None if self.is_told else wait()
            finally:
                self._is_waiting = False
        return None

    def _told(self, number: int, frame: FrameType | None) -> None:
        self.is_told = True
        signal.signal(number, signal.SIG_DFL)
        if self._is_waiting:
            raise _Stopped
