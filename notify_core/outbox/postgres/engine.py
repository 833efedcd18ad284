"""The work queue, by PgQueuer: one job for each message that is due soon.

A job says only that its message may have become due; what is to be done stands in the
message's row. While a worker has the job, its heartbeat is the message's lease.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import attrs
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
)
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.models import Job as EngineJob
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.domain.types import (
    Channel,
    JobId,
    QueueEntrypoint,
    QueueManagerId,
)
from pgqueuer.ports.repository import EntrypointExecutionParameter

from notify_core.outbox.port import Lease
from notify_core.outbox.postgres.server import Connection

#: The library's version: another one may have other tables.
VERSION = version("pgqueuer")
#: Where the database tells of new jobs.
CHANNEL = "notify_core"
#: PgQueuer asks for what was due before now; we for what is due now.
INSTANT = timedelta(microseconds=1)
#: A lease is a heartbeat so long before its end: a job that is taken has at once the
#: lease that workers want.
LEASE = timedelta(seconds=15) - INSTANT
#: Priorities count seconds backwards from here: what is due first goes first.
_LATEST = datetime(2088, 1, 1, tzinfo=UTC)
_HIGHEST = 2**31 - 1

#: What the library reads from the environment is the host's, not ours.
_SETTINGS = DBSettings(
    prefix="",
    db_schema="notify_core",
    channel=Channel(CHANNEL),
    function="fn_pgqueuer_changed",
    statistics_table="pgqueuer_statistics",
    queue_status_type="pgqueuer_status",
    queue_table="pgqueuer",
    queue_table_log="pgqueuer_log",
    trigger="tg_pgqueuer_changed",
    schedules_table="pgqueuer_schedules",
    durability=Durability.balanced,
)
_ENVIRONMENT = QueryBuilderEnvironment(_SETTINGS)
_BUILDER = QueryQueueBuilder(_SETTINGS)
_LANES = ("urgent", "usual")
_UNLIMITED = EntrypointExecutionParameter(concurrency_limit=0)

# Only new jobs are told of: the end of one makes nothing due. A commit that tells
# something waits for all others that do, and wakes every worker.
_QUIET = """
DROP TRIGGER IF EXISTS tg_pgqueuer_changed ON notify_core.pgqueuer;
CREATE TRIGGER tg_pgqueuer_changed AFTER INSERT ON notify_core.pgqueuer
    EXECUTE FUNCTION notify_core.fn_pgqueuer_changed();"""
# The library has no call for these.
_HAND_OVER = """
UPDATE notify_core.pgqueuer
SET status = 'picked', queue_manager_id = owner, heartbeat = beat, updated = beat
FROM unnest($1::bigint[], $2::uuid[], $3::timestamptz[]) AS given (job, owner, beat)
WHERE id = job"""
_FREE = """
UPDATE notify_core.pgqueuer SET status = 'queued', execute_after = $3, updated = $3
WHERE status = 'picked' AND queue_manager_id = $1 AND heartbeat = ANY ($2)"""
_JOBS_OF = """
SELECT dedupe_key, id FROM notify_core.pgqueuer
WHERE dedupe_key = ANY ($1) AND status IN ('queued', 'picked')"""
_HELD = """
SELECT id FROM notify_core.pgqueuer
WHERE id = ANY ($1) AND status = 'picked'
    AND ($2::uuid IS NULL OR queue_manager_id = $2)"""
#: When the next job is due, or the next lease ends.
NEXT_DUE = f"""
SELECT least(
    (SELECT min(execute_after) FROM notify_core.pgqueuer
        WHERE status = 'queued' AND entrypoint = 'urgent'),
    (SELECT min(execute_after) FROM notify_core.pgqueuer
        WHERE status = 'queued' AND entrypoint = 'usual'),
    (SELECT min(heartbeat) FROM notify_core.pgqueuer WHERE status = 'picked')
        + interval '{LEASE.total_seconds():f} seconds')"""  # noqa: S608 (a fixed query)


@attrs.frozen
class Due:
    """A message that needs a job."""

    message: str
    #: 0: critical and high; 1: the rest.
    lane: int
    at: datetime


@attrs.frozen
class Taken:
    """A job that is somebody's now."""

    job: int
    message: str


async def install(connection: Connection) -> None:
    """Make the library's tables, with settings for rows that come and go."""
    queries = _queries(connection)
    await queries.install()
    await queries.optimize_autovacuum()
    await connection.execute(_QUIET)


async def upgrade(connection: Connection) -> None:
    """Bring the library's tables up to its version."""
    await _queries(connection).upgrade()
    await connection.execute(_QUIET)


