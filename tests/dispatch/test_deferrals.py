"""What becomes of a message that waits: its time comes, or the answer changes."""

import asyncio
from datetime import timedelta

import attrs
import pytest

from notify_core.dispatch.admit import ADMITTED, admit
from notify_core.dispatch.opening import deferred, ended
from notify_core.errors import StoreUnavailable
from notify_core.model.event import Settled
from notify_core.model.message import Message
from notify_core.model.outcome import Reason
from notify_core.model.result import Result
from notify_core.model.status import Status
from notify_core.notifier import Notifier
from notify_core.outbox.memory import MemoryOutbox
from notify_core.policy.decision import ALLOW, Decision, Verdict
from notify_core.policy.policy_set import PolicySet
from notify_core.policy.take import Sliding, Take
from notify_core.testing import FakeClock, FakeVendor
from tests.builders import (
    NOON,
    FailingOutbox,
    Says,
    Seen,
    accounts,
    code,
    notifier,
    policies,
    record,
    until,
)

SECOND = timedelta(seconds=1)
REFUSE = Decision(verdict=Verdict.REJECT, reason=Reason.POLICY_CONTENT)
#: Nothing is ever left of it.
NONE = Take("c", Sliding(timedelta(minutes=1)), 0)


def later(seconds: float) -> Decision:
    return Decision(
        verdict=Verdict.DEFER,
        reason=Reason.POLICY_QUIET_HOURS,
        until=NOON + seconds * SECOND,
    )


class Changeable(Says):
    """A policy that changes its mind."""

    def says(self, decision: Decision) -> None:
        """Say another thing from now on."""
        self._decision = decision


@pytest.fixture
def night() -> Changeable:
    """Return a policy that defers by five seconds."""
    return Changeable(later(5))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(runs=False)


def under(
    vendor: FakeVendor,
    night: Says,
    clock: FakeClock,
    *seen: object,
    outbox: MemoryOutbox | None = None,
) -> Notifier:
    """Return a notifier whose process waits for the end of the night."""
    configured = accounts(vendor, "a", policy=policies(night=night))
    return notifier(configured, *seen, clock=clock, outbox=outbox or MemoryOutbox())


async def waiting(
    open_: Notifier, clock: FakeClock, message: Message
) -> asyncio.Task[Result]:
    """Send a message, and return once it waits."""
    sending = asyncio.create_task(open_.send(message))
    await until(lambda: clock.slept)
    return sending


# Its time.


@pytest.mark.parametrize(
    ("validity", "left", "reason"),
    [
        (None, 30, Reason.DEADLINE_EXCEEDED),
        (60, 30, Reason.DEADLINE_EXCEEDED),
        (25, 20, Reason.EXPIRED),
    ],
    ids=["for ever", "valid for longer", "valid for less"],
)
def test_a_deadline_counts_from_the_end_of_a_deferral(
    validity: float | None, left: float, reason: Reason
) -> None:
    valid = None if validity is None else validity * SECOND
    policy = attrs.evolve(policies(night=Says(later(5))), validity=valid)
    admission = admit(record(), policy.admission, NOON)

    waits = deferred(record(), admission, policy)

    assert waits.deadline == NOON + (5 + left) * SECOND
    assert waits.deadline_reason is reason


# The policies are asked again when it is due.


async def test_a_message_is_put_off_again_while_a_policy_still_defers_it(
    vendor: FakeVendor, night: Changeable, clock: FakeClock
) -> None:
    async with under(vendor, night, clock) as open_:
        message = code()
        sending = await waiting(open_, clock, message)
        night.says(later(8))
        clock.advance(5)
        await until(lambda: len(clock.slept) > 1)
        put_off = await open_.get(message.id)
        night.says(ALLOW)
        clock.advance(3)
        result = await sending

    assert put_off is not None
    assert (put_off.status, put_off.retry_at) == (Status.DEFERRED, NOON + 8 * SECOND)
    assert result.ok
    assert len(vendor["a"].submissions) == 1


@pytest.mark.parametrize(
    ("decision", "reason"),
    [
        (REFUSE, Reason.POLICY_CONTENT),
        (later(3600), Reason.POLICY_QUIET_HOURS),
    ],
    ids=["refused", "deferred for longer than the process waits"],
)
async def test_a_message_that_is_due_can_end_unsent(
    vendor: FakeVendor,
    night: Changeable,
    clock: FakeClock,
    seen: Seen,
    decision: Decision,
    reason: Reason,
) -> None:
    async with under(vendor, night, clock, seen) as open_:
        sending = await waiting(open_, clock, code())
        night.says(decision)
        clock.advance(5)
        result = await sending

    assert (result.status, result.final, result.reason) == (
        Status.REJECTED,
        True,
        reason,
    )
    assert [e.status for e in seen.of(Settled)] == [Status.REJECTED]
    assert not vendor["a"].submissions


async def test_a_message_that_was_cancelled_while_it_waited_is_not_sent(
    vendor: FakeVendor, night: Changeable, clock: FakeClock
) -> None:
    async with under(vendor, night, clock) as open_:
        message = code()
        sending = await waiting(open_, clock, message)
        await open_.cancel(message.id)
        night.says(ALLOW)
        clock.advance(5)
        result = await sending

    assert (result.status, result.final) == (Status.CANCELED, True)
    assert not vendor["a"].submissions


async def test_a_message_that_is_due_is_not_sent_where_that_cannot_be_recorded(
    vendor: FakeVendor, night: Changeable, clock: FakeClock
) -> None:
    async with under(vendor, night, clock, outbox=FailingOutbox("change")) as open_:
        sending = await waiting(open_, clock, code())
        night.says(ALLOW)
        clock.advance(5)
        with pytest.raises(StoreUnavailable, match="the disk is full"):
            await sending

    assert not vendor["a"].submissions


# Counters that never have room.


async def test_a_message_is_refused_whose_counter_has_no_room_at_any_later_time(
    vendor: FakeVendor, clock: FakeClock
) -> None:
    full = Says(later(5), NONE)

    async with under(vendor, full, clock) as open_:
        result = await open_.send(code())

    assert (result.status, result.final) == (Status.REJECTED, True)
    assert result.reason is Reason.POLICY_QUIET_HOURS
    assert not vendor["a"].submissions


# The same key again.


class Durable(MemoryOutbox):
    """A store that says that it outlives the process."""

    durable = True


@pytest.mark.parametrize(
    ("decision", "status"),
    [(later(3600), Status.DEFERRED), (REFUSE, Status.REJECTED)],
)
async def test_a_message_that_does_not_go_is_recorded_once_under_its_key(
    vendor: FakeVendor,
    clock: FakeClock,
    decision: Decision,
    status: Status,
) -> None:
    message = code(idempotency_key="k")
    again = attrs.evolve(message, id="another")

    async with under(vendor, Says(decision), clock, outbox=Durable()) as open_:
        first = await open_.send(message)
        second = await open_.send(again)

    assert first.status is status
    assert second == first


# Wrong use.


def test_a_policy_that_defers_has_to_say_until_when() -> None:
    endless = policies(mine=Says(Decision(verdict=Verdict.DEFER)))

    with pytest.raises(TypeError, match="policy mine defers and does not say until"):
        admit(record(), endless.admission, NOON)


def test_a_message_that_nothing_bars_is_neither_ended_nor_deferred() -> None:
    with pytest.raises(TypeError, match="nothing bars the message"):
        ended(record(), ADMITTED)
    with pytest.raises(TypeError, match="nothing defers the message"):
        deferred(record(), ADMITTED, PolicySet())
