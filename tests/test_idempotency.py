"""The same message twice: by its idempotency key."""

import asyncio
from typing import Any

import pytest

from notify_core.errors import IdempotencyConflict, InvalidMessage
from notify_core.model.message import Content
from notify_core.model.receipt import Receipt
from notify_core.model.status import AttemptState, Status
from notify_core.testing import FakeVendor
from notify_core.testing.fakes import hangs
from tests.builders import (
    accounts,
    code,
    notifier,
    provider,
    pushed,
    snapshot,
    until,
    webhook,
)


async def test_the_same_key_and_content_give_the_first_result(
    vendor: FakeVendor,
) -> None:
    async with notifier(accounts(vendor, "a")) as open_:
        first = await open_.send(code(idempotency_key="k"))
        second = await open_.send(code(idempotency_key="k"))
        other = await open_.send(code(idempotency_key="l"))

    assert second == first
    assert other.id != first.id
    assert len(vendor["a"].submissions) == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"params": {"code": "9999"}},
        {"to": "+8613900139000"},
        {"template": None, "params": {}, "content": Content(text="Hi")},
        {"labels": {"tenant": "b"}},
    ],
    ids=lambda changed: next(iter(changed)),
)
async def test_the_same_key_and_other_content_conflict(
    vendor: FakeVendor, changed: dict[str, Any]
) -> None:
    async with notifier(accounts(vendor, "a")) as open_:
        first = await open_.send(code(idempotency_key="k"))
        with pytest.raises(IdempotencyConflict, match=first.id):
            await open_.send(code(idempotency_key="k", **changed))

    assert len(vendor["a"].submissions) == 1


async def test_two_hundred_at_once_with_one_key_are_sent_once(
    vendor: FakeVendor,
) -> None:
    async with notifier(accounts(vendor, "a")) as open_:
        sends = (open_.send(code(idempotency_key="k")) for _ in range(200))
        results = await asyncio.gather(*sends)

    assert len(vendor["a"].submissions) == 1
    assert len({result.id for result in results}) == 1
    assert {r.status for r in results} <= {Status.SUBMITTING, Status.ACCEPTED}


async def test_while_the_first_is_under_way_the_second_is_told_so(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(hangs(written=False))

    async with notifier(accounts(vendor, "a")) as open_:
        first = asyncio.create_task(open_.send(code(idempotency_key="k")))
        await until(lambda: vendor["a"].submissions)
        second = await open_.send(code(idempotency_key="k"))
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)

    assert (second.status, second.final) == (Status.SUBMITTING, False)


async def test_a_second_one_may_wait_for_the_first_ones_end(
    vendor: FakeVendor,
) -> None:
    configured = snapshot(provider(vendor, webhook=webhook()))

    async with notifier(configured) as open_, asyncio.timeout(60):
        await open_.send(code(idempotency_key="k"))
        second = asyncio.create_task(
            open_.send(code(idempotency_key="k"), wait_for="delivered")
        )
        await asyncio.sleep(0)
        receipt = Receipt(state=AttemptState.DELIVERED, provider_id="a-1")
        await open_.receive("a", pushed(vendor, "a", receipt))
        result = await second

    assert result.status is Status.DELIVERED


async def test_a_key_of_a_message_that_was_refused_is_free(vendor: FakeVendor) -> None:
    async with notifier(accounts(vendor, "a")) as open_:
        with pytest.raises(InvalidMessage):
            await open_.send(code(idempotency_key="k", to="1"))
        result = await open_.send(code(idempotency_key="k"))

    assert result.ok
