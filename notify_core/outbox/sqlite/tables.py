"""The tables of a file, without opening an outbox on it."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import attrs

from notify_core.errors import StoreUnavailable
from notify_core.outbox.sqlite import schema
from notify_core.outbox.sqlite.file import File
from notify_core.outbox.tables import Version


@attrs.frozen
class SqliteTables:
    """The tables of one file."""

    path: Path

    @property
    def place(self) -> str:
        """The file."""
        return str(self.path)

    @property
    def newest(self) -> Version:
        """What this notify-core makes."""
        return Version(tables=schema.newest())

    async def version(self) -> Version:
        """Return what the file has; a file that is missing is not made."""
        return Version(tables=await asyncio.to_thread(self._found))

    async def migrate(self) -> None:
        """Make the file, and what is missing in it."""
        await asyncio.to_thread(self._opened)

    def _found(self) -> int:
        if not self.path.exists():
            return 0
        try:
            uri = f"{self.path.absolute().as_uri()}?mode=ro"
            with closing(sqlite3.connect(uri, uri=True)) as database:
                return schema.version(database)
        except sqlite3.Error as error:
            raise self._file.unavailable(error) from error

    def _opened(self) -> None:
        try:
            self._file.open().close()
        except (sqlite3.Error, StoreUnavailable) as error:
            raise self._file.unavailable(error) from error

    @property
    def _file(self) -> File:
        return File(path=self.path)
