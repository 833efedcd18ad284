"""The outbox that messages pass: a file, or a database that dies as well."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from tempfile import TemporaryDirectory

import attrs

from notify_core.testing.postgres_server import PostgresServer, postgres_server


class Kind(StrEnum):
    """What keeps the messages."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"


@attrs.frozen
class Store:
    """Where messages are kept."""

    url: str
    _server: PostgresServer | None = None

    @property
    def is_mortal(self) -> bool:
        """Whether there is a process of its own to kill."""
        return self._server is not None

    async def kill(self) -> None:
        """Kill the database as a power cut would, and start it again."""
        if self._server is not None:
            await asyncio.to_thread(self._server.kill)
            await asyncio.to_thread(self._server.start)


@contextmanager
def store_of(kind: Kind) -> Iterator[Store]:
    """Keep a new store while the block lasts; what is committed survives a kill."""
    if kind is Kind.SQLITE:
        with TemporaryDirectory() as folder:
            yield Store(f"sqlite:///{folder}/crash.db")
        return
    with postgres_server(durable=True) as server:
        yield Store(server.url(), server)
