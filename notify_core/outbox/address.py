"""Where messages live, by the URL of the place."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, unquote

from notify_core.errors import ConfigurationError
from notify_core.outbox.memory import MemoryOutbox
from notify_core.outbox.port import Outbox
from notify_core.outbox.retention import USUAL, Retention
from notify_core.outbox.tables import Tables
from notify_core.secret import Secret

#: The outbox that nothing survives.
MEMORY = "memory:"
_SQLITE = "sqlite:///"
_POSTGRES = ("postgresql://", "postgres://")
_EXAMPLES = (
    "write memory:, sqlite:///notify.db, sqlite:////var/lib/notify/notify.db or "
    "postgresql://user@host/database"
)


def outbox_at(
    url: str, hash_key: Secret | None = None, retention: Retention = USUAL
) -> Outbox:
    """Return the outbox at a URL; nothing is opened yet.

    Args:
        url: `memory:`; `sqlite:///` with a path, which begins with a fourth slash
            where it is absolute; or `postgresql://` as libpq has it.
        hash_key: Makes the hashes of addresses and keys; a durable outbox needs it.
        retention: How long idempotency keys are remembered.

    Raises:
        ConfigurationError: There is no such kind of outbox, or no hash key for it, or
            what it needs is not installed.
    """
    if url == MEMORY:
        return MemoryOutbox(keep_keys=retention.idempotency)
    path, is_server = _path(url), url.startswith(_POSTGRES)
    if not is_server and (not url.startswith(_SQLITE) or not path):
        # Not shown: a URL may hold a password.
        raise ConfigurationError(f"outbox.url names no outbox: {_EXAMPLES}")
    if hash_key is None:
        raise ConfigurationError(
            "privacy.hash_key is missing: a durable outbox stores hashes of addresses"
        )
    try:
        make = _postgres_outbox if is_server else _sqlite_outbox
        return make(url if is_server else path, hash_key, retention)
    except ValueError as error:
        raise ConfigurationError(f"privacy.hash_key: {error}") from None


def tables_at(url: str) -> Tables:
    """Return the tables of the durable outbox at a URL that `outbox_at` took."""
    # Imported here, as the outboxes are.
    if url.startswith(_POSTGRES):
        from notify_core.outbox.postgres.tables import PostgresTables  # noqa: PLC0415

        return PostgresTables(url)
    from notify_core.outbox.sqlite.tables import SqliteTables  # noqa: PLC0415

    return SqliteTables(Path(_path(url)))


def located(url: str, folder: Path) -> str:
    """Return a URL whose path, if it was relative, began at a folder."""
    path = _path(url)
    if not url.startswith(_SQLITE) or not path:
        return url
    return _SQLITE + quote(str((folder / path).absolute()))


def sqlite_file(url: str) -> Path | None:
    """Return the file that a URL names; None: it is no URL of a file."""
    return Path(_path(url)) if url.startswith(_SQLITE) else None


def _path(url: str) -> str:
    return unquote(url.removeprefix(_SQLITE))


def _sqlite_outbox(path: str, hash_key: Secret, retention: Retention) -> Outbox:
    # Imported here: who keeps messages in memory needs no database.
    from notify_core.outbox.sqlite import SqliteOutbox  # noqa: PLC0415

    return SqliteOutbox(path, hash_key, keep_keys=retention.idempotency)


def _postgres_outbox(url: str, hash_key: Secret, retention: Retention) -> Outbox:
    try:
        # Imported here: an extra, and slow to import.
        from notify_core.outbox.postgres import PostgresOutbox  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"outbox.url names a PostgreSQL database, and {error.name} is not "
            "installed: pip install 'notify-core[postgres]'"
        ) from None
    return PostgresOutbox(url, hash_key, keep_keys=retention.idempotency)
