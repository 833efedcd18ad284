"""Receipts that come twice, late, early, or out of order."""

import asyncio
from itertools import permutations
from typing import Any

import attrs
import pytest

from notify_core.model.attempt import Answer
from notify_core.model.event import Match, Settled
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.status import AttemptState, Status
from notify_core.outbox.memory import MemoryOutbox
from notify_core.outbox.port import Parked
from notify_core.provider import Submission
from notify_core.testing import FakeClock, FakeVendor
from notify_core.trial.scripted import answer_for
from tests.builders import (
    NOON,
    NUMBER,
    Seen,
    SlowOutbox,
    code,
    notifier,
    provider,
    pushed,
    snapshot,
    webhook,
)
from tests.receipts.reported import NEWS, configured, matches, now, push, receipt, sent


async def test_a_receipt_that_comes_twice_changes_nothing_the_second_time(
    vendor: FakeVendor, seen: Seen
) -> None:
    async with notifier(configured(vendor), seen) as open_:
        await sent(open_, vendor, Reason.NONE)
        for _ in range(2):
            await push(open_, vendor, receipt(provider_id="a-1"))

    assert matches(seen) == [Match.ID, Match.LATE]
    assert [s.status for s in seen.of(Settled)] == [Status.ACCEPTED, Status.DELIVERED]


@pytest.mark.parametrize(
    "order",
    tuple(permutations(NEWS)),
    ids="-".join,
)
async def test_receipts_in_any_order_end_in_the_same_status(
    vendor: FakeVendor, order: tuple[AttemptState, ...]
) -> None:
    async with notifier(configured(vendor)) as open_:
        result = await sent(open_, vendor, Reason.NONE)
        for state in order:
            await push(open_, vendor, receipt(state, provider_id="a-1"))
        after = await now(open_, result)

    assert (after.status, after.final) == (Status.DELIVERED, True)


async def test_a_message_given_up_rises_on_a_late_receipt(
    vendor: FakeVendor, seen: Seen
) -> None:
    async with notifier(configured(vendor), seen, clock=FakeClock()) as open_:
        vendor["a"].answers(Reason.NO_RESPONSE)
        given_up = await open_.send(code(), wait_for="delivered")
        await push(open_, vendor, receipt(reference=given_up.id))
        after = await now(open_, given_up)

    assert (given_up.status, given_up.final) == (Status.SUBMIT_UNKNOWN, True)
    assert (after.status, after.final) == (Status.DELIVERED, True)
    last = seen.of(Settled)[-1]
    assert (last.previous, last.previous_final) == (Status.SUBMIT_UNKNOWN, True)


async def test_a_refused_attempt_takes_no_receipt(
    vendor: FakeVendor, seen: Seen
) -> None:
    async with notifier(configured(vendor), seen) as open_:
        result = await sent(open_, vendor, Reason.RECIPIENT_INVALID)
        await push(open_, vendor, receipt(reference=result.id))
        after = await now(open_, result)

    assert after.status is Status.REJECTED
    assert matches(seen) == [Match.LATE]


async def test_who_waits_for_delivery_is_told_of_it(vendor: FakeVendor) -> None:
    async with notifier(configured(vendor)) as open_, asyncio.timeout(60):
        waiting = asyncio.create_task(open_.send(code(), wait_for="delivered"))
        for _ in range(5):
            await asyncio.sleep(0)
        await push(open_, vendor, receipt(AttemptState.SENT, provider_id="a-1"))
        await push(open_, vendor, receipt(provider_id="a-1"))
        result = await waiting

    assert result.status is Status.DELIVERED


# Early.


@pytest.mark.parametrize(
    ("name", "reason", "match"),
    [
        ({"provider_id": "v-1"}, Reason.NONE, Match.ID),
        ({"recipient": NUMBER, "at": NOON}, Reason.NO_RESPONSE, Match.INFERRED),
    ],
    ids=["by id", "inferred"],
)
async def test_a_receipt_before_its_answer_is_kept_for_it(
    vendor: FakeVendor,
    seen: Seen,
    name: dict[str, Any],
    reason: Reason,
    match: Match,
) -> None:
    async def answers(submission: Submission) -> Answer:
        submission.wire.begin()
        await push(open_, vendor, receipt(**name))
        return attrs.evolve(answer_for(reason), provider_id=name.get("provider_id"))

    vendor["a"].answers(answers)

    async with notifier(configured(vendor), seen) as open_:
        result = await open_.send(code())

    assert (result.status, result.final) == (Status.DELIVERED, True)
    assert matches(seen) == [Match.PARKED, match]


