"""What is due, and who works on it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from notify_core.errors import StoreUnavailable
from notify_core.outbox.port import Claimed, Lease
from notify_core.outbox.postgres import engine
from notify_core.outbox.postgres.line import Line
from notify_core.outbox.postgres.messages import Messages
from notify_core.outbox.postgres.rows import URGENT, USUAL, Row
from notify_core.outbox.postgres.server import Connection
from notify_core.outbox.record import Record

#: Of so many messages one is of the usual lane, while both have some.
TURNS = 5

#: How long a message is left alone that somebody else writes just now.
A_MOMENT = timedelta(seconds=0.1)

#: A lease may end by so much earlier or later.
_ABOUT = timedelta(seconds=1)
_NEXT_DUE = f"""
SELECT least(({engine.NEXT_DUE}), (
    SELECT min(work_at) FROM notify_core.messages
    WHERE job IS NULL AND work_at IS NOT NULL))"""  # noqa: S608 (a fixed query)

log = logging.getLogger("notify_core.outbox")


class Claiming:
    """Serves two lanes, four to one."""

    def __init__(self, line: Line, messages: Messages) -> None:
        self._line = line
        self._messages = messages
        self._turn = 0
        #: The heartbeats of claims of which nobody knows whether they count.
        self._lost: list[datetime] = []
        #: Jobs that were ended because their message wanted none.
        self.dropped = 0

    async def claim(self, lease: Lease, now: datetime, limit: int) -> list[Claimed]:
        """Take jobs that are due, and begin runs of their messages.

        Others lock rows before jobs: here it is the other way round, so that nothing
        may be waited for.
        """
        self._lost = [at for at in self._lost if at > now - engine.LEASE]

        async def claim(connection: Connection) -> list[Claimed]:
            await engine.free(connection, lease.owner, self._lost, now)
            taken = await self._taken(connection, lease, now, limit)
            return await self._begun(connection, taken, lease, now) if taken else []

        try:
            return await self._line.run(claim)
        except StoreUnavailable:
            # If it counts, nobody works on what it took: the next one takes it again.
            self._lost.append(_beat(lease, now))
            raise

    async def renew(self, runs: Mapping[str, int], lease: Lease) -> set[str]:
        """Prolong the leases of runs; return the messages that are still theirs."""

        async def renew(connection: Connection) -> set[str]:
            rows = await self._messages.lock(connection, runs)
            own = {
                row.job: message
                for message, row in rows.items()
                if row.job is not None and row.epoch == runs[message]
            }
            held = await engine.held(connection, own, lease.owner)
            await engine.keep(connection, list(held), lease.until)
            return {own[job] for job in held}

        return await self._line.run(renew)

    async def hand_back(self, message: str, epoch: int) -> None:
        """End a run's lease; what is another run's stays that one's."""

        async def hand_back(connection: Connection) -> None:
            row = (await self._messages.lock(connection, [message])).get(message)
            if row is None or row.epoch != epoch or row.job is None:
                return
            if await engine.held(connection, [row.job]):
                due_at = row.work_at or datetime.now().astimezone()
                await engine.put_off(connection, row.job, due_at)
                await engine.announce(connection)

        await self._line.run(hand_back)

    async def next_due(self, connection: Connection) -> datetime | None:
        """Return when the next message or lease is due."""
        due: datetime | None = await connection.fetchval(_NEXT_DUE)
        return due

    async def _taken(
        self, connection: Connection, lease: Lease, now: datetime, limit: int
    ) -> list[engine.Taken]:
        usual = (self._turn + limit) // TURNS - self._turn // TURNS
        self._turn = (self._turn + limit) % TURNS
        owner = lease.owner
        urgent = await engine.take(connection, URGENT, owner, now, limit - usual)
        rest = limit - len(urgent)
        taken = [*urgent, *await engine.take(connection, USUAL, owner, now, rest)]
        if len(urgent) == limit - usual:
            rest = limit - len(taken)
            taken += await engine.take(connection, URGENT, owner, now, rest)
        return taken

    async def _begun(
        self,
        connection: Connection,
        taken: list[engine.Taken],
        lease: Lease,
        now: datetime,
    ) -> list[Claimed]:
        jobs = {job.message: job.job for job in taken}
        rows, bodies = await self._messages.begin(connection, jobs, now)
        if len(rows) < len(taken):
            taken = await self._left_to_others(connection, taken, rows, now)
        begun = [rows[job.message] for job in taken if job.message in bodies]
        refused = [job for job in taken if job.message not in bodies]
        await self._refuse(connection, refused, rows)
        if _beat(lease, now) != now + engine.INSTANT:
            held = [row.job for row in begun if row.job]
            await engine.keep(connection, held, lease.until)
        claims = [self._claimed(row, bodies[row.id]) for row in begun]
        return [claim for claim in claims if claim is not None]

    async def _left_to_others(
        self,
        connection: Connection,
        taken: list[engine.Taken],
        rows: Mapping[str, Row],
        now: datetime,
    ) -> list[engine.Taken]:
        """Put off jobs whose message somebody writes just now; return the rest."""
        missing = [job.message for job in taken if job.message not in rows]
        busy = await self._messages.known(connection, missing)
        for job in taken:
            if job.message in busy:
                await engine.put_off(connection, job.job, now + A_MOMENT)
        return [job for job in taken if job.message not in busy]

    async def _refuse(
        self,
        connection: Connection,
        jobs: Sequence[engine.Taken],
        rows: Mapping[str, Row],
    ) -> None:
        """End jobs that their message does not want, or put them off."""
        ended = []
        for job in jobs:
            row = rows.get(job.message)
            if row is None or row.work_at is None or row.job != job.job:
                ended.append(job.job)
            else:
                await engine.put_off(connection, job.job, row.work_at)
        await engine.finish(connection, ended)
        if ended:
            self.dropped += len(ended)
            log.warning("%d jobs of messages that want none were dropped", len(ended))

    def _claimed(self, row: Row, record: Record | Exception) -> Claimed | None:
        if isinstance(record, Exception):
            # It stays leased, so that it does not keep others from their turn.
            log.error("message %s cannot be read: %s", row.id, record)
            return None
        self._messages.memory.keep(row, record)
        return Claimed(record=record, epoch=row.epoch)


def _beat(lease: Lease, now: datetime) -> datetime:
    """Return the heartbeat of jobs that are taken now with a lease."""
    is_usual = abs(now + engine.LEASE - lease.until) <= _ABOUT
    return now + engine.INSTANT if is_usual else lease.until - engine.LEASE
