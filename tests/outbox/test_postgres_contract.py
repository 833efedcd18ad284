"""The PostgreSQL outbox keeps the contract of durable outboxes."""

from collections.abc import AsyncIterator

import pytest

from notify_core.outbox.port import DurableOutbox
from notify_core.outbox.postgres import PostgresOutbox
from notify_core.testing import DurableOutboxContract
from tests.outbox.process import KEY


class TestPostgresOutbox(DurableOutboxContract):
    @pytest.fixture
    async def outbox(self, database: str) -> AsyncIterator[DurableOutbox]:
        outbox = PostgresOutbox(database, KEY)
        yield outbox
        await outbox.aclose()
