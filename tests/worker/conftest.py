"""What the worker's tests start from: a vendor, an outbox on the disk."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from notify_core.outbox.sqlite import SqliteOutbox
from tests.dispatch.durable import outbox_in


@pytest.fixture
async def outbox(tmp_path: Path) -> AsyncIterator[SqliteOutbox]:
    made = outbox_in(tmp_path)
    yield made
    await made.aclose()
