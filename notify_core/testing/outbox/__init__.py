"""What every outbox must do, as tests to inherit.

    class TestMyOutbox(OutboxContract):
        @pytest.fixture
        async def outbox(self):
            async with my_outbox() as outbox:
                yield outbox

The tests need pytest and pytest-asyncio in `auto` mode. With
`pytest.register_assert_rewrite("notify_core.testing")` in a conftest their failures
show values. Each test gets an outbox that nobody wrote to before.
"""

from notify_core.testing.outbox.counting import CountingContract
from notify_core.testing.outbox.erasing import ErasingContract
from notify_core.testing.outbox.finding import FindingContract
from notify_core.testing.outbox.holding import HoldingContract
from notify_core.testing.outbox.keeping import KeepingContract
from notify_core.testing.outbox.listing import ListingContract
from notify_core.testing.outbox.parking import ParkingContract
from notify_core.testing.outbox.pausing import PausingContract
from notify_core.testing.outbox.queueing import QueueContract
from notify_core.testing.outbox.replying import ReplyingContract

__all__ = ["DurableOutboxContract", "OutboxContract"]


class OutboxContract(
    KeepingContract,
    FindingContract,
    ParkingContract,
    CountingContract,
    HoldingContract,
    ListingContract,
    PausingContract,
    ErasingContract,
    ReplyingContract,
):
    """What holds for an outbox of any kind; override the fixture `outbox`."""


class DurableOutboxContract(QueueContract, OutboxContract):
    """What holds for an outbox that survives its process."""
