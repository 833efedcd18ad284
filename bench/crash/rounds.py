"""Rounds of killing: messages come, workers die, and in the end nothing is missing."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from random import Random
from tempfile import TemporaryDirectory

import attrs

from bench.crash.failpoint import Failpoint, Step
from bench.crash.vendor import Vendor
from bench.crash.worker import notifier
from notify_core.model.message import Content, Message
from notify_core.model.result import Result
from notify_core.notifier import Notifier

#: Seconds after which a worker that has not died by itself is killed.
LONGEST_LIFE = 10.0
#: Messages that are enqueued in one step.
BATCH = 100


@attrs.frozen(kw_only=True)
class Ends:
    """What became of the messages."""

    messages: int
    #: How often a worker was killed, by the step.
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


async def run(rounds: int, messages: int, seed: int = 1) -> Ends:
    """Kill a worker in each round while messages pass, then let one end the work."""
    with TemporaryDirectory() as folder:
        vendor = Vendor()
        async with vendor.open():
            killing = _Killing(f"sqlite:///{folder}/crash.db", vendor)
            return await killing.run(rounds, messages, Random(seed))  # noqa: S311 (no secret)


@attrs.define
class _Killing:
    _outbox: str
    _vendor: Vendor
    _killed: Counter[str] = attrs.field(factory=Counter)

    async def run(self, rounds: int, messages: int, random: Random) -> Ends:
        started = time.perf_counter()
        never = Failpoint(None, 0)
        async with notifier(self._outbox, self._vendor.base, never) as opened:
            ids: list[str] = []
            share = messages // rounds
            for number in range(rounds):
                more = asyncio.create_task(_enqueued(opened, share))
                await self._round(tuple(Step)[number % len(Step)], share, random)
                ids += await more
            await self._worked_off(opened)
            known = [await opened.get(message) for message in ids]
        return self._ends(ids, known, time.perf_counter() - started)

    async def _round(self, step: Step, share: int, random: Random) -> None:
        """Let one worker work until it dies of the step, or is killed anywhere."""
        worker = await self._worker(step, random.randint(1, max(1, share // 2)))
        try:
            await asyncio.wait_for(worker.wait(), LONGEST_LIFE)
        except TimeoutError:
            worker.kill()
            await worker.wait()
            self._killed["anywhere"] += 1
        else:
            self._killed[step] += worker.returncode == -signal.SIGKILL

    async def _worked_off(self, opened: Notifier) -> None:
        """Let a worker that nobody kills do what is left."""
        worker = await self._worker("", 0)
        while await opened.engine.queue.next_due() is not None:  # noqa: ASYNC110 (another process works)
            await asyncio.sleep(0.05)
        worker.terminate()
        await worker.wait()

    async def _worker(self, step: str, times: int) -> asyncio.subprocess.Process:
        given = (self._outbox, self._vendor.base, step, str(times))
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.crash.worker"),
            *given,
            stderr=asyncio.subprocess.DEVNULL,
        )

    def _ends(self, ids: list[str], known: list[Result | None], seconds: float) -> Ends:
        accepted = self._vendor.accepted
        there = {r.id: r for r in known if r is not None}
        return Ends(
            messages=len(ids),
            killed={str(step): many for step, many in self._killed.items()},
            statuses=dict(Counter(str(r.status) for r in there.values())),
            lost=sum(i not in there or not there[i].final for i in ids),
            twice=sum(many > 1 for many in accepted.values()),
            invented=sum(r.ok and not accepted[r.id] for r in there.values()),
            unknown_and_there=sum(not r.ok and accepted[r.id] for r in there.values()),
            seconds=round(seconds, 1),
        )


async def _enqueued(opened: Notifier, many: int) -> list[str]:
    ids: list[str] = []
    for batch in _batches(many):
        told = await opened.enqueue_all(batch)
        ids += [result.id for result in told if isinstance(result, Result)]
    return ids


def _batches(many: int) -> Iterator[list[Message]]:
    for begin in range(0, many, BATCH):
        yield [
            Message(to="+8613800138000", content=Content(text=f"Parcel {n} is here."))
            for n in range(begin, min(begin + BATCH, many))
        ]
