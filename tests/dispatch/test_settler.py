"""What becomes of messages whose answer was lost."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from notify_core.dispatch import inquiry, settler
from notify_core.errors import NotifyError, ProviderUnavailable
from notify_core.model.attempt import Attempt
from notify_core.model.event import Match, PluginFailed, ReceiptMatched, Settled
from notify_core.model.outcome import Reason
from notify_core.model.receipt import Receipt
from notify_core.model.recipient import Recipient
from notify_core.model.result import Result
from notify_core.model.status import AttemptState, Status
from notify_core.notifier import Notifier
from notify_core.outbox.memory import MemoryOutbox
from notify_core.policy.policy_set import OnUnknown, PolicySet, Settling
from notify_core.provider import QueryMode, ReceiptMode
from notify_core.testing import FakeClock, FakeProvider, FakeVendor
from tests.builders import (
    NOON,
    FailingOutbox,
    Mute,
    Seen,
    accounts,
    code,
    notifier,
    provider,
    pushed,
    snapshot,
    text,
    until,
    webhook,
)

#: What a vendor tells when it is asked: a receipt, nothing yet, or an error.
Told = Receipt | Exception | None


@pytest.fixture
def vendor() -> FakeVendor:
    vendor = FakeVendor()
    vendor["a"].answers(Reason.NO_RESPONSE)
    return vendor


def tells(vendor: FakeVendor, *script: Told) -> list[str]:
    """Script what the vendor tells; the list returned has who was asked about."""
    asked: list[str] = []
    told = iter(script)

    async def query(attempt: Attempt, recipient: Recipient) -> Receipt | None:
        asked.append(recipient.address)
        answer = next(told, None)
        if isinstance(answer, Exception):
            raise answer
        return answer

    vars(vendor["a"])["query"] = query
    return asked


async def settled(open_: Notifier, **fields: Any) -> Result:
    """Send, and wait until it is final."""
    async with asyncio.timeout(60):
        return await open_.send(code(**fields), wait_for="delivered")


def receipt(state: AttemptState) -> Receipt:
    return Receipt(state=state)


@pytest.mark.parametrize(
    ("mode", "match"),
    [
        (QueryMode.REFERENCE, Match.REFERENCE),
        (QueryMode.RECIPIENT, Match.INFERRED),
    ],
)
async def test_the_vendor_is_asked_and_believed(
    vendor: FakeVendor, seen: Seen, mode: QueryMode, match: Match
) -> None:
    tells(vendor, receipt(AttemptState.DELIVERED))
    configured = snapshot(provider(vendor, query=mode))

    async with notifier(configured, seen, clock=FakeClock()) as open_:
        result = await settled(open_)

    assert (result.status, result.final) == (Status.DELIVERED, True)
    assert [m.match for m in seen.of(ReceiptMatched)] == [match]


async def test_the_vendor_is_asked_again_at_longer_pauses_and_then_no_more(
    vendor: FakeVendor, seen: Seen
) -> None:
    asked = tells(vendor)
    clock = FakeClock()

    async with notifier(accounts(vendor, "a"), seen, clock=clock) as open_:
        result = await settled(open_)

    assert (result.status, result.final) == (Status.SUBMIT_UNKNOWN, True)
    assert clock.slept == pytest.approx([2, 4, 8, 16])
    assert len(asked) == 4
    told = [(s.previous, s.status, s.final) for s in seen.of(Settled)]
    assert told == [
        (None, Status.SUBMIT_UNKNOWN, False),
        (Status.SUBMIT_UNKNOWN, Status.SUBMIT_UNKNOWN, True),
    ]


@pytest.mark.parametrize(
    ("message", "within", "seconds"),
    [
        (code(), None, 30),
        (text(), None, 600),
        (code(), timedelta(seconds=7), 7),
    ],
    ids=["code", "notice", "configured"],
)
async def test_a_lost_answer_is_waited_for_as_long_as_the_policy_says(
    vendor: FakeVendor, message: Any, within: timedelta | None, seconds: float
) -> None:
    policy = PolicySet(on_unknown=OnUnknown(within=within))
    silent = provider(vendor, query=QueryMode.NONE)
    clock = FakeClock()

    async with notifier(snapshot(silent, policy=policy), clock=clock) as open_:
        result = await open_.send(message, wait_for="delivered")

    assert (result.status, result.final) == (Status.SUBMIT_UNKNOWN, True)
    assert clock.slept == [seconds]


async def test_a_vendor_is_not_asked_where_the_policy_does_not_say_so(
    vendor: FakeVendor,
) -> None:
    asked = tells(vendor, receipt(AttemptState.DELIVERED))
    policy = PolicySet(on_unknown=OnUnknown(settle=(Settling.RECEIPT,)))

    async with notifier(
        accounts(vendor, "a", policy=policy), clock=FakeClock()
    ) as open_:
        result = await settled(open_)

    assert (result.status, asked) == (Status.SUBMIT_UNKNOWN, [])


async def test_a_provider_that_declares_queries_and_has_none_is_waited_for(
    seen: Seen,
) -> None:
    mute = FakeVendor(create=lambda _: Mute(FakeProvider("a", [Reason.NO_RESPONSE])))

    async with notifier(accounts(mute, "a"), seen, clock=FakeClock()) as open_:
        result = await settled(open_)

    assert (result.status, result.final) == (Status.SUBMIT_UNKNOWN, True)
    assert seen.of(PluginFailed) == []


async def test_an_accepted_message_is_awaited_no_more_where_no_receipts_come(
    vendor: FakeVendor,
) -> None:
    tells(vendor, receipt(AttemptState.ACCEPTED))
    deaf = provider(vendor, receipts=ReceiptMode.NONE)

    async with notifier(snapshot(deaf), clock=FakeClock()) as open_:
        result = await settled(open_)

    assert (result.status, result.final) == (Status.ACCEPTED, True)


async def test_a_receipt_ends_the_asking(vendor: FakeVendor) -> None:
    asked = tells(vendor)
    clock = FakeClock(runs=False)
    configured = snapshot(provider(vendor, webhook=webhook()))

    async with notifier(configured, clock=clock) as open_:
        result = await open_.send(code())
        told = Receipt(state=AttemptState.DELIVERED, reference=result.id)
        await open_.receive("a", pushed(vendor, "a", told))
        await advanced(clock, 2)
        after = await open_.get(result.id)

    assert asked == []
    assert after is not None
    assert after.status is Status.DELIVERED


async def test_a_receipt_that_comes_during_the_last_question_is_not_given_up(
    vendor: FakeVendor,
) -> None:
    async def query(attempt: Attempt, recipient: Recipient) -> None:
        clock.advance(30)
        told = Receipt(state=AttemptState.SENT, reference=attempt.reference)
        await open_.receive("a", pushed(vendor, "a", told))

    vars(vendor["a"])["query"] = query
    clock = FakeClock(runs=False)
    configured = snapshot(provider(vendor, webhook=webhook()))

    async with notifier(configured, clock=clock) as open_:
        result = await open_.send(code())
        await advanced(clock, 2)
        after = await open_.get(result.id)

    assert after is not None
    assert (after.status, after.final) == (Status.SENT, False)


async def advanced(clock: FakeClock, seconds: float) -> None:
    """Move the clock once the settler sleeps by it, and let it work."""
    await until(lambda: clock.slept)
    clock.advance(seconds)
    for _ in range(20):
        await asyncio.sleep(0)


# What may go wrong.


@pytest.mark.parametrize(
    ("fault", "is_defect"),
    [
        (ProviderUnavailable("HTTP 503"), False),
        (NotifyError("no"), False),
        (KeyError("a secret"), True),
    ],
    ids=["unavailable", "ours", "defect"],
)
async def test_a_question_that_fails_is_asked_again(
    vendor: FakeVendor, seen: Seen, fault: Exception, is_defect: bool
) -> None:
    tells(vendor, fault, receipt(AttemptState.DELIVERED))

    async with notifier(accounts(vendor, "a"), seen, clock=FakeClock()) as open_:
        result = await settled(open_)

    assert result.status is Status.DELIVERED
    defect = PluginFailed(plugin="fake", hook="query", error="KeyError")
    assert seen.of(PluginFailed) == ([defect] if is_defect else [])


async def test_a_question_that_is_never_answered_does_not_hold_up_the_end(
    vendor: FakeVendor, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inquiry, "LONGEST_ANSWER", 0.01)

    async def query(attempt: Attempt, recipient: Recipient) -> None:
        await asyncio.Event().wait()

    vars(vendor["a"])["query"] = query

    async with notifier(accounts(vendor, "a"), seen, clock=FakeClock()) as open_:
        result = await settled(open_)

    assert (result.status, result.final) == (Status.SUBMIT_UNKNOWN, True)
    assert {f.error for f in seen.of(PluginFailed)} == {"TimeoutError"}


@pytest.mark.parametrize(
    "answer",
    [
        receipt(AttemptState.UNKNOWN),
        receipt(AttemptState.REJECTED),
        Receipt(state=AttemptState.SENT, at=datetime(2026, 1, 1)),
        b"DELIVRD",
        False,
    ],
    ids=["unknown", "rejected", "naive", "bytes", "false"],
)
async def test_an_answer_that_no_vendor_can_give_settles_nothing(
    vendor: FakeVendor, seen: Seen, answer: Any
) -> None:
    asked = tells(vendor, *[answer] * 9)

    async with notifier(accounts(vendor, "a"), seen, clock=FakeClock()) as open_:
        result = await settled(open_)

    assert (result.status, result.final) == (Status.SUBMIT_UNKNOWN, True)
    assert len(asked) == len(seen.of(PluginFailed)) == 4


@pytest.mark.parametrize("method", ["get", "change"])
async def test_an_outbox_that_comes_back_gets_what_was_found_out(
    vendor: FakeVendor, caplog: pytest.LogCaptureFixture, method: str
) -> None:
    tells(vendor, *[receipt(AttemptState.DELIVERED)] * 3)
    outbox, clock = FailingOutbox(), FakeClock(runs=False)

    async with notifier(accounts(vendor, "a"), outbox=outbox, clock=clock) as open_:
        result = await open_.send(code())
        outbox.failing.add(method)
        await advanced(clock, 2)
        outbox.failing.clear()
        await advanced(clock, 2)
        after = await open_.get(result.id)

    assert after is not None
    assert after.status is Status.DELIVERED
    assert f"{result.id}: not settled yet: StoreUnavailable" in caplog.text


async def test_a_plugin_that_cancels_itself_loses_no_message(
    vendor: FakeVendor,
) -> None:
    cancelled = False

    async def query(attempt: Attempt, recipient: Recipient) -> Receipt:
        nonlocal cancelled
        if not cancelled:
            cancelled = True
            raise asyncio.CancelledError
        return receipt(AttemptState.DELIVERED)

    vars(vendor["a"])["query"] = query

    async with notifier(accounts(vendor, "a"), clock=FakeClock()) as open_:
        result = await settled(open_)

    assert result.status is Status.DELIVERED


async def test_a_message_that_was_forgotten_is_asked_about_no_more() -> None:
    vendor = FakeVendor()
    vendor["a"].answers(Reason.NO_RESPONSE)
    asked = tells(vendor)
    clock = FakeClock(runs=False)

    async with notifier(
        accounts(vendor, "a"), outbox=MemoryOutbox(keep=1), clock=clock
    ) as open_:
        await open_.send(code())
        await open_.send(code())
        await advanced(clock, 60)

    assert asked == []


async def test_many_lost_answers_are_all_settled() -> None:
    vendor = FakeVendor()
    many = 3 * settler.AT_ONCE
    vendor["a"].answers(*[Reason.NO_RESPONSE] * many)
    tells(vendor, *[receipt(AttemptState.DELIVERED)] * many)

    async with notifier(accounts(vendor, "a"), clock=FakeClock()) as open_:
        async with asyncio.timeout(60):
            sends: list[Callable[[], Any]] = [lambda: settled(open_)] * many
            results = await asyncio.gather(*(send() for send in sends))

    assert {r.status for r in results} == {Status.DELIVERED}


async def test_a_lost_answer_that_is_due_earlier_is_not_kept_waiting(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(Reason.NO_RESPONSE)
    clock = FakeClock(runs=False)
    silent = snapshot(provider(vendor, query=QueryMode.NONE))

    async with notifier(silent, clock=clock) as open_:
        notice = await open_.send(text())
        await until(lambda: clock.slept == [600])
        urgent = await open_.send(code())
        await until(lambda: len(clock.slept) == 2)
        clock.advance(30)
        for _ in range(20):
            await asyncio.sleep(0)
        after = [await open_.get(notice.id), await open_.get(urgent.id)]

    assert [r.final for r in after if r] == [False, True]
    assert clock.now() == NOON + timedelta(seconds=30)
