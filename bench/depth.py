"""Claims, counts and a worker's memory when very many messages are queued.

Each store is filled with copies of one enqueued message, by its own SQL. Then a process
of `notify worker` sends the first of them, and its greatest memory until then is read;
then messages are claimed, 16 at once, and counted. Both depths do exactly the same.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no types

from bench.latency import message
from bench.requirement import most
from bench.stub import Stub
from bench.workers import working, written
from notify_core import Notifier
from notify_core.outbox.port import DurableOutbox, Lease
from notify_core.testing.postgres_server import postgres_server

#: Messages in the shallow queue; those that the worker sends, and those in each claim.
SHALLOW, SENT, A_CLAIM = 1000, 400, 16
#: What very many messages may cost of what a thousand cost.
REQUIRED = tuple(
    most(f"{store}.ratio.{figure}", 1.5)
    for store in ("sqlite", "postgres")
    for figure in ("claim_ms", "memory_mb")
)
_CLAIMS = 20
#: What a copy has of its own; its id has the length of every id.
_OWN = frozenset({"place", "id", "job", "facts"})
_COPY_SQLITE = """
WITH RECURSIVE copies (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < ?)
INSERT INTO messages (id, facts, {columns})
SELECT printf('%s%07d', substr(id, 1, 19), n),
    replace(facts, id, printf('%s%07d', substr(id, 1, 19), n)), {columns}
FROM copies, (SELECT * FROM messages LIMIT 1)"""
_COPY_JOBS = """
INSERT INTO notify_core.pgqueuer
    (priority, status, entrypoint, dedupe_key, payload, execute_after)
SELECT priority, status, entrypoint, own, own::bytea, execute_after
FROM (SELECT * FROM notify_core.pgqueuer LIMIT 1) AS first,
    (SELECT substr(id, 1, 19) || lpad(n::text, 7, '0') AS own
     FROM (SELECT id FROM notify_core.messages LIMIT 1) AS first,
        generate_series(1, {many}) AS n) AS copies"""
_COPY_POSTGRES = """
INSERT INTO notify_core.messages (id, job, facts, {columns})
SELECT dedupe_key, job.id, replace(facts, first.id, dedupe_key), {columns}
FROM (SELECT * FROM notify_core.messages LIMIT 1) AS first,
    (SELECT id, dedupe_key FROM notify_core.pgqueuer) AS job
WHERE dedupe_key <> first.id"""
_COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_schema = 'notify_core' AND table_name = 'messages'"""

NewOutbox = Callable[[], str]
Copy = Callable[[str, int], Awaitable[None]]


async def run(deep: int, folder: str | None = None) -> dict[str, Any]:
    """Measure both stores at both depths."""
    table: dict[str, Any] = {"messages": {"shallow": SHALLOW, "deep": deep}}
    for name, store in (("sqlite", _sqlite(folder)), ("postgres", _postgres())):
        with store as (outbox, copy):
            depths = {
                "shallow": await _measured(outbox(), copy, SHALLOW),
                "deep": await _measured(outbox(), copy, deep),
            }
        table[name] = {**depths, "ratio": _ratios(depths)}
    return table


@contextmanager
def _sqlite(folder: str | None) -> Iterator[tuple[NewOutbox, Copy]]:
    with TemporaryDirectory(dir=folder) as here:
        names = iter(("shallow", "deep"))

        def outbox() -> str:
            return f"sqlite:///{here}/{next(names)}.db"

        yield outbox, _copy_in_sqlite


@contextmanager
def _postgres() -> Iterator[tuple[NewOutbox, Copy]]:
    with postgres_server(durable=True) as server:
        names = iter(("shallow", "deep"))

        def outbox() -> str:
            server.ask(f"CREATE DATABASE {(name := next(names))}")
            return server.url(name)

        yield outbox, _copy_in_postgres


async def _copy_in_sqlite(outbox: str, many: int) -> None:
    database = sqlite3.connect(outbox.removeprefix("sqlite:///"))
    known = [row[1] for row in database.execute("PRAGMA table_info(messages)")]
    columns = ", ".join(name for name in known if name not in _OWN)
    with database:
        database.execute(_COPY_SQLITE.format(columns=columns), (many,))
    database.close()


async def _copy_in_postgres(outbox: str, many: int) -> None:
    connection = await asyncpg.connect(outbox)
    known = [row[0] for row in await connection.fetch(_COLUMNS)]
    columns = ", ".join(name for name in known if name not in _OWN)
    await connection.execute(_COPY_JOBS.format(many=many))
    await connection.execute(_COPY_POSTGRES.format(columns=columns))
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def _measured(outbox: str, copy: Copy, many: int) -> dict[str, float]:
    stub = Stub()
    async with stub.open() as base:
        with TemporaryDirectory() as folder:
            file = written(Path(folder), outbox, base, deadline="1d")
            async with Notifier.from_config(file) as notifier:
                await notifier.enqueue(message("13800138000"))
            await copy(outbox, many - 1)
            memory = await _memory(file, stub)
            async with Notifier.from_config(file) as notifier:
                return {"memory_mb": memory, **await _times(notifier.engine.queue)}


async def _memory(file: Path, stub: Stub) -> float:
    """Return the most memory that a worker had until it sent so many messages."""
    async with working(file, A_CLAIM) as pid:
        while stub.served < SENT:  # noqa: ASYNC110 (it tells nobody)
            await asyncio.sleep(0.005)
        return _peak_mb(pid)


def _peak_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    (peak,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return round(int(peak.split()[1]) * 1024 / 1e6, 1)


async def _times(outbox: DurableOutbox) -> dict[str, float]:
    claims = [await _claimed(outbox) for _ in range(_CLAIMS)]
    begun = time.perf_counter()
    await outbox.counts()
    counted = time.perf_counter() - begun
    return {
        "claim_ms": round(median(claims) * 1000, 2),
        "counts_ms": round(counted * 1000, 2),
    }


async def _claimed(outbox: DurableOutbox) -> float:
    now = datetime.now(UTC)
    lease = Lease(owner="bench", until=now + timedelta(seconds=15))
    begun = time.perf_counter()
    claims = await outbox.claim(lease, now, A_CLAIM)
    seconds = time.perf_counter() - begun
    if len(claims) != A_CLAIM:
        raise RuntimeError(f"{len(claims)} messages were claimed")
    return seconds


def _ratios(depths: dict[str, dict[str, float]]) -> dict[str, float]:
    shallow, deep = depths["shallow"], depths["deep"]
    wanted = ("claim_ms", "memory_mb")
    return {name: round(deep[name] / shallow[name], 2) for name in wanted}


def lines(figures: dict[str, Any]) -> Iterator[str]:
    """Say the figures for people."""
    for store in ("sqlite", "postgres"):
        at = figures[store]
        for name, shallow in at["shallow"].items():
            yield f"{store:<10}{name:<10}{shallow:>9}{at['deep'][name]:>9}"
