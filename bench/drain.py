"""What one worker sends of what is enqueued, against the plain bare aiohttp loop.

Both make the same requests of the same stub, 64 at once, on one core. The worker takes
its messages out of an SQLite outbox with `synchronous=FULL`, and records each attempt
before it is written and its answer afterwards. Enqueueing is not counted: it is what
`python -m bench enqueue` measures.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.disk import told as told_disk
from bench.language import configuration
from bench.latency import message
from bench.requirement import least, most
from bench.send import numbers, plain, provider
from bench.speed import Rounds, Speed, Watch, medians, ratio
from notify_core import Notifier, Secret
from notify_core.cli.garbage import collected_seldom
from notify_core.worker import Worker

AT_ONCE = 64
#: Of a bare loop; and the milliseconds to a message's request.
REQUIRED = (least("of_plain", 0.75), most("late_ms.p50", 5), most("late_ms.p99", 20))


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

    watch = Watch()
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return watch.speed(many // AT_ONCE * AT_ONCE)


async def _drained(notifier: Notifier, mobiles: Iterator[str], many: int) -> Speed:
    for _ in range(0, many, 500):
        await notifier.enqueue_all([message(next(mobiles)) for _ in range(500)])
    worker = Worker(notifier, concurrency=AT_ONCE)
    queued = -(-many // 500) * 500
    watch = Watch()
    with collected_seldom():  # as `notify worker` does
        async with worker:
            while worker.worked < queued:  # noqa: ASYNC110 (it tells nobody)
                await asyncio.sleep(0.005)
    return watch.speed(queued)


def _summary(rounds: Rounds) -> dict[str, Any]:
    return {**medians(rounds), "of_plain": ratio(rounds, "worker", "plain")}


def lines(figures: dict[str, Any]) -> Iterator[str]:
    """Say the figures for people."""
    for name, rate in figures["rate"].items():
        yield f"{name:<10}{rate:>8} a second {figures['cpu_us'][name]:>8} µs CPU"
    yield told_disk(figures["fsync_ms"])
