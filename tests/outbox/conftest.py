"""A PostgreSQL server for the whole run."""

from collections.abc import Iterator

import pytest

from notify_core.testing.postgres_server import PostgresServer
from tests.outbox.databases import Databases, server_or_skip


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with server_or_skip() as server:
        yield server


@pytest.fixture(scope="session")
def databases(postgres: PostgresServer) -> Databases:
    return Databases(postgres)


@pytest.fixture
def database(databases: Databases) -> str:
    """Empty the database that tests share; return its URL."""
    return databases.emptied()


@pytest.fixture
def new_database(databases: Databases) -> str:
    """Make a database without tables; return its URL."""
    return databases.make()
