"""The options under `policies` that say how hard to try."""

from datetime import timedelta
from random import Random
from typing import Any

import attrs
import pytest

from notify_core.model.attempt import Answer
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.receipt import Receipt
from notify_core.model.status import AttemptState, Status
from notify_core.provider import QueryMode, ReceiptMode
from notify_core.testing import FakeClock, FakeVendor
from tests.builders import NOON, code, text
from tests.options.configured import CODE, failing_over, one, opened, under

#: Refuses, and says that it may be asked again in ten seconds.
LATER = Answer(
    outcome=Outcome.REJECTED,
    reason=Reason.THROTTLED,
    retry_at=NOON + timedelta(seconds=10),
)


class Longest(Random):
    """Draws the highest number each time."""

    def uniform(self, a: float, b: float) -> float:
        return max(a, b)


@pytest.mark.option("policies.*.extends")
async def test_a_set_has_what_the_set_has_that_it_extends(vendor: FakeVendor) -> None:
    policies = {"strict": {"max_attempts": 1}, "given": {"extends": "strict"}}
    vendor["a"].answers(Reason.CONNECT_FAILED)

    result = await one({**failing_over({}), "policies": policies}, vendor=vendor)

    assert [attempt.provider for attempt in result.attempts] == ["a"]


@pytest.mark.option("policies.*.deadline")
async def test_nothing_is_tried_after_the_deadline(vendor: FakeVendor) -> None:
    vendor["a"].answers(LATER)

    result = await one(under({"deadline": "5s"}), vendor=vendor)

    assert (len(result.attempts), result.status) == (1, Status.REJECTED)


@pytest.mark.option("policies.*.validity")
async def test_a_message_expires_with_its_validity(vendor: FakeVendor) -> None:
    vendor["a"].answers(LATER)

    result = await one(under({"validity": "5s"}), vendor=vendor)

    assert result.reason is Reason.EXPIRED


@pytest.mark.option("policies.*.attempt_timeout.connect")
@pytest.mark.option("policies.*.attempt_timeout.read")
async def test_a_provider_is_told_how_long_an_attempt_may_take(
    vendor: FakeVendor,
) -> None:
    timeouts = {"connect": "500ms", "read": "1s"}

    await one(under({"attempt_timeout": timeouts}), vendor=vendor)

    told = vendor["a"].submissions[0].timeouts
    assert (told.connect, told.read) == (0.5, 1)


@pytest.mark.option("policies.*.max_attempts")
async def test_no_more_is_tried_than_so_often(vendor: FakeVendor) -> None:
    vendor["a"].answers(Reason.CONNECT_FAILED)

    result = await one(failing_over({"max_attempts": 1}), vendor=vendor)

    assert len(result.attempts) == 1


@pytest.mark.option("policies.*.retry.first")
@pytest.mark.option("policies.*.retry.factor")
@pytest.mark.option("policies.*.retry.longest")
async def test_the_pauses_before_retries_grow_to_a_limit(vendor: FakeVendor) -> None:
    vendor["a"].answers(*[Reason.PROVIDER_ERROR] * 4)
    retry = {"first": "200ms", "factor": 3, "longest": "1s"}
    clock = FakeClock()

    await one(
        under({"retry": retry, "max_attempts": 9}),
        vendor=vendor,
        clock=clock,
        random=Longest(),
    )

    assert clock.slept == pytest.approx([0.2, 0.6, 1, 1])


def silent(**facts: Any) -> FakeVendor:
    """Return a vendor whose first answer is lost, and that tells nothing more."""
    vendor = FakeVendor()
    can = attrs.evolve(
        vendor.type.capabilities,
        **{"query": QueryMode.NONE, "receipts": ReceiptMode.PUSH, **facts},
    )
    vendor = FakeVendor(capabilities=can)
    vendor["a"].answers(Reason.NO_RESPONSE)
    return vendor


@pytest.mark.option("policies.*.on_unknown.settle")
async def test_only_the_ways_that_are_named_are_taken_to_find_out() -> None:
    vendor = silent(query=QueryMode.REFERENCE)
    message = code()
    vendor["a"].receipts[message.id] = Receipt(state=AttemptState.DELIVERED)
    policy = {"on_unknown": {"settle": ["receipt"]}}

    async with opened(under(policy, templates={"code": CODE}), vendor) as notifier:
        result = await notifier.send(message, wait_for="delivered")

    assert result.status is Status.SUBMIT_UNKNOWN


@pytest.mark.option("policies.*.on_unknown.within")
async def test_it_is_tried_so_long_to_find_out() -> None:
    clock = FakeClock()
    configuration = under({"on_unknown": {"within": "7s"}}, templates={"code": CODE})

    async with opened(configuration, silent(), clock=clock) as notifier:
        await notifier.send(code(), wait_for="delivered")

    assert clock.now() == NOON + timedelta(seconds=7)


@pytest.mark.option("policies.*.on_unknown.then")
@pytest.mark.option("policies.*.duplicates")
async def test_what_was_not_found_out_may_go_to_the_next_provider() -> None:
    vendor = silent()
    policy = {
        "deadline": "2m",
        "on_unknown": {"within": "7s", "then": "failover"},
        "duplicates": "allowed",
    }

    configuration = {**failing_over(policy), "templates": {"code": CODE}}

    async with opened(configuration, vendor) as notifier:
        await notifier.send(code(), wait_for="delivered", timeout=0.1)

    assert len(vendor["b"].submissions) == 1


@pytest.mark.option("policies.*.receipt_deadline")
async def test_a_receipt_is_waited_for_so_long(vendor: FakeVendor) -> None:
    configuration = under({"receipt_deadline": "20s"})

    async with opened(configuration, vendor) as notifier:
        result = await notifier.send(text(), wait_for="delivered", timeout=0.5)

    assert (result.status, result.final) == (Status.RECEIPT_TIMEOUT, True)


@pytest.mark.option("policies.*.receipt_deadline.within", instead="30s")
async def test_a_receipt_is_waited_for_so_long_where_more_is_said_of_it(
    vendor: FakeVendor,
) -> None:
    clock = FakeClock()
    configuration = under({"receipt_deadline": {"within": "20s"}})

    async with opened(configuration, vendor, clock=clock) as notifier:
        await notifier.send(text(), wait_for="delivered", timeout=0.5)

    assert clock.now() == NOON + timedelta(seconds=20)


@pytest.mark.option("policies.*.receipt_deadline.then")
async def test_a_message_without_its_receipt_may_go_to_the_next_provider(
    vendor: FakeVendor,
) -> None:
    policy = {
        "deadline": "2m",
        "receipt_deadline": {"within": "20s", "then": "failover"},
        "duplicates": "allowed",
    }

    async with opened(failing_over(policy), vendor) as notifier:
        result = await notifier.send(text(), wait_for="delivered")

    assert [attempt.provider for attempt in result.attempts] == ["a", "b"]


@pytest.mark.option("policies.*.reasons.*", instead="stop")
async def test_a_reason_has_the_disposition_that_the_set_gives_it(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(Reason.CONTENT_REJECTED)

    result = await one(
        failing_over({"reasons": {"content_rejected": "failover"}}), vendor=vendor
    )

    assert [attempt.provider for attempt in result.attempts] == ["a", "b"]
