"""The memory outbox keeps the contract."""

import pytest

from notify_core.outbox.memory import MemoryOutbox
from notify_core.outbox.port import Outbox
from notify_core.testing import OutboxContract


class TestMemoryOutbox(OutboxContract):
    @pytest.fixture
    def outbox(self) -> Outbox:
        return MemoryOutbox()
