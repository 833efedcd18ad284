"""The tables of the database, brought up to this version at the first connection."""

from __future__ import annotations

import re

from notify_core.outbox.postgres import engine
from notify_core.outbox.postgres.server import MIGRATION_TIMEOUT, Connection
from notify_core.outbox.tables import Version, check_not_newer, scripts

#: The number of the advisory lock that who makes tables holds: any, and always this.
_LOCK = 7_306_014_526_178_275_444

_VERSIONS = """
CREATE SCHEMA IF NOT EXISTS notify_core;
CREATE TABLE IF NOT EXISTS notify_core.schema_versions (version integer PRIMARY KEY);
CREATE TABLE IF NOT EXISTS notify_core.engine_versions (version text PRIMARY KEY);"""
_IS_MADE = "SELECT to_regclass('notify_core.engine_versions') IS NOT NULL"
_NEWEST = "SELECT coalesce(max(version), 0) FROM notify_core.schema_versions"
_APPLIED = "INSERT INTO notify_core.schema_versions VALUES ($1)"
_ENGINES = "SELECT version FROM notify_core.engine_versions"
_RENEWED = "INSERT INTO notify_core.engine_versions VALUES ($1)"


class Schema:
    """Looks once whether the tables are there."""

    def __init__(self) -> None:
        self._is_ready = False

    async def prepare(self, connection: Connection) -> None:
        """Make what is missing.

        Raises:
            StoreUnavailable: A newer version of notify-core made the tables.
            Exception: One of the server's `FAILURES`.
        """
        if not self._is_ready:
            if not await _is_current(connection):
                await _migrate(connection)
            self._is_ready = True


async def version(connection: Connection) -> Version:
    """Return what the database has."""
    if not await connection.fetchval(_IS_MADE):
        return Version(tables=0)
    engines = [row[0] for row in await connection.fetch(_ENGINES)]
    is_ours = engine.VERSION in engines
    queue = engine.VERSION if is_ours else max(engines, key=_parts, default=None)
    return Version(tables=await connection.fetchval(_NEWEST), queue=queue)


def newest() -> Version:
    """Return what this notify-core makes."""
    return Version(tables=len(_migrations()), queue=engine.VERSION)


async def _is_current(connection: Connection) -> bool:
    at, wanted = await version(connection), newest()
    check_not_newer(at.tables, wanted.tables)
    return at == wanted


async def _migrate(connection: Connection) -> None:
    """Make the tables, one process at a time."""
    await connection.execute(f"SET statement_timeout = '{MIGRATION_TIMEOUT}s'")
    await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
    try:
        await connection.execute(_VERSIONS)
        await _apply_missing(connection)
        await _renew_engine(connection)
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)
        await connection.execute("RESET statement_timeout")


async def _apply_missing(connection: Connection) -> None:
    at = await connection.fetchval(_NEWEST)
    for number, script in enumerate(_migrations()[at:], at + 1):
        async with connection.transaction():
            await connection.execute(script)
            await connection.execute(_APPLIED, number)


async def _renew_engine(connection: Connection) -> None:
    engines = [row[0] for row in await connection.fetch(_ENGINES)]
    if engine.VERSION in engines:
        return
    if engines:
        # Not in a transaction: a new label of a type may not be used in its own.
        await engine.upgrade(connection)
        await connection.execute(_RENEWED, engine.VERSION)
        return
    async with connection.transaction():
        await engine.install(connection)
        await connection.execute(_RENEWED, engine.VERSION)


def _parts(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def _migrations() -> tuple[str, ...]:
    return scripts("notify_core.outbox.postgres")
