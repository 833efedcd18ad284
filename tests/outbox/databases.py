"""Databases for tests."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest

from notify_core.outbox.postgres import PostgresOutbox
from notify_core.testing.postgres_server import (
    NoPostgres,
    PostgresServer,
    postgres_server,
)
from tests.outbox.process import KEY

_TABLES = """
SELECT string_agg(format('notify_core.%I', tablename), ', ') FROM pg_tables
WHERE schemaname = 'notify_core' AND tablename NOT LIKE '%versions'"""


@contextmanager
def server_or_skip(*, durable: bool = False) -> Iterator[PostgresServer]:
    """Start a server; without PostgreSQL fail in CI, and elsewhere skip the test."""
    try:
        with postgres_server(durable=durable) as server:
            yield server
    except NoPostgres as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))


class Databases:
    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._numbers = count(1)
        self._shared: str | None = None

    def emptied(self) -> str:
        """Return the URL of the database that tests share, without what was in it."""
        if self._shared is None:
            self._shared = self.make()
            asyncio.run(_make_tables(self._shared))
        asyncio.run(_empty(self._shared))
        return self._shared

    def make(self) -> str:
        """Make a database without tables; return its URL."""
        name = f"test_{next(self._numbers)}"
        self._server.ask(f"CREATE DATABASE {name}")
        return self._server.url(name)

    def ask(self, statement: str, url: str) -> str:
        """Run a statement in a database and return what it says."""
        return self._server.ask(statement, url.rpartition("/")[2])


async def _make_tables(url: str) -> None:
    outbox = PostgresOutbox(url, KEY)
    await outbox.unsettled()
    await outbox.aclose()


async def _empty(url: str) -> None:
    connection = await asyncpg.connect(url)
    tables = await connection.fetchval(_TABLES)
    await connection.execute(f"TRUNCATE {tables}")
    await connection.close()
