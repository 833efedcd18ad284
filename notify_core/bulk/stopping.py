"""Lets an import end between two batches."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from select import select
from socket import socketpair
from types import FrameType
from typing import TYPE_CHECKING, BinaryIO, TypeVar

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

T = TypeVar("T")

#: Signals that end an import.
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Whether somebody wants it to end: Ctrl-C, or the system that ends a process.

    What is being recorded is recorded whole, so it ends after the batch; a wait for
    rows of a `heeding` stream ends at once.
    """

    def __init__(self) -> None:
        self.is_told = False
        #: Becomes readable with each signal, even one just before a wait begins.
        self._bell: int | None = None

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Take SIGINT and SIGTERM; a second one ends the process as usual.

        In another thread than the first nothing can be taken: nothing is then.
        """
        bell, clapper = socketpair()
        with bell, clapper, ExitStack() as taken:
            clapper.setblocking(False)
            with suppress(ValueError):
                self._take(taken, bell.fileno(), clapper.fileno())
            yield

    def heeding(self, stream: BinaryIO) -> BinaryIO:
        """Return a stream that ends where the other does, or when it is to end.

        One that nobody waits for, as it is no file of the system, is returned itself.
        """
        if os.name == "nt":  # where only sockets can be waited for
            return stream
        try:
            return io.BufferedReader(_Heeding(stream.fileno(), self))
        except io.UnsupportedOperation:
            return stream

    def unless_told(self, read: Callable[[], T]) -> T | None:
        """Return what *read* returns; None when it is to end, or was in the middle."""
        found = None if self.is_told else read()
        return None if self.is_told else found

    def wait_for(self, source: int) -> bool:
        """Wait until a file can be read; tell whether to read it, or else to end."""
        while not self.is_told:
            watched = [source] if self._bell is None else [source, self._bell]
            ready, _, _ = select(watched, [], [])
            if source in ready:
                return True
            os.read(watched[-1], 1)
        return False

    def _take(self, taken: ExitStack, bell: int, clapper: int) -> None:
        before = signal.set_wakeup_fd(clapper, warn_on_full_buffer=False)
        taken.callback(signal.set_wakeup_fd, before)
        for number in _SIGNALS:
            handler = signal.signal(number, self._told)
            taken.callback(signal.signal, number, handler)
        taken.callback(setattr, self, "_bell", None)
        self._bell = bell

    def _told(self, number: int, frame: FrameType | None) -> None:
        """Note it, and no more.

        What a handler raises comes up anywhere, also between taking a lock and what
        would give it back.
        """
        self.is_told = True
        signal.signal(number, signal.SIG_DFL)


class _Heeding(io.RawIOBase):
    """Reads a file; when it is to end, nothing more is in there."""

    def __init__(self, source: int, stop: Stop) -> None:
        self._source = source
        self._stop = stop

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read what is there, as soon as something is."""
        if not self._stop.wait_for(self._source):
            return 0
        return os.readv(self._source, [buffer])
