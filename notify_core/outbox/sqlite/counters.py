"""The rows of takings and holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

import msgspec

from notify_core.outbox.counters import FOREVER, Taking, ends_of, refusals
from notify_core.outbox.port import Hold
from notify_core.outbox.sqlite.moments import micros, micros_or_none, moment_of
from notify_core.policy.take import Refused, Take

_NEWEST = """
SELECT at, message FROM takings WHERE counter = ?
ORDER BY at DESC, message DESC LIMIT 1 OFFSET ?"""
_ANY_HOLD = "SELECT EXISTS (SELECT 1 FROM holds)"
_HELD = """
SELECT counter, until FROM holds
WHERE counter IN (SELECT value FROM json_each(?))"""
_TAKE = "INSERT INTO takings VALUES (?, ?, ?, ?)"
_NOTE = "UPDATE messages SET taken = NULL WHERE place = ?"
_FREE = "DELETE FROM takings WHERE counter = ? AND at = ? AND message = ?"
_HOLD = "INSERT OR REPLACE INTO holds VALUES (?, ?, ?, ?, ?)"
_RELEASE = "DELETE FROM holds WHERE counter = ?"
_HOLDS = """
SELECT counter, at, until, shown, why FROM holds
WHERE counter >= ? AND counter < ? AND (until IS NULL OR until > ?)
ORDER BY at, counter"""
#: Comes after every text that a counter's name goes on with.
_LAST = "\U0010ffff"


class CountedRows:
    """What was taken from counters, as the file has it.

    Args:
        database: In a transaction in which nobody holds or releases a counter.
        takes: What will be asked about; their holds are read in one step.
    """

    def __init__(self, database: sqlite3.Connection, takes: Iterable[Take]) -> None:
        self._database = database
        self._held: dict[str, datetime] = {}
        asked = list({take.counter for take in takes})
        if asked and database.execute(_ANY_HOLD).fetchone()[0]:
            rows = database.execute(_HELD, (msgspec.json.encode(asked).decode(),))
            self._held = {counter: _end(until) for counter, until in rows}

    def newest(self, counter: str, place: int) -> Taking | None:
        """Return the taking at this place, the newest at 0; None: there are fewer."""
        row = self._database.execute(_NEWEST, (counter, place)).fetchone()
        return None if row is None else Taking(moment_of(row[0]), row[1])

    def held_until(self, counter: str) -> datetime | None:
        """Return when the hold on the counter ends; None: there is none."""
        return self._held.get(counter)


def _end(until: int | None) -> datetime:
    return FOREVER if until is None else moment_of(until)


def refused_by(
    database: sqlite3.Connection, takes: tuple[Take, ...], at: datetime
) -> Refused:
    """Return those of the takes for which there is no room."""
    return refusals(takes, at, CountedRows(database, takes))


def taken_by(takes: tuple[Take, ...], at: datetime) -> str | None:
    """Return what is noted with a message of what it takes; None: nothing."""
    counted = ends_of(takes, at)
    if not counted:
        return None
    when = micros(at)
    return msgspec.json.encode([(counter, when) for counter in counted]).decode()


def take(
    database: sqlite3.Connection, message: str, takes: tuple[Take, ...], at: datetime
) -> None:
    """Take from every counter."""
    for counter, end in ends_of(takes, at).items():
        database.execute(_TAKE, (counter, micros(at), message, micros(end)))


def give_back(
    database: sqlite3.Connection, place: int, message: str, taken: str
) -> None:
    """Free what a message took, once."""
    for counter, at in msgspec.json.decode(taken):
        database.execute(_FREE, (counter, at, message))
    database.execute(_NOTE, (place,))


def hold(database: sqlite3.Connection, held: Hold) -> None:
    """Keep a counter taken."""
    until = micros_or_none(held.until)
    row = (held.counter, micros(held.at), until, held.shown, held.why)
    database.execute(_HOLD, row)


def release(database: sqlite3.Connection, counter: str) -> bool:
    """End a hold; tell whether there was one."""
    return database.execute(_RELEASE, (counter,)).rowcount > 0


def holds(database: sqlite3.Connection, at: datetime, prefix: str) -> list[Hold]:
    """Return the holds that stand at that time, oldest first."""
    asked = (prefix, prefix + _LAST, micros(at))
    return [
        Hold(
            counter=counter,
            at=moment_of(made_at),
            until=None if until is None else moment_of(until),
            shown=shown,
            why=why,
        )
        for counter, made_at, until, shown, why in database.execute(_HOLDS, asked)
    ]
