"""Reloads of a 300-line file while messages are sent.

The load is the same before the reloads and while they follow each other without a
pause: each caller sends to the stub, waits a little, and sends again. The file is
another one each time: other texts, another rate, or a provider under another name.

How long the event loop stood still is how late a timer of one millisecond came. What
the garbage collector held up is shown apart, since it does that without reloads too.
`longest_of_own` leaves out the time that other processes had the processor.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import attrs

from bench import platform
from bench.requirement import most
from notify_core import Message, Notifier
from notify_core.outbox.memory import MemoryOutbox

#: Seconds of the load alone, to compare with.
ALONE = 5.0
#: Callers, and the seconds that each waits between two messages.
AT_ONCE = 16
PAUSE = 0.05
#: Reloads before memory is measured: caches fill, and connections are made.
WARM_UP = 3 * platform.EDITIONS
#: Milliseconds that the loop stands still, messages that are lost, and memory.
REQUIRED = (
    most("during.late_ms.longest_of_own", 20),
    most("lost", 0),
    most("memory", 1.05),
)
#: Messages that the outbox keeps.
KEPT = 500

_TICK = 0.001


@attrs.define
class Load:
    """Callers that send until they are told to stop.

    Their route has no limits: what counters keep for a while would pass for a leak.
    """

    notifier: Notifier
    begun: int = 0
    accepted: int = 0
    #: What the first message that was not accepted says.
    refused: str | None = None
    is_over: bool = False
    _numbers: Iterator[int] = attrs.field(factory=lambda: count(10_000_000))

    async def call(self, delay: float) -> None:
        """Send, wait, and send again."""
        await asyncio.sleep(delay)
        while not self.is_over:
            self.begun += 1
            result = await self.notifier.send(
                Message(
                    to=f"+86138{next(self._numbers)}",
                    template="otp-1",
                    params={"code": "1234", "minutes": "5"},
                    labels={"tenant": "bench"},
                )
            )
            self.accepted += result.ok
            if not result.ok:
                self.refused = self.refused or result.explain()
            await asyncio.sleep(PAUSE)


@attrs.define
class Probe:
    """Measures how late the event loop is, and how long the collector held it up."""

    #: How often it was late by so many tenths of a millisecond: no list that grows.
    late: Counter[int] = attrs.field(factory=Counter)
    longest: float = 0.0
    longest_of_own: float = 0.0
    longest_of_collector: float = 0.0
    #: When the collector began and ended; it may be at it on the other thread.
    _collections: list[tuple[float, float]] = attrs.field(factory=list)

    async def run(self) -> None:
        """Measure until cancelled."""
        gc.callbacks.append(self._note)
        try:
            while True:
                started, cpu = time.perf_counter(), time.process_time()
                await asyncio.sleep(_TICK)
                ended = time.perf_counter()
                held_up = self._held_up(started, ended)
                used = time.process_time() - cpu - held_up
                self._count(max(0.0, ended - started - _TICK - held_up), used, held_up)
        finally:
            gc.callbacks.remove(self._note)

    def figures(self) -> dict[str, float]:
        """Return milliseconds, and begin anew."""
        figures = {
            "median": self._quantile(0.5),
            "p99": self._quantile(0.99),
            "longest": _ms(self.longest),
            "longest_of_own": _ms(self.longest_of_own),
            "longest_of_collector": _ms(self.longest_of_collector),
        }
        self.late.clear()
        self.longest = self.longest_of_own = self.longest_of_collector = 0.0
        return figures

    def _count(self, late: float, used: float, held_up: float) -> None:
        self.late[round(late * 10_000)] += 1
        self.longest = max(self.longest, late)
        self.longest_of_own = max(self.longest_of_own, min(late, used))
        self.longest_of_collector = max(self.longest_of_collector, held_up)

    def _quantile(self, share: float) -> float:
        """Return the milliseconds that this share of the ticks was late by at most."""
        left = self.late.total() * share
        for tenths, times in sorted(self.late.items()):
            left -= times
            if left <= 0:
                return tenths / 10
        return 0.0

    def _held_up(self, started: float, ended: float) -> float:
        """Return the seconds of collections between two times, and forget those."""
        seconds = sum(
            max(0.0, min(end, ended) - max(began, started))
            for began, end in self._collections
        )
        self._collections = [(b, end) for b, end in self._collections if end > ended]
        return seconds

    def _note(self, phase: str, _: dict[str, int]) -> None:
        now = time.perf_counter()
        if phase == "start":
            self._collections.append((now, float("inf")))
        elif self._collections:
            self._collections[-1] = (self._collections[-1][0], now)


async def run(base: str, reloads: int) -> dict[str, Any]:
    """Measure, and return the figures."""
    with TemporaryDirectory() as folder:
        file = platform.write(Path(folder), base)
        outbox = MemoryOutbox(KEPT)
        async with Notifier.from_config(file, outbox=outbox) as notifier:
            return await _measured(notifier, base, reloads)


async def _measured(notifier: Notifier, base: str, reloads: int) -> dict[str, Any]:
    load = Load(notifier)
    async with _under(load), _probed() as probe:
        await _reload(notifier, base, range(WARM_UP))
        probe.figures()
        alone, memory = await _alone(load, probe), _resident()
        sent = load.accepted
        seconds = await _reload(notifier, base, range(reloads))
        during = {
            "sent_per_second": round((load.accepted - sent) / sum(seconds)),
            "late_ms": probe.figures(),
        }
        grown = _resident() / memory
    return {
        "lines": platform.LINES,
        "reloads": reloads,
        "reload_ms": _ms(median(seconds)),
        "alone": alone,
        "during": during,
        "sent": load.accepted,
        "lost": load.begun - load.accepted,
        "refused": load.refused,
        "memory": round(grown, 3),
        "memory_mib": round(memory / 2**20, 1),
    }


async def _alone(load: Load, probe: Probe) -> dict[str, Any]:
    """Return the figures of the load without a reload."""
    before = load.accepted
    await asyncio.sleep(ALONE)
    sent = load.accepted - before
    return {"sent_per_second": round(sent / ALONE), "late_ms": probe.figures()}


async def _reload(notifier: Notifier, base: str, editions: range) -> list[float]:
    """Reload each edition, and return the seconds that each took."""
    folder, seconds = Path(notifier.snapshot.file or "").parent, []
    for edition in editions:
        platform.write(folder, base, edition + 1)
        started = time.perf_counter()
        await notifier.reload()
        seconds.append(time.perf_counter() - started)
    return seconds


@asynccontextmanager
async def _under(load: Load) -> AsyncIterator[None]:
    delays = (PAUSE * n / AT_ONCE for n in range(AT_ONCE))
    callers = [asyncio.create_task(load.call(delay)) for delay in delays]
    yield
    load.is_over = True
    await asyncio.gather(*callers)


@asynccontextmanager
async def _probed() -> AsyncIterator[Probe]:
    probe = Probe()
    running = asyncio.create_task(probe.run())
    yield probe
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def _resident() -> int:
    """Return the bytes of this process that are in memory and in use."""
    gc.collect()
    with suppress(AttributeError, OSError):  # what the C library keeps free
        ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def lines(figures: dict[str, Any]) -> Iterator[str]:
    """Say the figures for people."""
    alone, during = figures["alone"], figures["during"]
    yield f"{'alone':>37}{'during':>9}"
    sent = (figure["sent_per_second"] for figure in (alone, during))
    yield "{:<28}{:>9}{:>9}".format("sent per s", *sent)
    for name, was in alone["late_ms"].items():
        yield f"late, {name:<22}{was:>9}{during['late_ms'][name]:>9} ms"
    yield f"{figures['reloads']} reloads of {figures['reload_ms']} ms"
    yield f"{figures['sent']} sent"


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
