"""Receipts that fit by number and time, where the answer was lost."""

from datetime import timedelta
from typing import Any

import pytest

from notify_core.model.event import Match
from notify_core.model.outcome import Reason
from notify_core.model.receipt import Receipt
from notify_core.model.status import Status
from notify_core.testing import FakeClock, FakeVendor
from tests.builders import NOON, NUMBER, Seen, notifier
from tests.receipts.reported import (
    OTHER_NUMBER,
    SECOND,
    configured,
    matches,
    now,
    push,
    receipt,
    sent,
)


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
