"""Receipts, and how they are pushed."""

from datetime import timedelta
from typing import Any

from notify_core.config.snapshot import Snapshot
from notify_core.model.event import Match, ReceiptMatched
from notify_core.model.outcome import Reason
from notify_core.model.receipt import Receipt
from notify_core.model.result import Result
from notify_core.model.status import AttemptState
from notify_core.notifier import Notifier
from notify_core.testing import FakeVendor
from tests.builders import Seen, code, provider, pushed, snapshot, webhook

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