async def add(connection: Connection, dues: Sequence[Due]) -> list[int]:
    """Make a job for each message, or return the one that it has."""
    if not dues:
        return []
    first = min(due.at for due in dues)
    made = await _queries(connection, first).enqueue(
        [_LANES[due.lane] for due in dues],
        [due.message.encode() for due in dues],
        [_priority(due.at) for due in dues],
        [due.at - first for due in dues],
        [due.message for due in dues],
        on_conflict="skip",
    )
    if None not in made:
        return [int(job) for job in made if job is not None]
    rows = await connection.fetch(_JOBS_OF, [due.message for due in dues])
    known = dict(rows)
    return [known[due.message] for due in dues]


async def hand_over(connection: Connection, jobs: Mapping[int, Lease]) -> None:
    """Give jobs that nobody has to owners."""
    if jobs:
        owners = [_worker(lease.owner) for lease in jobs.values()]
        beats = [lease.until - LEASE for lease in jobs.values()]
        await connection.execute(_HAND_OVER, list(jobs), owners, beats)


async def take(
    connection: Connection, lane: int, owner: str, now: datetime, limit: int
) -> list[Taken]:
    """Take jobs that are due, or whose lease has ended."""
    if limit < 1:
        return []
    jobs = await _queries(connection, now + INSTANT).dequeue(
        batch_size=limit,
        entrypoints={QueueEntrypoint(_LANES[lane]): _UNLIMITED},
        queue_manager_id=_worker(owner),
        global_concurrency_limit=None,
        heartbeat_timeout=LEASE,
    )
    return [Taken(int(job.id), (job.payload or b"").decode()) for job in jobs]


async def free(
    connection: Connection, owner: str, beats: Sequence[datetime], now: datetime
) -> None:
    """Let an owner's jobs with these heartbeats be due, and be nobody's."""
    if beats:
        await connection.execute(_FREE, _worker(owner), list(beats), now)


async def keep(connection: Connection, jobs: Sequence[int], until: datetime) -> None:
    """Let the lease of jobs end at that time."""
    ids = [JobId(job) for job in jobs]
    await _queries(connection, until - LEASE).update_heartbeat(ids)


async def held(
    connection: Connection, jobs: Iterable[int], owner: str | None = None
) -> set[int]:
    """Return those of the jobs that somebody has, or this owner."""
    worker = None if owner is None else _worker(owner)
    return {row[0] for row in await connection.fetch(_HELD, list(jobs), worker)}


async def put_off(connection: Connection, job: int, to: datetime) -> None:
    """Let a job be due at that time, and be nobody's."""
    retried = EngineJob.model_construct(id=JobId(job))
    await _queries(connection, to).retry_job(retried, timedelta(0), None)


async def finish(connection: Connection, jobs: Sequence[int]) -> None:
    """End jobs."""
    if jobs:
        ended = [EngineJob.model_construct(id=JobId(job)) for job in jobs]
        await _queries(connection).log_jobs(
            [(job, "successful", None) for job in ended]
        )


async def announce(connection: Connection) -> None:
    """Tell those who wait that a job that was there before may be due."""
    await connection.execute("SELECT pg_notify($1, '')", CHANNEL)


async def forget_history(connection: Connection) -> None:
    """Clear the library's log: the messages themselves say what happened."""
    await _queries(connection).clear_queue_log(list(_LANES))


def _queries(connection: Connection, now: datetime | None = None) -> Queries:
    return Queries(_Timed(connection, now), qbe=_ENVIRONMENT, qbq=_BUILDER)


class _Timed(AsyncpgDriver):
    """Lets the library's statements run at the outbox's time, not the server's.

    Everything about a message is then by one clock, as in every other outbox.
    """

    def __init__(self, connection: Connection, now: datetime | None) -> None:
        self._connection: Any = connection
        self._now = now
        self._shutdown = asyncio.Event()

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        """Return the rows of a query."""
        timed, given = self._timed(query, args)
        return [dict(row) for row in await self._connection.fetch(timed, *given)]

    async def execute(self, query: str, *args: object) -> str:
        """Run a statement."""
        timed, given = self._timed(query, args)
        done: str = await self._connection.execute(timed, *given)
        return done

    def _timed(
        self, query: str, args: tuple[object, ...]
    ) -> tuple[str, tuple[object, ...]]:
        if self._now is None or "NOW()" not in query:
            return query, args
        now = f"${len(args) + 1}::timestamptz"
        return query.replace("NOW()", now), (*args, self._now)


def _worker(owner: str) -> QueueManagerId:
    return QueueManagerId(UUID(bytes=uuid5(NAMESPACE_OID, owner).bytes))


def _priority(due_at: datetime) -> int:
    return max(0, min(_HIGHEST, int((_LATEST - due_at).total_seconds())))
