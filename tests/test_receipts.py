"""Receipts find their attempts: early, late, twice, out of order, or not at all."""

import asyncio
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import attrs
import pytest

from notify_core.config.snapshot import Snapshot
from notify_core.dispatch.submit import KEPT_TEXT
from notify_core.model.attempt import Answer
from notify_core.model.event import Match, ReceiptMatched, Settled
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.receipt import Receipt
from notify_core.model.result import Result
from notify_core.model.status import AttemptState, Status
from notify_core.notifier import Notifier
from notify_core.outbox.memory import MemoryOutbox
from notify_core.outbox.port import Parked
from notify_core.provider import ReceiptMode, Submission
from notify_core.testing import FakeClock, FakeVendor
from notify_core.trial.scripted import answer_for
from tests.builders import (
    NOON,
    NUMBER,
    FailingOutbox,
    Seen,
    SlowOutbox,
    code,
    notifier,
    provider,
    pushed,
    snapshot,
    text,
    webhook,
)

NEWS = (AttemptState.SENT, AttemptState.UNDELIVERED, AttemptState.DELIVERED)
OTHER_NUMBER = "+8613900139000"
SECOND = timedelta(seconds=1)


def configured(vendor: FakeVendor, **capabilities: Any) -> Snapshot:
    """Return a configuration with one provider that may push."""
    capabilities = {"receipt_match_recipient": True, **capabilities}
    return snapshot(provider(vendor, webhook=webhook(), **capabilities))


async def push(open_: Notifier, vendor: FakeVendor, *told: Receipt) -> None:
    reply = await open_.receive("a", pushed(vendor, "a", *told))
    assert reply.status == 200


async def sent(open_: Notifier, vendor: FakeVendor, reason: Reason) -> Result:
    vendor["a"].answers(reason)
    return await open_.send(code())


async def now(open_: Notifier, result: Result) -> Result:
    known = await open_.get(result.id)
    assert known is not None
    return known


def matches(seen: Seen) -> list[Match]:
    return [event.match for event in seen.of(ReceiptMatched)]


def receipt(state: AttemptState = AttemptState.DELIVERED, **fields: Any) -> Receipt:
    return Receipt(state=state, **fields)


# By the vendor's id, and by our reference.


@pytest.mark.parametrize(
    ("state", "status", "final"),
    [
        (AttemptState.SENT, Status.SENT, False),
        (AttemptState.DELIVERED, Status.DELIVERED, True),
        (AttemptState.UNDELIVERED, Status.UNDELIVERED, True),
        (AttemptState.EXPIRED, Status.EXPIRED, True),
    ],
)
async def test_a_receipt_matches_by_the_vendors_id(
    vendor: FakeVendor, seen: Seen, state: AttemptState, status: Status, final: bool
) -> None:
    async with notifier(configured(vendor), seen) as open_:
        result = await sent(open_, vendor, Reason.NONE)
        await push(open_, vendor, receipt(state, provider_id="a-1", recipient=NUMBER))
        after = await now(open_, result)

    assert (after.status, after.final) == (status, final)
    assert matches(seen) == [Match.ID]


async def test_a_receipt_matches_by_our_reference(
    vendor: FakeVendor, seen: Seen
) -> None:
    async with notifier(configured(vendor), seen) as open_:
        result = await sent(open_, vendor, Reason.NO_RESPONSE)
        told = receipt(provider_id="v-9", reference=result.id)
        await push(open_, vendor, told)
        after = await now(open_, result)

    assert (after.status, after.final) == (Status.DELIVERED, True)
    assert after.attempts[0].provider_id == "v-9"
    assert matches(seen) == [Match.REFERENCE]


async def test_a_receipt_matches_in_the_scope_of_its_account(
    vendor: FakeVendor, seen: Seen
) -> None:
    two = snapshot(
        provider(vendor, "a", webhook=webhook()),
        provider(vendor, "b", webhook=webhook()),
    )

    async with notifier(two, seen) as open_:
        result = await sent(open_, vendor, Reason.NONE)
        await open_.receive("b", pushed(vendor, "b", receipt(provider_id="a-1")))
        after = await now(open_, result)

    assert after.status is Status.ACCEPTED
    assert matches(seen) == [Match.PARKED]


async def test_two_providers_of_one_account_take_each_others_receipts(
    vendor: FakeVendor, seen: Seen
) -> None:
    two = snapshot(
        provider(vendor, "a", account="sms:C1"),
        provider(vendor, "b", account="sms:C1", webhook=webhook()),
    )

    async with notifier(two, seen) as open_:
        result = await sent(open_, vendor, Reason.NONE)
        await open_.receive("b", pushed(vendor, "b", receipt(provider_id="a-1")))
        after = await now(open_, result)

    assert after.status is Status.DELIVERED
    assert [m.provider for m in seen.of(ReceiptMatched)] == ["b"]


