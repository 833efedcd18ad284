"""What one worker sends of what is enqueued, against the plain bare aiohttp loop.

Both make the same requests of the same stub, 64 at once, on one core. The worker takes
its messages out of an SQLite outbox with `synchronous=FULL`, and records each attempt
before it is written and its answer afterwards. Enqueueing is not counted: it is what
`python -m bench enqueue` measures.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bench.language import configuration
from bench.latency import message
from bench.send import Speed, numbers, plain, provider
from notify_core import Notifier, Secret
from notify_core.worker import Worker

AT_ONCE = 64


async def run(
    base: str, many: int, rounds: int, folder: str | None = None
) -> dict[str, Any]:
    """Measure both in turn."""
    mobiles = numbers()
    with TemporaryDirectory(dir=folder) as place:
        path = Path(place, "notify.db")
        async with plain(base) as send, _notifier(base, path) as notifier:
            await _drained(notifier, mobiles, many // 4)
            speeds = [
                {
                    "plain": await _sent(send, mobiles, many),
                    "worker": await _drained(notifier, mobiles, many),
                }
                for _ in range(rounds)
            ]
    return {"messages": many, "rounds": rounds, **_summary(speeds)}


@asynccontextmanager
async def _notifier(base: str, path: Path) -> AsyncIterator[Notifier]:
    durable = {
        "outbox": {"url": f"sqlite:///{path}"},
        "privacy": {"hash_key": Secret("the hash key of a benchmark")},
    }
    least = configuration(provider(base), routes=0, policies=0)
    async with Notifier.from_config({**least, **durable}) as notifier:
        yield notifier


async def _sent(send: Any, mobiles: Iterator[str], many: int) -> Speed:
    async def worker() -> None:
        for _ in range(many // AT_ONCE):
            await send(next(mobiles))

    with _timed() as timed:
        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return timed.speed(many // AT_ONCE * AT_ONCE)


async def _drained(notifier: Notifier, mobiles: Iterator[str], many: int) -> Speed:
    for _ in range(0, many, 500):
        await notifier.enqueue_all([message(next(mobiles)) for _ in range(500)])
    worker = Worker(notifier, concurrency=AT_ONCE)
    queued = -(-many // 500) * 500
    with _timed() as timed:
        async with worker:
            while worker.worked < queued:  # noqa: ASYNC110 (it tells nobody)
                await asyncio.sleep(0.005)
    return timed.speed(queued)


class _Timed:
    def __enter__(self) -> _Timed:
        self._started, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self._seconds = time.perf_counter() - self._started
        self._used = time.process_time() - self._cpu

    def speed(self, many: int) -> Speed:
        return Speed(rate=many / self._seconds, cpu=self._used / many * 1e6)


_timed = _Timed


def _summary(speeds: list[dict[str, Speed]]) -> dict[str, Any]:
    return {
        "rate": {n: round(median(s[n].rate for s in speeds)) for n in speeds[0]},
        "cpu_us": {n: round(median(s[n].cpu for s in speeds), 1) for n in speeds[0]},
        "of_plain": round(
            median(s["worker"].rate / s["plain"].rate for s in speeds), 2
        ),
    }