class SlowToPark(MemoryOutbox):
    """Parks a receipt only when the answer was recorded that it came before."""

    def __init__(self) -> None:
        super().__init__()
        self.parks = asyncio.Event()
        self.answered = asyncio.Event()

    async def park(self, parked: Parked) -> None:
        self.parks.set()
        await self.answered.wait()
        await super().park(parked)


async def test_a_receipt_that_is_parked_while_its_answer_is_recorded_is_not_lost(
    vendor: FakeVendor, seen: Seen
) -> None:
    outbox = SlowToPark()

    async with notifier(configured(vendor), seen, outbox=outbox) as open_:
        pushing = asyncio.create_task(push(open_, vendor, receipt(provider_id="a-1")))
        await outbox.parks.wait()
        result = await sent(open_, vendor, Reason.NONE)
        outbox.answered.set()
        await pushing
        after = await now(open_, result)

    assert (after.status, after.final) == (Status.DELIVERED, True)
    assert matches(seen) == [Match.PARKED, Match.ID]


async def test_an_early_receipt_keeps_its_reason_when_the_answer_comes(
    vendor: FakeVendor,
) -> None:
    early = receipt(
        AttemptState.UNDELIVERED, provider_id="v-1", reason=Reason.CARRIER_REJECTED
    )

    async def answers(submission: Submission) -> Answer:
        submission.wire.begin()
        named = attrs.evolve(early, reference=submission.reference)
        await push(open_, vendor, named)
        return answer_for(Reason.NONE)

    vendor["a"].answers(answers)

    async with notifier(configured(vendor)) as open_:
        result = await open_.send(code())

    assert (result.status, result.final) == (Status.UNDELIVERED, True)
    assert result.reason is Reason.CARRIER_REJECTED
    assert result.attempts[0].provider_id == "v-1"


async def test_a_parked_receipt_waits_on_while_others_are_answered(
    vendor: FakeVendor, seen: Seen
) -> None:
    async with notifier(configured(vendor), seen) as open_:
        await push(open_, vendor, receipt(provider_id="a-2"))
        first = await sent(open_, vendor, Reason.NONE)
        second = await sent(open_, vendor, Reason.NONE)

    assert (first.status, second.status) == (Status.ACCEPTED, Status.DELIVERED)
    assert matches(seen) == [Match.PARKED, Match.ID]


async def test_a_parked_receipt_that_still_fits_nothing_stays_parked(
    vendor: FakeVendor, seen: Seen
) -> None:
    early = receipt(recipient=NUMBER, provider_id="v-7", reference="elsewhere")

    async with notifier(configured(vendor), seen) as open_:
        await push(open_, vendor, early)
        await sent(open_, vendor, Reason.NO_RESPONSE)
        vendor["a"].answers(Answer(outcome=Outcome.ACCEPTED, provider_id="v-7"))
        result = await open_.send(code())

    assert result.status is Status.DELIVERED
    assert matches(seen) == [Match.PARKED, Match.ID]


async def test_a_receipt_speaks_only_for_the_attempt_that_it_names(
    vendor: FakeVendor,
) -> None:
    two = snapshot(provider(vendor, "a"), provider(vendor, "b", webhook=webhook()))

    async with notifier(two) as open_:
        result = await sent(open_, vendor, Reason.CONNECT_FAILED)
        await open_.receive("b", pushed(vendor, "b", receipt(provider_id="b-1")))
        after = await now(open_, result)

    states = [attempt.state for attempt in after.attempts]
    assert states == [AttemptState.REJECTED, AttemptState.DELIVERED]
    assert after.status is Status.DELIVERED


@pytest.mark.parametrize("states", tuple(permutations(NEWS)), ids=str)
async def test_receipts_that_come_at_once_end_as_they_would_one_by_one(
    vendor: FakeVendor, states: tuple[AttemptState, ...]
) -> None:
    told = [receipt(state, provider_id="a-1") for state in states]

    async with notifier(configured(vendor), outbox=SlowOutbox()) as open_:
        result = await sent(open_, vendor, Reason.NONE)
        around = open_.engine._generation.around
        settings = around.snapshot.providers["a"]
        await asyncio.gather(*(around.receipts.take(settings, one) for one in told))
        after = await now(open_, result)

    assert (after.status, after.final) == (Status.DELIVERED, True)
