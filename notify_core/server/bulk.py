"""Many messages in one request: an array, or lines in and lines out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing

import attrs
import msgspec
from aiohttp import web

from notify_core.errors import InvalidMessage
from notify_core.model.message import Message
from notify_core.model.result import Result
from notify_core.server.answer import answer
from notify_core.server.body import NDJSON, check_encoding, decoded
from notify_core.server.inflow import Inflow, Numbered
from notify_core.server.intake import Intake, of_caller
from notify_core.server.lines import TOO_LONG
from notify_core.server.problem import Kind, Refused, refused
from notify_core.server.service import Service
from notify_core.server.visit import REQUEST_ID, visit
from notify_core.wire import message_from_builtins, to_builtins

log = logging.getLogger("notify_core.server")

#: Messages that an array may have.
MOST_IN_ARRAY = 1000

#: Batches of a stream that are at the store at the same time.
_BEGUN_AT_ONCE = 2

Outcome = Result | Refused
_Begun = tuple[list[Numbered], asyncio.Task[list[Outcome]]]


@attrs.define
class _Tally:
    """What became of a stream's lines so far."""

    taken: int = 0
    refused: int = 0

    def count(self, outcomes: Sequence[Outcome]) -> None:
        taken = sum(isinstance(outcome, Result) for outcome in outcomes)
        self.taken += taken
        self.refused += len(outcomes) - taken


@attrs.frozen
class Bulk:
    """Takes many messages of one caller; each has an outcome of its own."""

    service: Service
    intake: Intake

    async def array(self, items: list[object], caller: str) -> web.Response:
        """Take an array of messages.

        Raises:
            Refused: There are too many, or the store is away.
        """
        if len(items) > MOST_IN_ARRAY:
            why = f"{len(items)} messages in an array; at most {MOST_IN_ARRAY}"
            raise Refused(Kind.TOO_LARGE, f"{why}: send NDJSON for more")
        messages = [_read(item, caller) for item in items]
        outcomes = await self.intake.take_all(messages)
        _check_store(outcomes)
        told = [{"index": n, **_told(o)} for n, o in enumerate(outcomes)]
        return answer({"messages": told})

    async def stream(
        self, request: web.Request, caller: str, *, brief: bool
    ) -> web.StreamResponse:
        """Take lines of NDJSON and write a line for each, then one for the end.

        Args:
            request: Whose body is read while the answer is written.
            caller: Name of the key.
            brief: Leave out the lines of messages that were taken.

        Raises:
            Refused: The body is encoded, or the store is away from the start.
        """
        check_encoding(request)
        limits = self.service.bodies.limits
        inflow = Inflow(self.service, request.content, limits.body)
        tally, response = _Tally(), None
        async with aclosing(self._outcomes(inflow, caller)) as outcomes_of:
            async for batch, outcomes in outcomes_of:
                if response is None:
                    _check_store(outcomes)
                    response = await _begun(request, brief=brief)
                tally.count(outcomes)
                _tell_away(outcomes)
                lines = _lines(batch, outcomes, brief=brief)
                await self._write(request, response, lines)
        response = response or await _begun(request, brief=brief)
        await self._write(request, response, iter([_end(inflow, tally)]))
        await response.write_eof()
        return response

    async def _outcomes(
        self, inflow: Inflow, caller: str
    ) -> AsyncGenerator[tuple[list[Numbered], list[Outcome]], None]:
        """Yield each batch with its outcomes; the next one is read meanwhile."""
        begun: asyncio.Queue[_Begun | None] = asyncio.Queue()
        turns = asyncio.Semaphore(_BEGUN_AT_ONCE)

        async def begin() -> None:
            async for batch in inflow.batches():
                await turns.acquire()
                taking = self.service.start(self._taken(batch, caller))
                begun.put_nowait((batch, taking))

        reading = self.service.start(begin())
        reading.add_done_callback(lambda _: begun.put_nowait(None))
        try:
            while (next_one := await begun.get()) is not None:
                batch, taking = next_one
                yield batch, await taking
                turns.release()
            await reading
        finally:
            reading.cancel()

    async def _taken(self, batch: Sequence[Numbered], caller: str) -> list[Outcome]:
        messages = [_read_line(line, caller) for _, line in batch]
        return await self.intake.take_all(messages)

    async def _write(
        self,
        request: web.Request,
        response: web.StreamResponse,
        lines: Iterator[dict[str, object]],
    ) -> None:
        written = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
        if not written:
            return
        try:
            async with asyncio.timeout(self.service.patience):
                await response.write(written)
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionResetError("the answer was not read") from None


async def _begun(request: web.Request, *, brief: bool) -> web.StreamResponse:
    response = web.StreamResponse()
    if brief:
        response.headers["Preference-Applied"] = "return=minimal"
    response.content_type = NDJSON[0]
    if (current := visit.get()) is not None:
        response.headers[REQUEST_ID] = current.id
    await response.prepare(request)
    return response


def _read(item: object, caller: str) -> Message | Refused:
    try:
        return of_caller(message_from_builtins(item), caller)
    except InvalidMessage as error:
        return refused(error)


def _read_line(line: bytes | None, caller: str) -> Message | Refused:
    if line is TOO_LONG:
        return Refused(Kind.TOO_LARGE, "the line is too long")
    try:
        return _read(decoded(line), caller)
    except Refused as error:
        return error


def _check_store(outcomes: Sequence[Outcome]) -> None:
    """Refuse all where the store is away for all: nothing was taken yet.

    Raises:
        Refused: So it is.
    """
    told = [o.kind for o in outcomes if isinstance(o, Refused)]
    if len(told) == len(outcomes) and Kind.STORE_UNAVAILABLE in told:
        raise next(
            o
            for o in outcomes
            if isinstance(o, Refused) and o.kind is Kind.STORE_UNAVAILABLE
        )


def _tell_away(outcomes: Sequence[Outcome]) -> None:
    """Write down, once for a batch, why the store did not take its messages."""
    refusals = (o for o in outcomes if isinstance(o, Refused))
    if cause := next((refusal.cause for refusal in refusals if refusal.cause), ""):
        log.warning("the store is away: %s", cause)


def _lines(
    batch: Sequence[Numbered], outcomes: Sequence[Outcome], *, brief: bool
) -> Iterator[dict[str, object]]:
    for (number, _), outcome in zip(batch, outcomes, strict=True):
        if not brief or isinstance(outcome, Refused):
            yield {"line": number, **_told(outcome)}


def _told(outcome: Outcome) -> dict[str, object]:
    if isinstance(outcome, Refused):
        return {"problem": outcome.document()}
    return {"result": to_builtins(outcome)}


def _end(inflow: Inflow, tally: _Tally) -> dict[str, object]:
    return {
        "end": {
            "taken": tally.taken,
            "refused": tally.refused,
            "complete": not inflow.why,
            "why": inflow.why or None,
        }
    }
