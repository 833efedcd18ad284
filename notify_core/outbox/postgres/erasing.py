"""Erasing what was kept long enough, and whom nobody is to know any more."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import partial

from notify_core.outbox.port import Change
from notify_core.outbox.postgres import inbound
from notify_core.outbox.postgres.changing import Changing, Wanted
from notify_core.outbox.postgres.line import Line
from notify_core.outbox.postgres.messages import Messages
from notify_core.outbox.postgres.server import Connection
from notify_core.outbox.retention import AT_ONCE, Retention, Stage, erased, forgotten
from notify_core.outbox.stored import Unreadable

#: What cannot be read is looked at again after so long.
LATER = timedelta(days=1)

_DUE = """
SELECT id FROM notify_core.messages WHERE erasure = $1 AND erasure_from <= $2
ORDER BY erasure_from LIMIT $3"""
_POSTPONE = """
UPDATE notify_core.messages SET erasure_from = erasure_from + $1 WHERE id = ANY ($2)"""
_OF = "SELECT id FROM notify_core.messages WHERE address = $1 LIMIT $2"
_UNLINK = "UPDATE notify_core.messages SET address = NULL WHERE id = ANY ($1)"
_PURGE = """
DELETE FROM notify_core.parked WHERE place IN (
    SELECT place FROM notify_core.parked WHERE received_at <= $1
    ORDER BY received_at LIMIT $2)"""
_UNPARK = "DELETE FROM notify_core.parked WHERE address = $1"

log = logging.getLogger("notify_core.outbox")


class Erasing:
    """Changes records whoever works on them."""

    def __init__(self, messages: Messages, changing: Changing) -> None:
        self._messages = messages
        self._changing = changing

    async def erase(
        self, connection: Connection, retention: Retention, now: datetime, limit: int
    ) -> int:
        """Erase of so many records at most; return how many."""
        done = 0
        for stage in Stage:
            span = retention.span(stage)
            if span is not None:
                due = (stage, now - span, limit - done)
                done += await self._erase(connection, due)
        old = now - retention.content
        done += _many(await connection.execute(_PURGE, old, limit - done))
        return done + await inbound.purge(connection, old, limit - done)

    async def forget(self, line: Line, address: str) -> int:
        """Erase whom a keyed hash stands for; return of how many messages."""
        done, step = 0, partial(self._forget_some, address=address)
        while (some := await line.run(step)) == AT_ONCE:
            done += some
        return done + some

    async def _erase(
        self, connection: Connection, due: tuple[Stage, datetime, int]
    ) -> int:
        ids = [row[0] for row in await connection.fetch(_DUE, *due)]
        if not ids:
            return 0
        wanted = [Wanted(message, erased, None) for message in ids]
        results = await self._changing(connection, wanted)
        whole = [r for r in results if isinstance(r, Change) and r.after is r.before]
        await self._remove(connection, whole)
        await _postpone(connection, dict(zip(ids, results, strict=True)))
        return len(ids)

    async def _remove(self, connection: Connection, changes: list[Change]) -> None:
        records = {change.before.message.id: change.before for change in changes}
        if records:
            rows = await self._messages.lock(connection, records)
            removed = [(row, records[row.id]) for row in rows.values()]
            await self._messages.remove(connection, removed)

    async def _forget_some(self, connection: Connection, address: str) -> int:
        found = await connection.fetch(_OF, address, AT_ONCE)
        ids = [row[0] for row in found]
        wanted = [Wanted(message, forgotten, None) for message in ids]
        for result in await self._changing(connection, wanted):
            if isinstance(result, Exception):
                raise result
        await connection.execute(_UNLINK, ids)
        await connection.execute(_UNPARK, address)
        await inbound.forget(connection, address)
        return len(ids)


async def _postpone(
    connection: Connection, results: dict[str, Change | Exception]
) -> None:
    failed = {m: r for m, r in results.items() if isinstance(r, Exception)}
    for message, error in failed.items():
        if not isinstance(error, Unreadable):
            raise error
        log.error("message %s cannot be erased: %s", message, error)
    if failed:
        await connection.execute(_POSTPONE, LATER, list(failed))


def _many(done: str) -> int:
    return int(done.removeprefix("DELETE "))