async def test_a_receipt_brings_its_reason_code_and_masked_words(
    vendor: FakeVendor,
) -> None:
    told = receipt(
        AttemptState.UNDELIVERED,
        provider_id="a-1",
        reason=Reason.RECIPIENT_UNREACHABLE,
        code="MK:0001",
        text=f"{NUMBER} is off {'!' * 500}",
    )

    async with notifier(configured(vendor)) as open_:
        # A notice: the vendor's words about a code are erased at its end.
        result = await open_.send(text())
        await push(open_, vendor, told)
        after = await now(open_, result)

    (attempt,) = after.attempts
    assert after.reason is attempt.reason is Reason.RECIPIENT_UNREACHABLE
    assert attempt.code == "MK:0001"
    assert (attempt.text or "").startswith("+86138****8000 is off")
    assert len(attempt.text or "") == KEPT_TEXT
    assert attempt.outcome is Outcome.ACCEPTED


async def test_a_receipt_for_somebody_who_is_forgotten_is_taken(
    vendor: FakeVendor, seen: Seen
) -> None:
    async with notifier(configured(vendor), seen) as open_:
        result = await open_.send(text())
        await open_.forget(NUMBER)
        await push(open_, vendor, receipt(provider_id="a-1", recipient=NUMBER))
        after = await now(open_, result)

    assert matches(seen) == [Match.ID]
    assert after.status is Status.DELIVERED


async def test_a_receipt_keeps_what_it_does_not_tell(vendor: FakeVendor) -> None:
    vendor["a"].answers(
        Answer(outcome=Outcome.ACCEPTED, code="2", text="ok", provider_id="v")
    )

    async with notifier(configured(vendor)) as open_:
        result = await open_.send(text())
        await push(open_, vendor, receipt(provider_id="v"))
        after = await now(open_, result)

    assert (after.attempts[0].code, after.attempts[0].text) == ("2", "ok")


async def test_how_long_a_receipt_took_is_told(vendor: FakeVendor, seen: Seen) -> None:
    clock = FakeClock(runs=False)

    async with notifier(configured(vendor), seen, clock=clock) as open_:
        result = await sent(open_, vendor, Reason.NONE)
        clock.advance(7)
        await push(open_, vendor, receipt(provider_id="a-1"))

    (told,) = seen.of(ReceiptMatched)
    assert (told.message, told.latency) == (result.id, 7)


async def test_an_id_that_matches_with_another_number_is_refused(
    vendor: FakeVendor, seen: Seen
) -> None:
    async with notifier(configured(vendor), seen) as open_:
        result = await sent(open_, vendor, Reason.NONE)
        for told in (receipt(provider_id="a-1"), receipt(reference=result.id)):
            await push(open_, vendor, attrs.evolve(told, recipient=OTHER_NUMBER))
        after = await now(open_, result)

    assert after.status is Status.ACCEPTED
    assert matches(seen) == [Match.MISMATCH] * 2
    assert {m.message for m in seen.of(ReceiptMatched)} == {None}


async def test_an_accepted_message_is_final_after_any_news_where_no_more_come(
    vendor: FakeVendor,
) -> None:
    deaf = configured(vendor, receipts=ReceiptMode.NONE)

    async with notifier(deaf) as open_:
        result = await sent(open_, vendor, Reason.NO_RESPONSE)
        await push(open_, vendor, receipt(AttemptState.SENT, reference=result.id))
        after = await now(open_, result)

    assert (after.status, after.final) == (Status.SENT, True)


# Twice, late, out of order.


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


# Inferred: by number and time, where the answer was lost.


@pytest.mark.parametrize(
    ("seconds", "is_matched"),
    [(-5.001, False), (-5, True), (0, True), (60, True), (60.001, False)],
)
@pytest.mark.parametrize("told_as", ["at", "submitted_at"])
async def test_a_receipt_is_inferred_within_its_window(
    vendor: FakeVendor, seen: Seen, seconds: float, is_matched: bool, told_as: str
) -> None:
    when: dict[str, Any] = {told_as: NOON + seconds * SECOND}
    told = receipt(recipient=NUMBER, **when)

    async with notifier(configured(vendor), seen) as open_:
        result = await sent(open_, vendor, Reason.NO_RESPONSE)
        await push(open_, vendor, told)
        after = await now(open_, result)

    assert (after.status is Status.DELIVERED) is is_matched
    assert matches(seen) == [Match.INFERRED if is_matched else Match.PARKED]


async def test_the_time_of_submission_is_better_than_that_of_the_end(
    vendor: FakeVendor,
) -> None:
    late = receipt(
        recipient=NUMBER, submitted_at=NOON + SECOND, at=NOON + timedelta(hours=2)
    )

    async with notifier(configured(vendor)) as open_:
        result = await sent(open_, vendor, Reason.NO_RESPONSE)
        await push(open_, vendor, late)
        after = await now(open_, result)

    assert after.status is Status.DELIVERED


