"""The options under `retention`, seen by a process that starts a day later or more."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from notify_core import Notifier, Secret
from notify_core.model.event import OutboxRead
from notify_core.outbox import keeper
from notify_core.outbox.listing import MessageFilter
from notify_core.outbox.record import Record
from notify_core.testing import FakeClock, FakeVendor
from tests.builders import NOON, text
from tests.options.configured import opened

DAY = timedelta(days=1)


def keeping(folder: Path, **retention: str) -> dict[str, Any]:
    """Return a configuration that keeps messages in a file, so long."""
    return {
        "outbox": {"url": f"sqlite:///{folder}/notify.db"},
        "privacy": {"hash_key": Secret("a-key-of-the-tests-only")},
        "retention": retention,
    }


def after(
    span: timedelta, configuration: dict[str, Any], vendor: FakeVendor
) -> Notifier:
    """Return the notifier of a process that starts so long after noon."""
    clock = FakeClock(NOON + span, runs=False)
    return opened(configuration, vendor, clock=clock)


async def kept(configuration: dict[str, Any], vendor: FakeVendor) -> list[Record]:
    """Send a notice, and return what is kept of it a day later."""
    async with after(0 * DAY, configuration, vendor) as today:
        await today.send(text())
    async with after(DAY, configuration, vendor) as tomorrow:
        await tidied(tomorrow)
        return list((await tomorrow.messages(MessageFilter())).records)


async def tidied(notifier: Notifier) -> None:
    """Wait for a whole round of erasing: the outbox is read as each begins."""
    async with notifier.events(OutboxRead) as rounds:
        await anext(rounds)
        await anext(rounds)


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one round of erasing follow the other."""
    monkeypatch.setattr(keeper, "EVERY", 0)


@pytest.mark.option("retention.content")
@pytest.mark.usefixtures("no_pause")
async def test_what_a_message_said_is_erased_after_so_long(
    vendor: FakeVendor, tmp_path: Path
) -> None:
    configuration = keeping(tmp_path, content="2h")

    [record] = await kept(configuration, vendor)

    assert record.message.content is None
    assert record.shown_address == "+86138****8000"


@pytest.mark.option("retention.address")
@pytest.mark.usefixtures("no_pause")
async def test_whom_a_message_was_to_is_erased_after_so_long(
    vendor: FakeVendor, tmp_path: Path
) -> None:
    configuration = keeping(tmp_path, content="2h", address="3h")

    [record] = await kept(configuration, vendor)

    assert record.shown_address == "erased"


@pytest.mark.option("retention.rows")
@pytest.mark.usefixtures("no_pause")
async def test_nothing_is_known_of_a_message_after_so_long(
    vendor: FakeVendor, tmp_path: Path
) -> None:
    configuration = keeping(tmp_path, content="2h", address="3h", rows="4h")

    assert await kept(configuration, vendor) == []


@pytest.mark.option("retention.idempotency")
async def test_a_message_is_not_sent_again_while_its_key_is_remembered(
    vendor: FakeVendor, tmp_path: Path
) -> None:
    configuration = keeping(tmp_path, idempotency="3d")

    for days in (0, 2):
        async with after(days * DAY, configuration, vendor) as notifier:
            await notifier.send(text(idempotency_key="order-1"))

    assert len(vendor["a"].submissions) == 1
