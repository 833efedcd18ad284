"""Messages in one SQLite file: nothing to set up, and nothing is lost."""

from notify_core.outbox.sqlite.file import Synchronous
from notify_core.outbox.sqlite.outbox import SqliteOutbox

__all__ = ["SqliteOutbox", "Synchronous"]
