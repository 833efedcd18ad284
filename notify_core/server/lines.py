"""Cuts a stream of NDJSON into lines, however it arrives."""

from __future__ import annotations

from collections.abc import Iterator

#: Stands for a line that is longer than it may be; what it said was dropped.
TOO_LONG = None

Line = bytes | None


class Lines:
    """Collects pieces and gives whole lines; it keeps one line at most.

    Args:
        longest: Bytes that a line may have.
    """

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._begun = bytearray()
        self._is_too_long = False

    def fed(self, piece: bytes) -> Iterator[Line]:
        """Take a piece, and yield the lines that end in it."""
        head, newline, rest = piece.partition(b"\n")
        self._go_on(head)
        if not newline:
            return
        *whole, begun = rest.split(b"\n")
        yield self._ended()
        for line in whole:
            yield line if len(line) <= self._longest else TOO_LONG
        self._go_on(begun)

    def rest(self) -> Iterator[Line]:
        """Yield the last line, if it has no newline at its end."""
        if self._begun or self._is_too_long:
            yield self._ended()

    def _go_on(self, piece: bytes) -> None:
        if len(self._begun) + len(piece) > self._longest:
            self._is_too_long = True
            self._begun.clear()
        elif not self._is_too_long:
            self._begun += piece

    def _ended(self) -> Line:
        line = TOO_LONG if self._is_too_long else bytes(self._begun)
        self._begun.clear()
        self._is_too_long = False
        return line
