"""What the tests of a durable pipeline start from: an outbox on the disk, a clock."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from notify_core.outbox.sqlite import SqliteOutbox
from notify_core.testing import FakeClock
from tests.builders import NOON
from tests.dispatch.durable import outbox_in


@pytest.fixture
async def outbox(tmp_path: Path) -> AsyncIterator[SqliteOutbox]:
    made = outbox_in(tmp_path)
    yield made
    await made.aclose()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON, runs=False)
