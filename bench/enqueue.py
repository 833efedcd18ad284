"""Durable adds per second, against a bare group-commit loop.

Both write to a file of their own on the same disk, with `synchronous=FULL`:

* bare: rows made beforehand, the outbox's table and indexes, one thread that takes
  whatever waits and inserts it in one transaction;
* plain: `SqliteOutbox.add` of a record;
* limits: the same with an idempotency key and three limit windows on one counter;
* batches: `SqliteOutbox.add_all` of a thousand records, plain and with limits.

Each round runs all of them in turn; ratios are taken within a round, and the median
of the rounds is shown, since machines are noisy.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from bench.requirement import least
from bench.speed import Rounds, Speed, Watch, medians, ratio
from notify_core import Message, Secret
from notify_core.model.channel import Kind
from notify_core.model.outcome import Reason
from notify_core.model.recipient import Phone
from notify_core.outbox.port import ADDED, Entry
from notify_core.outbox.record import Record
from notify_core.outbox.sqlite import SqliteOutbox
from notify_core.outbox.sqlite.file import File
from notify_core.outbox.sqlite.messages import INSERT, Messages, columns_of
from notify_core.policy.counter_key import keyed_hash
from notify_core.policy.take import CalendarDay, Sliding, Take

AT_ONCE = 64
A_BATCH = 1000
LOOPS = ("bare", "plain", "limits")
#: Of a bare group commit; and messages a second in batches.
REQUIRED = (
    least("of_bare.plain", 0.20),
    least("of_bare.limits", 0.12),
    least("rate.batches", 15_000),
    least("rate.limits_in_batches", 8_000),
)

_KEY = Secret("a hash key of the benchmark")
_WINDOWS = (
    (Sliding(timedelta(minutes=1)), 1),
    (Sliding(timedelta(hours=1)), 5),
    (CalendarDay(ZoneInfo("Asia/Shanghai")), 10),
)
_NUMBERS = count(10_000_000)
_MESSAGES = Messages(keyed_hash(_KEY.reveal().encode()))

Row = tuple[Any, ...]
Add = Callable[[Any], Awaitable[object]]


def record(*, with_key: bool = False) -> Record:
    """Return a verification code to a number of its own, accepted now."""
    address = f"+86138{next(_NUMBERS)}"
    now = datetime.now(UTC)
    message = Message(to=address, template="login-code", params={"code": "1234"})
    if with_key:
        message = attrs.evolve(message, idempotency_key=message.id)
    return Record(
        message=message,
        recipient=Phone(address, "86", "CN"),
        kind=Kind.OTP,
        accepted_at=now,
        deadline=now + timedelta(seconds=20),
        deadline_reason=Reason.DEADLINE_EXCEEDED,
        route="otp-mainland",
        text="您的验证码是：1234。请不要把验证码泄露给其他人。",
    )


def takes(of: Record) -> tuple[Take, ...]:
    """Return what a limit of three windows takes."""
    counter = f"per-number {of.recipient.address}"
    return tuple(Take(counter, window, most) for window, most in _WINDOWS)


def row() -> Row:
    """Return what is inserted of a record."""
    return columns_of(_MESSAGES.new_row(record(), None, None))


@asynccontextmanager
async def bare(folder: Path) -> AsyncIterator[Add]:
    """Give the least that a group commit can be."""
    jobs: SimpleQueue[tuple[Row, asyncio.Future[None]] | None] = SimpleQueue()
    loop = asyncio.get_running_loop()
    database = File(path=folder / "bare.db").open()

    async def add(new: Row) -> None:
        future: asyncio.Future[None] = loop.create_future()
        jobs.put((new, future))
        await future

    thread = Thread(target=_commit_all, args=(database, jobs, loop))
    thread.start()
    yield add
    jobs.put(None)
    thread.join()
    database.close()


def _commit_all(
    database: sqlite3.Connection,
    jobs: SimpleQueue[tuple[Row, asyncio.Future[None]] | None],
    loop: asyncio.AbstractEventLoop,
) -> None:
    while (job := jobs.get()) is not None:
        waiting = [job]
        try:
            while (job := jobs.get_nowait()) is not None:
                waiting.append(job)
        except Empty:
            pass
        database.execute("BEGIN IMMEDIATE")
        database.executemany(INSERT, [new for new, _ in waiting])
        database.execute("COMMIT")
        loop.call_soon_threadsafe(_tell_all, [future for _, future in waiting])


def _tell_all(futures: list[asyncio.Future[None]]) -> None:
    for future in futures:
        future.set_result(None)


async def _measured(add: Add, given: Iterator[Any], many: int, at_once: int) -> Speed:
    async def caller() -> None:
        for one in given:
            await add(one)

    watch = Watch()
    await asyncio.gather(*(caller() for _ in range(at_once)))
    return watch.speed(many)


async def run(many: int, rounds: int, folder: str | None = None) -> dict[str, Any]:
    """Measure everything and return the figures; the files go into *folder*."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with TemporaryDirectory(dir=folder) as here:
        outbox = SqliteOutbox(Path(here) / "notify.db", _KEY)
        async with bare(Path(here)) as add_row:
            await _round(add_row, outbox, A_BATCH)
            table = [await _round(add_row, outbox, many) for _ in range(rounds)]
        await outbox.aclose()
    return {"messages": many, "rounds": rounds, "at_once": AT_ONCE, **_summary(table)}


async def _round(add_row: Add, outbox: SqliteOutbox, many: int) -> dict[str, Speed]:
    rows = [row() for _ in range(many)]
    plain = [record() for _ in range(many)]
    keyed = [record(with_key=True) for _ in range(many)]
    limited = [(one, takes(one)) for one in keyed]
    batches = [Entry(record=record()) for _ in range(many)]
    keyed = [record(with_key=True) for _ in range(many)]
    limited_batches = [Entry(record=one, takes=takes(one)) for one in keyed]

    async def add(one: Record) -> None:
        await outbox.add(one)

    async def add_limited(one: tuple[Record, tuple[Take, ...]]) -> None:
        await outbox.add(*one)

    async def add_all(entries: Sequence[Entry]) -> None:
        additions = await outbox.add_all(entries)
        if any(addition != ADDED for addition in additions):
            raise RuntimeError("not every message of a batch was added")

    return {
        "bare": await _measured(add_row, iter(rows), many, AT_ONCE),
        "plain": await _measured(add, iter(plain), many, AT_ONCE),
        "limits": await _measured(add_limited, iter(limited), many, AT_ONCE),
        "batches": await _measured(add_all, _batches(batches), many, 1),
        "limits_in_batches": await _measured(
            add_all, _batches(limited_batches), many, 1
        ),
    }


def _batches(entries: list[Entry]) -> Iterator[list[Entry]]:
    return (entries[n : n + A_BATCH] for n in range(0, len(entries), A_BATCH))


def _summary(rounds: Rounds) -> dict[str, Any]:
    of_bare = {name: ratio(rounds, name, "bare") for name in LOOPS}
    return {**medians(rounds), "of_bare": of_bare}


def lines(figures: dict[str, Any]) -> Iterator[str]:
    """Say the figures for people."""
    yield "                     per s   of bare  CPU"
    for name, rate in figures["rate"].items():
        of_bare = figures["of_bare"].get(name, "")
        yield f"{name:<18}{rate:>8}{of_bare:>10}{figures['cpu_us'][name]:>8} µs"
