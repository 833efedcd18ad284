"""What receipts may call the attempts of messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from notify_core.outbox.postgres.rows import arrays_of, table_of
from notify_core.outbox.postgres.server import Connection
from notify_core.outbox.record import Record
from notify_core.outbox.stored import Name, names_of
from notify_core.policy.counter_key import Hashed

_KINDS = {"provider_id": 1, "reference": 2, "address": 3}
#: The columns of a name, and their types.
COLUMNS: Mapping[str, str] = {
    "kind": "smallint",
    "account": "text",
    "name": "text",
    "message": "bigint",
    "attempt": "integer",
}
_ADD = f"""
INSERT INTO notify_core.names SELECT * FROM {table_of(COLUMNS)}
ON CONFLICT DO NOTHING"""  # noqa: S608 (fixed columns)
_DROP = f"""
DELETE FROM notify_core.names USING {table_of(COLUMNS)}
WHERE (names.kind, names.account, names.name, names.message, names.attempt)
    = (new.kind, new.account, new.name, new.message, new.attempt)"""  # noqa: S608 (fixed columns)

#: Kind, account, name, place of the message, number of the attempt.
_Row = tuple[int, str, str, int, int]


class Names:
    """The rows of names; an address is one as its keyed hash."""

    def __init__(self, hashed: Hashed) -> None:
        self._hashed = hashed

    async def add(
        self, connection: Connection, names: Iterable[tuple[Name, int]]
    ) -> None:
        """Write names of attempts of the messages at these places."""
        rows = [self._row(name, place) for name, place in names]
        if rows:
            await connection.execute(_ADD, *arrays_of(rows))

    async def move(
        self, connection: Connection, changed: Iterable[tuple[int, Record, Record]]
    ) -> None:
        """Write the names after changes: place of the message, before, after."""
        dropped: list[_Row] = []
        added: list[tuple[Name, int]] = []
        for place, before, after in changed:
            if before.attempts is not after.attempts:
                old, new = set(names_of(before)), set(names_of(after))
                dropped += [self._row(name, place) for name in old - new]
                added += [(name, place) for name in new - old]
        if dropped:
            await connection.execute(_DROP, *arrays_of(dropped))
        await self.add(connection, added)

    def added(self, place: int, before: Record, after: Record) -> list[_Row]:
        """Return the rows of names that a change gives to the message at a place."""
        if before.attempts is after.attempts:
            return []
        new = set(names_of(after)).difference(names_of(before))
        return [self._row(name, place) for name in new]

    @staticmethod
    def removed(before: Record, after: Record) -> bool:
        """Tell whether a change takes names away."""
        if before.attempts is after.attempts:
            return False
        return not set(names_of(before)).issubset(names_of(after))

    async def drop(
        self, connection: Connection, records: Iterable[tuple[int, Record]]
    ) -> None:
        """Remove the names of records, given with their place."""
        rows = [self._row(name, place) for place, r in records for name in names_of(r)]
        if rows:
            await connection.execute(_DROP, *arrays_of(rows))

    def key(self, kind: str, account: str, name: str) -> tuple[int, str, str]:
        """Return how a name is stored."""
        shown = self._hashed(name) if kind == "address" else plain(name)
        return (_KINDS[kind], plain(account), shown)

    def _row(self, name: Name, place: int) -> _Row:
        return (*self.key(name.kind, name.account, name.name), place, name.number)


def plain(text: str) -> str:
    """Return a vendor's text without the one character that no column holds."""
    return text.replace("\0", "\N{SYMBOL FOR NULL}")
