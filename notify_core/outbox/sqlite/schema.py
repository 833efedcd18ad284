"""The tables of the file, brought up to this version when it is opened."""

from __future__ import annotations

import sqlite3
from functools import cache
from importlib.resources import files

from notify_core.errors import StoreUnavailable

_VERSIONS = "CREATE TABLE IF NOT EXISTS schema_versions (version INTEGER PRIMARY KEY)"


def migrate(database: sqlite3.Connection) -> None:
    """Apply the migrations that the file does not have yet.

    Raises:
        StoreUnavailable: A newer version of notify-core wrote the file.
    """
    if _version(database) == len(_migrations()):
        return
    database.execute("BEGIN IMMEDIATE")
    try:
        database.execute(_VERSIONS)
        _apply_missing(database)
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def _apply_missing(database: sqlite3.Connection) -> None:
    # Read again: another process may have been faster.
    at, newest = _version(database), len(_migrations())
    if at > newest:
        raise StoreUnavailable(
            f"the outbox has tables of version {at}, and this notify-core knows "
            f"{newest}: update notify-core, or name another file in outbox.url"
        )
    for number, script in enumerate(_migrations()[at:], at + 1):
        for statement in _statements(script):
            database.execute(statement)
        database.execute("INSERT INTO schema_versions VALUES (?)", (number,))


def _version(database: sqlite3.Connection) -> int:
    """Return how many migrations the file has."""
    named = "SELECT 1 FROM sqlite_master WHERE name = 'schema_versions'"
    if database.execute(named).fetchone() is None:
        return 0
    newest = database.execute("SELECT max(version) FROM schema_versions").fetchone()
    return newest[0] or 0


@cache
def _migrations() -> tuple[str, ...]:
    """Return the scripts, oldest first; a script is never changed, one is added."""
    folder = files("notify_core.outbox.sqlite") / "migrations"
    scripts = sorted((f for f in folder.iterdir()), key=lambda script: script.name)
    return tuple(
        script.read_text("utf-8") for script in scripts if script.name.endswith(".sql")
    )


def _statements(script: str) -> list[str]:
    """Return the statements one by one: `executescript` would commit before them."""
    statements, begun = [], ""
    for line in script.splitlines():
        begun += f"{line}\n"
        if sqlite3.complete_statement(begun):
            statements.append(begun)
            begun = ""
    return statements
