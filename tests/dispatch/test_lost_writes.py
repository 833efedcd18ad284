"""Queued messages whose store goes away in the middle of a step: was it recorded?"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from notify_core.dispatch.leases import SPAN
from notify_core.errors import StoreUnavailable
from notify_core.model.event import Attempted, Settled
from notify_core.model.outcome import Reason
from notify_core.model.status import AttemptState, Status
from notify_core.notifier import Notifier
from notify_core.outbox.port import Change, Lease
from notify_core.outbox.sqlite import SqliteOutbox
from notify_core.testing import FakeClock, FakeVendor
from tests.builders import NOON, Seen, accounts, code, states
from tests.dispatch.durable import KEY, durable, known, worked

OTHER = Lease(owner="another", until=NOON + 2 * SPAN)


class Parted(SqliteOutbox):
    """An outbox that goes away at one change, and is back for the next.

    Attributes:
        spared: How many changes go well before that; None: it stays.
        records: Whether that change is recorded all the same.
    """

    spared: int | None = None
    records = True

    async def change(self, *given: Any, **named: Any) -> Change:
        """Change a record, or lose it, or what came of it."""
        is_last, self.spared = self.spared == 0, self.spared and self.spared - 1
        if is_last:
            self.spared = None
            if self.records:
                await super().change(*given, **named)
            raise StoreUnavailable("the network is parted")
        return await super().change(*given, **named)


@pytest.fixture
async def outbox(tmp_path: Path) -> AsyncIterator[Parted]:
    made = Parted(tmp_path / "notify.db", KEY)
    yield made
    await made.aclose()


async def parted(open_: Notifier, outbox: Parted, spared: int) -> str:
    """Enqueue a message, and work on it while the outbox goes away."""
    message = (await open_.enqueue(code())).id
    outbox.spared = spared
    await worked(open_)
    assert outbox.spared is None
    return message


@pytest.mark.parametrize("records", [True, False])
async def test_an_attempt_that_was_not_written_is_taken_off_and_made_at_once(
    vendor: FakeVendor, outbox: Parted, clock: FakeClock, records: bool
) -> None:
    outbox.records = records

    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        message = await parted(open_, outbox, spared=0)
        put_back = await known(open_, message)
        await worked(open_)
        result = await known(open_, message)

    assert (put_back.status, put_back.attempts) == (Status.CREATED, ())
    assert states(result) == [("a", AttemptState.ACCEPTED, Reason.NONE)]
    assert len(vendor["a"].submissions) == 1


@pytest.mark.parametrize("records", [True, False])
async def test_a_failover_that_was_not_recorded_goes_on_where_it_was(
    vendor: FakeVendor, outbox: Parted, clock: FakeClock, records: bool
) -> None:
    outbox.records = records
    vendor["a"].answers(Reason.CONNECT_FAILED)

    async with durable(accounts(vendor, "a", "b"), outbox, clock) as open_:
        message = await parted(open_, outbox, spared=2)
        put_back = await known(open_, message)
        await worked(open_)
        result = await known(open_, message)

    refused = ("a", AttemptState.REJECTED, Reason.CONNECT_FAILED)
    assert states(put_back) == [refused]
    assert states(result) == [refused, ("b", AttemptState.ACCEPTED, Reason.NONE)]
    assert len(vendor["a"].submissions) == len(vendor["b"].submissions) == 1


@pytest.mark.parametrize("records", [True, False])
async def test_an_answer_that_may_be_recorded_already_is_told_once(
    vendor: FakeVendor, outbox: Parted, clock: FakeClock, seen: Seen, records: bool
) -> None:
    outbox.records = records

    async with durable(accounts(vendor, "a"), outbox, clock, seen) as open_:
        message = (await open_.enqueue(code())).id
        outbox.spared = 1
        working = asyncio.create_task(worked(open_))
        while not working.done():
            await asyncio.sleep(0)
            clock.advance(0.1)
        result = await known(open_, message)

    assert result.ok
    assert len(seen.of(Attempted)) == len(vendor["a"].submissions) == 1
    assert [event.status for event in seen.of(Settled)] == [Status.ACCEPTED]


async def test_who_took_a_message_up_meanwhile_keeps_it(
    vendor: FakeVendor, outbox: Parted, clock: FakeClock
) -> None:
    change = outbox.change

    async def taken_over(*given: Any, **named: Any) -> Change:
        outbox.change = change  # type: ignore[method-assign]
        clock.advance(SPAN)
        await outbox.claim(OTHER, clock.now(), 1)
        raise StoreUnavailable("the network is parted")

    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        message = (await open_.enqueue(code())).id
        outbox.change = taken_over  # type: ignore[method-assign]
        await worked(open_)
        result = await known(open_, message)
        left = await worked(open_)

    assert (result.status, left) == (Status.CREATED, 0)
    assert not vendor["a"].submissions
