"""The SQLite outbox keeps the contract of durable outboxes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from notify_core.outbox.port import DurableOutbox
from notify_core.outbox.sqlite import SqliteOutbox
from notify_core.secret import Secret
from notify_core.testing import DurableOutboxContract


class TestSqliteOutbox(DurableOutboxContract):
    @pytest.fixture
    async def outbox(self, tmp_path: Path) -> AsyncIterator[DurableOutbox]:
        outbox = SqliteOutbox(tmp_path / "notify.db", Secret("a key of the tests"))
        yield outbox
        await outbox.aclose()
