"""Rounds of killing: messages come, workers die, and in the end nothing is missing."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import attrs

from bench.crash.failpoint import Failpoint, Step
from bench.crash.store import Kind, Store, store_of
from bench.crash.vendor import Vendor
from bench.crash.worker import notifier
from bench.requirement import most
from notify_core.errors import StoreUnavailable
from notify_core.model.message import Content, Message
from notify_core.model.result import Result
from notify_core.notifier import Notifier
from notify_core.outbox.listing import MessageFilter
from notify_core.outbox.paging import MOST_AT_ONCE

REQUIRED = (most("lost", 0), most("twice", 0), most("invented", 0))
#: Seconds after which a worker that has not died is killed.
LONGEST_LIFE = 60.0
#: Messages that are enqueued in one step.
BATCH = 100
#: Seconds between two looks how far the messages have come.
_LOOK = 0.001
#: Seconds before what the store refused is tried again.
_PAUSE = 0.05

#: A worker is killed from outside, wherever it is.
ANYWHERE = None
#: Where workers die, in turn.
EVERY_STEP: Sequence[Step | None] = tuple(Step)
EVERYWHERE: Sequence[Step | None] = (*Step, ANYWHERE)


@attrs.frozen(kw_only=True)
class Ends:
    """What became of the messages."""

    messages: int
    #: How often a worker was killed, by the step, and the database.
    killed: dict[str, int]
    statuses: dict[str, int]
    #: Messages that are nowhere, or of which something is still to be done.
    lost: int
    #: Messages that the vendor accepted more than once.
    twice: int
    #: Messages said to be accepted that the vendor does not have.
    invented: int
    #: Messages that the vendor accepted, and whose status does not say so.
    unknown_and_there: int
    seconds: float


def lines(figures: dict[str, Any]) -> Iterator[str]:
    """Say the ends for people."""
    return (f"{name:<18}{value}" for name, value in figures.items())


async def run(
    rounds: int,
    messages: int,
    *,
    where: Sequence[Step | None] = EVERYWHERE,
    store: Kind = Kind.SQLITE,
    seed: int = 1,
) -> Ends:
    """Kill a worker in each round while messages pass, then let one end the work.

    Args:
        rounds: How many workers are killed; with each, the database.
        messages: In all rounds.
        where: At which steps the workers die, in turn.
        store: What keeps the messages.
        seed: Of when they die.
    """
    random = Random(seed)  # noqa: S311 (no secret)
    with store_of(store) as kept:
        vendor = Vendor()
        async with vendor.open():
            killing = _Killing(kept, vendor, where, random)
            return await killing.run(rounds, messages)


@attrs.define
class _Killing:
    _store: Store
    _vendor: Vendor
    _where: Sequence[Step | None]
    _random: Random
    _killed: Counter[str] = attrs.field(factory=Counter)

    async def run(self, rounds: int, messages: int) -> Ends:
        started = time.perf_counter()
        never = Failpoint(None, 0)
        async with notifier(self._store.url, self._vendor.base, never) as opened:
            ids: list[str] = []
            share = messages // rounds
            for number in range(rounds):
                more = asyncio.create_task(_enqueued(opened, share))
                await self._round(self._where[number % len(self._where)], share)
                ids += await more
            await self._worked_off(opened)
            known = await _known(opened)
        return self._ends(ids, known, time.perf_counter() - started)

    async def _round(self, step: Step | None, share: int) -> None:
        """Let one worker work until it dies of the step, or is killed anywhere."""
        times = self._random.randint(1, max(1, share // 2))
        worker = await self._worker(step, times)
        end = asyncio.create_task(worker.wait())
        if self._store.is_mortal:
            await self._passed(self._random.randint(0, times), end)
            await self._store.kill()
            self._killed["database"] += 1
        if step is ANYWHERE:
            await self._passed(times, end)
            self._kill(worker)
        await asyncio.wait([end], timeout=LONGEST_LIFE)
        self._kill(worker)
        died = await end == -signal.SIGKILL
        self._killed[step or "anywhere"] += died

    async def _passed(self, many: int, end: asyncio.Task[int]) -> None:
        """Wait until the vendor has so many more messages, or the worker has ended."""
        wanted = self._vendor.accepted.total() + many
        until = time.monotonic() + LONGEST_LIFE
        while not end.done() and time.monotonic() < until:
            if self._vendor.accepted.total() >= wanted:
                return
            await asyncio.sleep(_LOOK)

    async def _worked_off(self, opened: Notifier) -> None:
        """Let a worker that nobody kills do what is left."""
        worker = await self._worker(None, 0)
        while await opened.engine.queue.next_due() is not None:  # noqa: ASYNC110 (another process works)
            await asyncio.sleep(_PAUSE)
        worker.terminate()
        await worker.wait()

    async def _worker(self, step: Step | None, times: int) -> Process:
        given = (self._store.url, self._vendor.base, step or "", str(times))
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.crash.worker"),
            *given,
            stderr=asyncio.subprocess.DEVNULL,
        )

    def _kill(self, worker: Process) -> None:
        if worker.returncode is None:
            worker.kill()

    def _ends(self, ids: list[str], known: list[Result], seconds: float) -> Ends:
        accepted = self._vendor.accepted
        there = {result.id: result for result in known}
        return Ends(
            messages=len(ids),
            killed={str(step): many for step, many in self._killed.items()},
            statuses=dict(Counter(str(r.status) for r in there.values())),
            lost=len(set(ids) - there.keys()) + sum(not r.final for r in known),
            twice=sum(many > 1 for many in accepted.values()),
            invented=sum(r.ok and not accepted[r.id] for r in there.values()),
            unknown_and_there=sum(not r.ok and accepted[r.id] for r in there.values()),
            seconds=round(seconds, 1),
        )


async def _known(opened: Notifier) -> list[Result]:
    """Return everything that is in the store."""
    known: list[Result] = []
    page = await opened.messages(MessageFilter(limit=MOST_AT_ONCE))
    while True:
        known += [record.result() for record in page.records]
        if page.cursor is None:
            return known
        asked = MessageFilter(limit=MOST_AT_ONCE, cursor=page.cursor)
        page = await opened.messages(asked)


async def _enqueued(opened: Notifier, many: int) -> list[str]:
    """Enqueue until so many are acknowledged; return their ids."""
    ids: list[str] = []
    while len(ids) < many:
        try:
            told = await opened.enqueue_all(_parcels(min(BATCH, many - len(ids))))
        except StoreUnavailable:
            await asyncio.sleep(_PAUSE)
            continue
        ids += [result.id for result in told if isinstance(result, Result)]
    return ids


def _parcels(many: int) -> Iterator[Message]:
    for number in range(many):
        text = Content(text=f"Parcel {number} is here.")
        yield Message(to="+8613800138000", content=text)
