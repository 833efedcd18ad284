"""Records the rows of a file, batch by batch."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import islice

import attrs

from notify_core.bulk.drafts import Draft, Drafting, Refusal
from notify_core.bulk.rejects import Rejects
from notify_core.bulk.rows import Rows
from notify_core.bulk.stopping import Stop
from notify_core.bulk.tally import Tally, is_ended
from notify_core.errors import InvalidMessage, NotifyError, Problem
from notify_core.model.message import Message
from notify_core.model.result import Result

#: Rows that are read before others have a turn.
_AT_ONCE = 20

#: `Notifier.enqueue_all`.
EnqueueAll = Callable[[Sequence[Message]], Awaitable[list[Result | NotifyError]]]

Drafted = Draft | Refusal


@attrs.frozen(kw_only=True)
class Importing:
    """One import: it can be stopped between batches, and done again from the start.

    A row has the same key each time, so what was recorded is not recorded again.
    """

    drafting: Drafting
    enqueue_all: EnqueueAll
    rejects: Rejects
    #: How many rows are recorded in one step.
    batch: int
    #: Whether rows are read while others are recorded: not those of a pipe, since a
    #: wait for them would hold up the others.
    reads_ahead: bool = False
    #: Told after each step how many rows are done.
    progress: Callable[[int], None]
    stop: Stop = attrs.field(factory=Stop)
    tally: Tally = attrs.field(factory=Tally, init=False)

    async def run(self, rows: Rows) -> Tally:
        """Record all rows and return what became of them.

        Raises:
            StoreUnavailable: The outbox cannot record them; `tally` tells how far
                it came.
        """
        drafts = map(self.drafting.drafted, rows)
        batch = await self._next(drafts)
        while batch:
            if self.reads_ahead:
                batch = await self._record_and_read(batch, drafts)
            else:
                await self._record(batch)
                batch = await self._next(drafts)
        return self.tally

    async def _record_and_read(
        self, batch: list[Drafted], drafts: Iterator[Drafted]
    ) -> list[Drafted]:
        recording = asyncio.create_task(self._record(batch))
        try:
            return await self._next(drafts)
        finally:
            await recording

    async def _next(self, drafts: Iterator[Drafted]) -> list[Drafted]:
        batch: list[Drafted] = []
        while len(batch) < self.batch:
            count = min(_AT_ONCE, self.batch - len(batch))
            some = self._read(drafts, count)
            if some is None:
                return []
            batch += some
            if len(some) < count:
                break
            await asyncio.sleep(0)
        return batch

    def _read(self, drafts: Iterator[Drafted], count: int) -> list[Drafted] | None:
        return self.stop.unless_told(lambda: list(islice(drafts, count)))

    async def _record(self, batch: list[Drafted]) -> None:
        good = [draft for draft in batch if isinstance(draft, Draft)]
        messages = [draft.message for draft in good]
        told = iter(await self.enqueue_all(messages) if messages else ())
        for drafted in batch:
            if isinstance(drafted, Refusal):
                self._refuse(drafted)
            else:
                self._settle(drafted, next(told))
        self.progress(self.tally.rows)

    def _settle(self, draft: Draft, result: Result | NotifyError) -> None:
        if isinstance(result, NotifyError):
            self._refuse(Refusal(draft.line, problems_of(result)))
            return
        self.tally.count(draft, result)
        if is_ended(result):
            self.rejects.ended(draft.line, result)

    def _refuse(self, refusal: Refusal) -> None:
        self.tally.invalid += 1
        self.rejects.refused(refusal)


def problems_of(error: NotifyError) -> tuple[Problem, ...]:
    """Return what is wrong with a row."""
    if isinstance(error, InvalidMessage):
        return error.problems
    return (Problem(pointer="", message=str(error)),)
