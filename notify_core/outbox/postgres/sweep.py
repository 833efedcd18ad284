"""What is looked after once a minute, by one process at a time."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from notify_core.outbox.postgres import engine
from notify_core.outbox.postgres.moment import AHEAD
from notify_core.outbox.postgres.server import Connection

#: How often, by the time that callers name.
EVERY = timedelta(minutes=1)
#: What counts no more is kept a little longer: clocks differ, messages wait.
GRACE = timedelta(minutes=10)
#: Rows of each table at a time.
AT_ONCE = 2000
#: The number of the advisory lock: any, and always this.
_LOCK = 7_306_014_526_178_275_445

_MINE = "SELECT pg_try_advisory_xact_lock($1)"
_SOON = """
SELECT place, id, lane, work_at FROM notify_core.messages
WHERE job IS NULL AND work_at <= $1 ORDER BY work_at LIMIT $2
FOR UPDATE SKIP LOCKED"""
# Who lost their job stay due, so that they are among the first before long.
_ORPHANS = """
SELECT place, id, lane, work_at FROM (
    SELECT place, job FROM notify_core.messages
    WHERE job IS NOT NULL AND work_at <= $1 ORDER BY work_at LIMIT $2) AS first
JOIN notify_core.messages USING (place)
WHERE NOT EXISTS (SELECT FROM notify_core.pgqueuer WHERE pgqueuer.id = first.job)
FOR UPDATE OF messages SKIP LOCKED"""
_EMPLOY = """
UPDATE notify_core.messages SET job = row.job
FROM unnest($1::bigint[], $2::bigint[]) AS row (place, job)
WHERE messages.place = row.place"""
_TIDY = tuple(
    f"DELETE FROM notify_core.{table} WHERE ctid = ANY (ARRAY("  # noqa: S608 (fixed names)
    f"SELECT ctid FROM notify_core.{table} WHERE {ends} <= $1 LIMIT $2 "
    "FOR UPDATE SKIP LOCKED))"
    for table, ends in (("takings", "ends_at"), ("keys", "ends_at"), ("holds", "until"))
)
# What connections counted that have ended; a new one of the same number goes on there.
_SUM_UP = """
WITH gone AS (
    DELETE FROM notify_core.tallies
    WHERE backend <> 0 AND backend NOT IN (SELECT pid FROM pg_stat_activity)
    RETURNING status, many
)
INSERT INTO notify_core.tallies SELECT 0, status, sum(many) FROM gone GROUP BY status
ON CONFLICT (backend, status) DO UPDATE SET many = tallies.many + excluded.many"""

log = logging.getLogger("notify_core.outbox")


class Sweep:
    """Makes the jobs of messages that are due soon, and removes what counts no more."""

    def __init__(self) -> None:
        self._next: datetime | None = None
        #: Jobs that were made for messages whose own was gone.
        self.mended = 0

    def is_due(self, now: datetime) -> bool:
        """Tell whether it is time; then the next is a while later."""
        if self._next is not None and self._next - EVERY <= now < self._next:
            return False
        self._next = now + EVERY
        return True

    async def run(self, connection: Connection, now: datetime) -> None:
        """Sweep, unless another process does."""
        if not await connection.fetchval(_MINE, _LOCK):
            return
        soon = await connection.fetch(_SOON, now + AHEAD, AT_ONCE)
        await _employ(connection, soon)
        orphans = await connection.fetch(_ORPHANS, now, AT_ONCE)
        await _employ(connection, orphans)
        if orphans:
            self.mended += len(orphans)
            log.warning("%d due messages had lost their job", len(orphans))
        removed = [
            await connection.execute(tidy, now - GRACE, AT_ONCE) for tidy in _TIDY
        ]
        await connection.execute(_SUM_UP)
        await engine.forget_history(connection)
        if len(soon) == AT_ONCE or f"DELETE {AT_ONCE}" in removed:
            self._next = now


async def _employ(connection: Connection, rows: list[Any]) -> None:
    if not rows:
        return
    dues = [engine.Due(row["id"], row["lane"], row["work_at"]) for row in rows]
    jobs = await engine.add(connection, dues)
    await connection.execute(_EMPLOY, [row["place"] for row in rows], jobs)