@pytest.mark.parametrize(
    "told",
    [
        receipt(at=NOON),
        receipt(recipient=NUMBER),
        receipt(recipient=OTHER_NUMBER, at=NOON),
    ],
    ids=["no number", "no time", "another number"],
)
async def test_nothing_is_inferred_from_too_little(
    vendor: FakeVendor, seen: Seen, told: Receipt
) -> None:
    async with notifier(configured(vendor), seen) as open_:
        result = await sent(open_, vendor, Reason.NO_RESPONSE)
        await push(open_, vendor, told)
        after = await now(open_, result)

    assert after.status is Status.SUBMIT_UNKNOWN
    assert matches(seen) == [Match.PARKED]


async def test_nothing_is_inferred_for_an_answered_attempt(
    vendor: FakeVendor, seen: Seen
) -> None:
    async with notifier(configured(vendor), seen) as open_:
        result = await sent(open_, vendor, Reason.NONE)
        await push(open_, vendor, receipt(recipient=NUMBER, at=NOON))
        after = await now(open_, result)

    assert (after.status, matches(seen)) == (Status.ACCEPTED, [Match.PARKED])


async def test_nothing_is_inferred_where_the_type_does_not_allow_it(
    vendor: FakeVendor, seen: Seen
) -> None:
    strict = configured(vendor, receipt_match_recipient=False)

    async with notifier(strict, seen) as open_:
        result = await sent(open_, vendor, Reason.NO_RESPONSE)
        await push(open_, vendor, receipt(recipient=NUMBER, at=NOON))
        after = await now(open_, result)

    assert (after.status, matches(seen)) == (Status.SUBMIT_UNKNOWN, [Match.PARKED])


async def test_of_two_candidates_none_is_chosen(vendor: FakeVendor, seen: Seen) -> None:
    async with notifier(configured(vendor), seen) as open_:
        results = [await sent(open_, vendor, Reason.NO_RESPONSE) for _ in range(2)]
        await push(open_, vendor, receipt(recipient=NUMBER, at=NOON))
        after = [await now(open_, result) for result in results]

    assert {r.status for r in after} == {Status.SUBMIT_UNKNOWN}
    assert matches(seen) == [Match.PARKED]


async def test_of_two_candidates_the_one_in_the_window_is_chosen(
    vendor: FakeVendor,
) -> None:
    clock = FakeClock(runs=False)

    async with notifier(configured(vendor), clock=clock) as open_:
        first = await sent(open_, vendor, Reason.NO_RESPONSE)
        clock.advance(70)
        second = await sent(open_, vendor, Reason.NO_RESPONSE)
        told = receipt(recipient=NUMBER, at=NOON + timedelta(seconds=100))
        await push(open_, vendor, told)
        statuses = [(await now(open_, r)).status for r in (first, second)]

    assert statuses == [Status.SUBMIT_UNKNOWN, Status.DELIVERED]


async def test_a_receipt_that_was_parked_between_two_finds_the_one_that_is_left(
    vendor: FakeVendor,
) -> None:
    """A first message is settled by its id; a third lost answer asks again."""
    clock = FakeClock(runs=False)

    async with notifier(configured(vendor), clock=clock) as open_:
        first = await sent(open_, vendor, Reason.NO_RESPONSE)
        second = await sent(open_, vendor, Reason.NO_RESPONSE)
        await push(open_, vendor, receipt(recipient=NUMBER, at=NOON))
        await push(open_, vendor, receipt(reference=first.id))
        clock.advance(70)
        third = await sent(open_, vendor, Reason.NO_RESPONSE)
        results = [await now(open_, r) for r in (first, second, third)]

    assert [r.status for r in results] == [
        Status.DELIVERED,
        Status.DELIVERED,
        Status.SUBMIT_UNKNOWN,
    ]


# The outbox is out of reach.


@pytest.mark.parametrize("method", ["by_provider_id", "change", "park"])
async def test_a_receipt_that_cannot_be_stored_is_to_be_pushed_again(
    vendor: FakeVendor, seen: Seen, method: str
) -> None:
    outbox = FailingOutbox()
    told = receipt(provider_id="a-9" if method == "park" else "a-1")

    async with notifier(configured(vendor), seen, outbox=outbox) as open_:
        await sent(open_, vendor, Reason.NONE)
        outbox.failing.add(method)
        reply = await open_.receive("a", pushed(vendor, "a", told))
        outbox.failing.clear()
        again = await open_.receive("a", pushed(vendor, "a", told))

    assert (reply.status, again.status) == (503, 200)
    assert matches(seen) == [Match.PARKED if method == "park" else Match.ID]


async def test_a_receipt_time_without_a_zone_is_the_plugins_fault(
    vendor: FakeVendor, seen: Seen
) -> None:
    naive = receipt(recipient=NUMBER, at=datetime(2026, 1, 1))

    async with notifier(configured(vendor), seen) as open_:
        await sent(open_, vendor, Reason.NO_RESPONSE)
        reply = await open_.receive("a", pushed(vendor, "a", naive))

    assert (reply.status, matches(seen)) == (400, [])


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
