"""What is due, and who works on it."""

from __future__ import annotations

import logging
import sqlite3
from collections import deque
from collections.abc import Mapping
from datetime import datetime

from notify_core.outbox.owner import is_gone
from notify_core.outbox.port import Claimed, Lease
from notify_core.outbox.sqlite.messages import URGENT, USUAL, Messages
from notify_core.outbox.sqlite.moments import micros, moment_of
from notify_core.outbox.stored import Unreadable

#: Of so many messages one is of the usual lane, while both have some.
TURNS = 5

_DUE = """
SELECT place FROM messages WHERE lane = ? AND ready_at <= ?
ORDER BY ready_at, place LIMIT ?"""
_LEASE = """
UPDATE messages SET owner = ?, ready_at = ?, epoch = epoch + 1
WHERE place IN (SELECT value FROM json_each(?))"""
_LEASED = """
SELECT place, version, id, epoch FROM messages
WHERE place IN (SELECT value FROM json_each(?))"""
_RENEW = """
UPDATE messages SET ready_at = ?
WHERE id = ? AND epoch = ? AND owner = ?"""
_HAND_BACK = """
UPDATE messages SET ready_at = ?, owner = NULL
WHERE place = ? AND owner IS NOT NULL"""
_OWNERS = """
SELECT DISTINCT owner FROM messages
WHERE lane IN (?, ?) AND ready_at > ? AND ready_at <= ? AND owner IS NOT NULL"""
_END_LEASES = """
UPDATE messages SET ready_at = ?
WHERE lane IN (?, ?) AND ready_at > ? AND ready_at <= ? AND owner = ?"""
_NEXT = "SELECT min(ready_at) FROM messages WHERE lane = ? AND ready_at IS NOT NULL"

log = logging.getLogger("notify_core.outbox")


class Queue:
    """Serves two lanes, four to one."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages
        self._turn = 0
        self._is_first = True

    def claim(
        self, database: sqlite3.Connection, lease: Lease, now: datetime, limit: int
    ) -> list[Claimed]:
        """Lease messages that are due, at first also those of who is gone."""
        if self._is_first:
            self._take_over(database, micros(now), micros(lease.until))
            self._is_first = False
        urgent, usual = (
            deque(database.execute(_DUE, (lane, micros(now), limit)).fetchall())
            for lane in (URGENT, USUAL)
        )
        served = self._served(urgent, usual, limit)
        if not served:
            return []
        places = str(served)
        database.execute(_LEASE, (lease.owner, micros(lease.until), places))
        leased = {row[0]: row for row in database.execute(_LEASED, (places,))}
        claims = [self._claimed(database, *leased[place]) for place in served]
        return [claim for claim in claims if claim is not None]

    def _take_over(self, database: sqlite3.Connection, now: int, latest: int) -> None:
        """End the leases of processes that ended, as a worker that starts again finds.

        They are looked for once: among very many messages that takes a while.
        """
        leased = (URGENT, USUAL, now, latest)
        owners = [owner for (owner,) in database.execute(_OWNERS, leased)]
        for owner in filter(is_gone, owners):
            database.execute(_END_LEASES, (now, *leased, owner))

    def renew(
        self, database: sqlite3.Connection, runs: Mapping[str, int], lease: Lease
    ) -> set[str]:
        """Prolong leases; return the messages whose lease was still held."""
        until = micros(lease.until)
        return {
            message
            for message, epoch in runs.items()
            if database.execute(_RENEW, (until, message, epoch, lease.owner)).rowcount
        }

    def hand_back(self, database: sqlite3.Connection, message: str, epoch: int) -> None:
        """End a run's lease; what is another run's stays that one's."""
        head = self._messages.head(database, message)
        if head is None or head.epoch != epoch:
            return
        work_at = self._messages.record(database, head.place, head.version).work_at
        ready_at = None if work_at is None else micros(work_at)
        database.execute(_HAND_BACK, (ready_at, head.place))

    def next_due(self, database: sqlite3.Connection) -> datetime | None:
        """Return when the next message or lease is due."""
        lanes = (
            database.execute(_NEXT, (lane,)).fetchone() for lane in (URGENT, USUAL)
        )
        times = [ready_at for (ready_at,) in lanes if ready_at is not None]
        return moment_of(min(times)) if times else None

    def _served(
        self, urgent: deque[tuple[int]], usual: deque[tuple[int]], limit: int
    ) -> list[int]:
        served: list[int] = []
        while len(served) < limit and (urgent or usual):
            self._turn = (self._turn + 1) % TURNS
            is_usual = not urgent or (usual and self._turn == 0)
            served.append((usual if is_usual else urgent).popleft()[0])
        return served

    def _claimed(
        self,
        database: sqlite3.Connection,
        place: int,
        version: int,
        message: str,
        epoch: int,
    ) -> Claimed | None:
        try:
            record = self._messages.record(database, place, version)
        except Unreadable as error:
            # It stays leased, so that it does not keep others from their turn.
            log.error("message %s cannot be read: %s", message, error)  # noqa: TRY400 (where it is raised says nothing)
            return None
        return Claimed(record=record, epoch=epoch)
