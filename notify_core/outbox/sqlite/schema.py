"""The tables of the file, brought up to this version when it is opened."""

from __future__ import annotations

import sqlite3

from notify_core.outbox.tables import check_not_newer, scripts

_VERSIONS = "CREATE TABLE IF NOT EXISTS schema_versions (version INTEGER PRIMARY KEY)"


def migrate(database: sqlite3.Connection) -> None:
    """Apply the migrations that the file does not have yet.

    Raises:
        StoreUnavailable: A newer version of notify-core wrote the file.
    """
    if version(database) == newest():
        return
    database.execute("BEGIN IMMEDIATE")
    try:
        database.execute(_VERSIONS)
        _apply_missing(database)
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def version(database: sqlite3.Connection) -> int:
    """Return how many migrations the file has."""
    named = "SELECT 1 FROM sqlite_master WHERE name = 'schema_versions'"
    if database.execute(named).fetchone() is None:
        return 0
    last = database.execute("SELECT max(version) FROM schema_versions").fetchone()
    return last[0] or 0


def newest() -> int:
    """Return how many migrations there are."""
    return len(_migrations())


def _migrations() -> tuple[str, ...]:
    return scripts("notify_core.outbox.sqlite")


def _apply_missing(database: sqlite3.Connection) -> None:
    at = version(database)  # again: another process may have been faster
    check_not_newer(at, newest())
    for number, script in enumerate(_migrations()[at:], at + 1):
        for statement in _statements(script):
            database.execute(statement)
        database.execute("INSERT INTO schema_versions VALUES (?)", (number,))


def _statements(script: str) -> list[str]:
    """Return the statements one by one: `executescript` would commit before them."""
    statements, begun = [], ""
    for line in script.splitlines():
        begun += f"{line}\n"
        if sqlite3.complete_statement(begun):
            statements.append(begun)
            begun = ""
    return statements
