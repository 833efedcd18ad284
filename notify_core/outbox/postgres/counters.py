"""The rows of takings and holds."""

from __future__ import annotations

from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

import attrs
import msgspec

from notify_core.outbox.counters import FOREVER, Taking, ends_of, refusals
from notify_core.outbox.port import Hold
from notify_core.outbox.postgres.server import Connection
from notify_core.policy.take import Refused, Take

_NEWEST = """
SELECT counter, place, at, message
FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS asked (counter, first, many)
CROSS JOIN LATERAL (
    SELECT at, message, first + row_number() OVER () - 1 AS place
    FROM (
        SELECT at, message FROM notify_core.takings
        WHERE takings.counter = asked.counter
        ORDER BY at DESC, message DESC OFFSET first LIMIT many) AS newest) AS found"""
_HELD = "SELECT counter, until FROM notify_core.holds WHERE counter = ANY ($1)"
_TAKE = """
INSERT INTO notify_core.takings
SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::timestamptz[])"""
_FREE = """
DELETE FROM notify_core.takings
WHERE counter = ANY ($1) AND at = ANY ($2) AND message = $3"""
_HOLD = """
INSERT INTO notify_core.holds VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (counter) DO UPDATE SET at = excluded.at, until = excluded.until,
    shown = excluded.shown, why = excluded.why"""
_RELEASE = "DELETE FROM notify_core.holds WHERE counter = $1"
_HOLDS = """
SELECT counter, at, until, shown, why FROM notify_core.holds
WHERE (until IS NULL OR until > $1) AND starts_with(counter, $2)
ORDER BY at, counter"""


@attrs.frozen
class _Row:
    counter: str
    at: datetime
    message: str
    ends_at: datetime


class CountedRows:
    """What was taken from the counters of a batch, read at once, and what it takes."""

    def __init__(self) -> None:
        self._stored: dict[tuple[str, int], Taking] = {}
        self._held: dict[str, datetime] = {}
        self._batch: defaultdict[str, list[Taking]] = defaultdict(list)
        self._new: list[_Row] = []

    @classmethod
    async def read(cls, connection: Connection, takes: Sequence[Take]) -> CountedRows:
        """Read as much as it takes to decide on these takes, one after the other."""
        rows = cls()
        counters = {take.counter for take in takes}
        for counter, until in await connection.fetch(_HELD, list(counters)):
            rows._held[counter] = until or FOREVER
        columns = [list(column) for column in zip(*_asked(takes), strict=True)]
        for counter, place, at, message in await connection.fetch(_NEWEST, *columns):
            rows._stored[counter, place] = Taking(at, message)
        return rows

    def newest(self, counter: str, place: int) -> Taking | None:
        """Return the taking at this place, the newest at 0; None: there are fewer."""
        batch = self._batch.get(counter)
        if not batch:
            return self._stored.get((counter, place))
        newest = self._stored.get((counter, 0))
        if newest is None or _age(newest) <= _age(batch[0]):
            moved = place - len(batch)
            return batch[~place] if moved < 0 else self._stored.get((counter, moved))
        return self._merged(counter, place, batch)

    def _merged(self, counter: str, place: int, batch: list[Taking]) -> Taking | None:
        """Return the same where some of the batch is older than what is stored."""
        # The batch moves what is stored by as many places as it has takings.
        first = max(0, place - len(batch))
        stored = (self._stored.get((counter, n)) for n in range(first, place + 1))
        both = [*batch, *(taking for taking in stored if taking is not None)]
        both.sort(key=_age, reverse=True)
        return both[place - first] if place - first < len(both) else None

    def held_until(self, counter: str) -> datetime | None:
        """Return when the hold on the counter ends; None: there is none."""
        return self._held.get(counter)

    def take(self, message: str, takes: Iterable[Take], at: datetime) -> None:
        """Take from every counter."""
        for counter, end in ends_of(takes, at).items():
            insort(self._batch[counter], Taking(at, message), key=_age)
            self._new.append(_Row(counter, at, message, end))

    async def write(self, connection: Connection) -> None:
        """Write what was taken."""
        if self._new:
            columns = zip(*(attrs.astuple(row) for row in self._new), strict=True)
            await connection.execute(_TAKE, *(list(column) for column in columns))


async def refused(
    connection: Connection, takes: tuple[Take, ...], at: datetime
) -> Refused:
    """Return those of the takes for which there is no room."""
    if not takes:
        return {}
    return refusals(takes, at, await CountedRows.read(connection, takes))


def taken_by(takes: tuple[Take, ...], at: datetime) -> str | None:
    """Return what is noted with a message of what it takes; None: nothing."""
    counted, when = ends_of(takes, at), at.isoformat()
    if not counted:
        return None
    return msgspec.json.encode([(counter, when) for counter in counted]).decode()


async def give_back(connection: Connection, message: str, taken: str) -> None:
    """Free what a message took."""
    noted = msgspec.json.decode(taken)
    counters = [counter for counter, _ in noted]
    times = [datetime.fromisoformat(at) for _, at in noted]
    await connection.execute(_FREE, counters, times, message)


async def hold(connection: Connection, held: Hold) -> None:
    """Keep a counter taken."""
    row = (held.counter, held.at, held.until, held.shown, held.why)
    await connection.execute(_HOLD, *row)


async def release(connection: Connection, counter: str) -> bool:
    """End a hold; tell whether there was one."""
    return await connection.execute(_RELEASE, counter) != "DELETE 0"


async def holds(connection: Connection, at: datetime, prefix: str) -> list[Hold]:
    """Return the holds that stand at that time, oldest first."""
    return [Hold(**dict(row)) for row in await connection.fetch(_HOLDS, at, prefix)]


def _asked(takes: Sequence[Take]) -> list[tuple[str, int, int]]:
    """Return which takings are read: counter, first place, how many.

    One decides by the newest, and by those that would have to be gone; each taking of
    the batch moves these by one.
    """
    many = Counter(take.counter for take in takes)
    asked: dict[tuple[str, int, int], None] = {}
    for take in takes:
        moved = many[take.counter] - 1
        others = max(0, take.most - (not take.asks))
        first = max(0, others - 1 - moved)
        asked[take.counter, 0, 1] = None
        asked[take.counter, first, others - first + 1] = None
    return list(asked)


def _age(taking: Taking) -> tuple[datetime, str]:
    return (taking.at, taking.message or "")
