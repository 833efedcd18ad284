"""The file: opening it, and what its errors mean."""

from __future__ import annotations

import os
import sqlite3
from enum import StrEnum
from pathlib import Path

import attrs

from notify_core.errors import StoreUnavailable
from notify_core.outbox.sqlite.schema import migrate

#: Seconds to wait for another process that writes.
BUSY_TIMEOUT = 5.0
#: Pages of the log before it is moved into the file: seldom, since that costs time.
_CHECKPOINT = 4000
#: KiB of the file that a connection keeps in memory.
_CACHE = 16_000


class Synchronous(StrEnum):
    """What survives what."""

    #: Everything acknowledged survives a power cut.
    FULL = "full"
    #: It survives the end of the process; a power cut may take the last moments.
    NORMAL = "normal"


@attrs.frozen(kw_only=True)
class File:
    """A database file and how it is opened."""

    path: Path
    synchronous: Synchronous = Synchronous.FULL
    #: Seconds to wait for another process that writes.
    busy_timeout: float = BUSY_TIMEOUT
    #: The file's greatest size in pages of 4 KiB; None: the disk's.
    max_pages: int | None = None

    def open(self) -> sqlite3.Connection:
        """Return a connection to the file, which is made if it is missing.

        Raises:
            sqlite3.Error: It cannot be opened.
            StoreUnavailable: It cannot be made, or a newer version wrote it.
        """
        self._make()
        database = sqlite3.connect(
            self.path,
            timeout=self.busy_timeout,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        try:
            self._prepare(database)
        except BaseException:
            database.close()
            raise
        return database

    def unavailable(self, error: Exception) -> StoreUnavailable:
        """Return an error of the database in the words of the project."""
        if isinstance(error, StoreUnavailable):
            return error
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        remedy = _REMEDIES.get(code, "see that it is a database on a local disk")
        return StoreUnavailable(f"outbox {self.path}: {error}: {remedy}")

    def _make(self) -> None:
        """Make the file, readable for its owner alone."""
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR
        try:
            os.close(os.open(self.path, flags, 0o600))
            self._keep_name()
        except FileExistsError:
            return
        except OSError as error:
            why = f"{error.strerror}: see that its folder exists and may be written to"
            raise StoreUnavailable(f"outbox {self.path}: {why}") from error

    def _keep_name(self) -> None:
        """Write the folder to the disk: a power cut must not take the file's name."""
        if hasattr(os, "O_DIRECTORY"):
            folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
            os.fsync(folder)
            os.close(folder)

    def _prepare(self, database: sqlite3.Connection) -> None:
        (mode,) = database.execute("PRAGMA journal_mode").fetchone()
        if mode != "wal":
            database.execute("PRAGMA journal_mode = WAL")
        database.execute(f"PRAGMA synchronous = {self.synchronous}")
        database.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT}")
        database.execute(f"PRAGMA cache_size = -{_CACHE}")
        # What is erased is overwritten, where its page is written anyway.
        database.execute("PRAGMA secure_delete = FAST")
        if self.max_pages is not None:
            database.execute(f"PRAGMA max_page_count = {self.max_pages}")
        migrate(database)


_REMEDIES = {
    sqlite3.SQLITE_FULL: "make room on the disk",
    sqlite3.SQLITE_READONLY: "let this user write to the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "let this user write to the file and its folder",
    sqlite3.SQLITE_BUSY: "another process writes for too long; find it",
    sqlite3.SQLITE_CORRUPT: "the file is damaged; restore it from a backup",
    sqlite3.SQLITE_NOTADB: "the file is something else; name another one",
}
