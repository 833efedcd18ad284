"""Receipts that name their attempt: by the vendor's id, or by our reference."""

from datetime import datetime

import attrs
import pytest

from notify_core.dispatch.submit import KEPT_TEXT
from notify_core.model.attempt import Answer
from notify_core.model.event import Match, ReceiptMatched
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.status import AttemptState, Status
from notify_core.provider import ReceiptMode
from notify_core.testing import FakeClock, FakeVendor
from tests.builders import (
    NUMBER,
    FailingOutbox,
    Seen,
    notifier,
    provider,
    pushed,
    snapshot,
    text,
    webhook,
)
from tests.receipts.reported import (
    OTHER_NUMBER,
    configured,
    matches,
    now,
    push,
    receipt,
    sent,
)


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
