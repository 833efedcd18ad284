"""The tables of a database, without opening an outbox on them."""

from __future__ import annotations

from contextlib import aclosing

import attrs

from notify_core.outbox.postgres import schema
from notify_core.outbox.postgres.line import Line, Prepare
from notify_core.outbox.postgres.server import Connection, Server
from notify_core.outbox.tables import Version


@attrs.frozen
class PostgresTables:
    """The tables in the schema `notify_core` of a database."""

    url: str = attrs.field(repr=False)

    @property
    def place(self) -> str:
        """Server and database."""
        return self._server.name

    @property
    def newest(self) -> Version:
        """What this notify-core makes."""
        return schema.newest()

    async def version(self) -> Version:
        """Return what the database has."""
        return await self._read(_as_it_is)

    async def migrate(self) -> None:
        """Make what is missing."""
        await self._read(schema.Schema().prepare)

    @property
    def _server(self) -> Server:
        return Server(url=self.url)

    async def _read(self, prepare: Prepare) -> Version:
        async with aclosing(Line(self._server, prepare)) as line:
            return await line.ask(schema.version)


async def _as_it_is(connection: Connection) -> None:
    """Make nothing ready."""
