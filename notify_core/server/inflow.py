"""The lines of one request's body, as they come."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import islice

from aiohttp import ClientError, StreamReader, web
from aiohttp.http_exceptions import HttpProcessingError

from notify_core.server.lines import Line, Lines
from notify_core.server.service import Service

#: Lines that are taken together at most; fewer, where no more have come.
BATCH = 500

#: Number of a line, from 1, and the line.
Numbered = tuple[int, Line]


class Inflow:
    """Reads lines; those without anything on them are counted and left out.

    Attributes:
        why: Why it ended before the body did; empty: it did not.
    """

    def __init__(self, service: Service, content: StreamReader, longest: int) -> None:
        self.why = ""
        self._service = service
        self._content = content
        self._lines = Lines(longest)
        self._number = 0

    async def batches(self) -> AsyncIterator[list[Numbered]]:
        """Yield the lines in batches, each as soon as it has come."""
        while piece := await self._piece():
            for batch in _batches(self._numbered(self._lines.fed(piece))):
                yield batch
        if not self.why:
            # Of a body that broke off, the last line may be half of one.
            for batch in _batches(self._numbered(self._lines.rest())):
                yield batch

    async def _piece(self) -> bytes:
        try:
            piece = await self._service.waited(self._content.readany())
        except (ClientError, HttpProcessingError, web.RequestPayloadError):
            self.why = "the body broke off"
            return b""
        if piece is not None:
            return piece
        is_closing = self._service.is_closing
        self.why = "the service is stopping" if is_closing else "no more lines came"
        return b""

    def _numbered(self, lines: Iterable[Line]) -> Iterator[Numbered]:
        for line in lines:
            self._number += 1
            if line is None or (not line.isspace() and line):
                yield self._number, line


def _batches(lines: Iterator[Numbered]) -> Iterator[list[Numbered]]:
    while batch := list(islice(lines, BATCH)):
        yield batch
