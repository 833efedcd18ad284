"""What workers send through PostgreSQL, and how fast messages are enqueued.

The server is one of its own, with `fsync` on; each worker is a process of
`notify worker`, at most 16 messages at once, against a vendor that takes 20 ms. In
each round one worker sends a queue, then two send another; the ratio is taken within
the round, and the median of the rounds is shown. A round before them is not counted.
The time runs from when all workers are at work until the queue is nearly empty.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import attrs

from bench import latency
from bench.disk import fsync_ms
from bench.disk import told as told_disk
from bench.requirement import least, most
from bench.send import numbers
from bench.stub import Stub
from bench.workers import working, written
from notify_core import Notifier
from notify_core.testing.postgres_server import PostgresServer, postgres_server

#: Messages at once in each worker, and the seconds that the vendor takes.
AT_ONCE, VENDOR = 16, 0.020
A_BATCH = 1000
#: Two workers of one, messages a second in batches, milliseconds to a request.
REQUIRED = (
    least("of_one", 1.8),
    least("rate.enqueued", 6000),
    most("late_ms.p50", 10),
    most("late_ms.p99", 50),
)
#: Messages in each queue of a round that is not counted.
WARMING = 2000
#: Parts of a queue before the workers are timed, and when they have been.
FROM, TO = 0.2, 0.9


def run(many: int, rounds: int) -> dict[str, Any]:
    """Measure everything and return the figures."""
    with postgres_server(durable=True) as server:
        return asyncio.run(_measured(server, many, rounds))


async def _measured(server: PostgresServer, many: int, rounds: int) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        measuring = _Measuring(server, Path(folder), numbers())
        # A new server makes the files of its log first, and that takes a while.
        await measuring.round(WARMING)
        table = [await measuring.round(many) for _ in range(rounds)]
    late = await latency.through(measuring.database())
    return {
        "messages": many,
        "rounds": rounds,
        "rate": {n: round(median(r[n] for r in table)) for n in table[0]},
        "ideal": round(AT_ONCE / VENDOR),
        "of_one": round(median(r["two"] / r["one"] for r in table), 2),
        "late_ms": late,
        "fsync_ms": fsync_ms(str(server.folder)),
    }


@attrs.define
class _Measuring:
    _server: PostgresServer
    _folder: Path
    _mobiles: Iterator[str]
    _databases: int = 0

    async def round(self, many: int) -> dict[str, float]:
        one, _ = await self._sent(1, many)
        two, enqueued = await self._sent(2, many)
        return {"one": one, "two": two, "enqueued": enqueued}

    def database(self) -> str:
        """Make a database, so that nothing of before is in the way; give its URL."""
        self._databases += 1
        name = f"bench_{self._databases}"
        self._server.ask(f"CREATE DATABASE {name}")
        return self._server.url(name)

    async def _sent(self, workers: int, many: int) -> tuple[float, float]:
        """Return messages sent a second by so many workers, and enqueued."""
        stub = Stub(VENDOR)
        async with stub.open() as base:
            file = written(self._folder, self.database(), base)
            async with Notifier.from_config(file) as notifier:
                enqueued = await self._enqueued(notifier, many)
            async with AsyncExitStack() as stack:
                starts = (working(file, AT_ONCE) for _ in range(workers))
                await asyncio.gather(*map(stack.enter_async_context, starts))
                return await _timed(stub, many), enqueued

    async def _enqueued(self, notifier: Notifier, many: int) -> float:
        """Return messages enqueued a second, the first batch left out."""
        batches = [
            [latency.message(next(self._mobiles)) for _ in range(A_BATCH)]
            for _ in range(0, many, A_BATCH)
        ]
        await notifier.enqueue_all(batches[0])
        begun = time.perf_counter()
        for batch in batches[1:]:
            await notifier.enqueue_all(batch)
        return (len(batches) - 1) * A_BATCH / (time.perf_counter() - begun)


async def _timed(stub: Stub, many: int) -> float:
    first = await _reached(stub, int(many * FROM))
    last = await _reached(stub, int(many * TO))
    return (last[1] - first[1]) / (last[0] - first[0])


async def _reached(stub: Stub, many: int) -> tuple[float, int]:
    """Return when so many requests had come, and how many then had."""
    while stub.served < many:  # noqa: ASYNC110 (it tells nobody)
        await asyncio.sleep(0.005)
    return time.perf_counter(), stub.served


def lines(figures: dict[str, Any]) -> Iterator[str]:
    """Say the figures for people."""
    for name, rate in figures["rate"].items():
        yield f"{name:<10}{rate:>8} a second"
    yield told_disk(figures["fsync_ms"])
