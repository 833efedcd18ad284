"""What policies do to a message, through the front door."""

import asyncio
from datetime import timedelta

import attrs
import pytest

from notify_core.config.snapshot import Snapshot
from notify_core.model.attempt import Answer
from notify_core.model.event import Accepted, Admitted, Planned, Settled
from notify_core.model.outcome import Disposition, Outcome, Reason
from notify_core.model.receipt import Receipt
from notify_core.model.status import AttemptState, Status
from notify_core.model.verdict import Verdict
from notify_core.outbox.memory import MemoryOutbox
from notify_core.policy.decision import Decision
from notify_core.policy.policy_set import OnUnknown, PolicySet, Settling, Then
from notify_core.policy.take import Sliding, Take
from notify_core.provider import Submission
from notify_core.routing.pool import Pool
from notify_core.testing import FakeClock, FakeVendor
from tests.builders import (
    NOON,
    Says,
    Seen,
    accounts,
    code,
    notifier,
    policies,
    provider,
    pushed,
    snapshot,
    states,
    until,
    webhook,
)

SECOND = timedelta(seconds=1)
DROP = Decision(verdict=Verdict.SUPPRESS, reason=Reason.POLICY_BLOCKED, why="listed")
REFUSE = Decision(verdict=Verdict.REJECT, reason=Reason.POLICY_CONTENT)
#: Five a minute, counted together.
FIVE = Take("c", Sliding(timedelta(minutes=1)), 5)


def later(seconds: float) -> Decision:
    return Decision(
        verdict=Verdict.DEFER,
        reason=Reason.POLICY_QUIET_HOURS,
        until=NOON + seconds * SECOND,
        why="it is night",
    )


def under(vendor: FakeVendor, **named: Decision) -> Snapshot:
    """Return a configuration whose route has policies that say this."""
    said = {name: Says(decision) for name, decision in named.items()}
    return accounts(vendor, "a", "b", policy=policies(**said))


# Refused and dropped.


@pytest.mark.parametrize(
    ("decision", "status"), [(DROP, Status.SUPPRESSED), (REFUSE, Status.REJECTED)]
)
async def test_what_a_policy_bars_is_recorded_and_asks_no_provider(
    vendor: FakeVendor, seen: Seen, decision: Decision, status: Status
) -> None:
    async with notifier(under(vendor, mine=decision), seen) as open_:
        result = await open_.send(code())
        known = await open_.get(result.id)

    assert (result.status, result.final, result.reason) == (
        status,
        True,
        decision.reason,
    )
    assert result.why.startswith("mine")
    assert known == result
    assert not vendor["a"].submissions
    assert [(e.policy, e.verdict) for e in seen.of(Admitted)] == [
        ("mine", decision.verdict)
    ]
    assert [e.status for e in seen.of(Settled)] == [status]
    assert len(seen.of(Accepted)) == 1


async def test_a_refusal_goes_before_a_deferral(vendor: FakeVendor) -> None:
    async with notifier(under(vendor, night=later(1), mine=REFUSE)) as open_:
        result = await open_.send(code())

    assert result.reason is Reason.POLICY_CONTENT


async def test_a_message_that_no_policy_minds_makes_no_event_of_it(
    vendor: FakeVendor, seen: Seen
) -> None:
    async with notifier(accounts(vendor, "a"), seen) as open_:
        result = await open_.send(code())

    assert result.ok
    assert not seen.of(Admitted)


# Counters.


async def test_two_hundred_at_once_take_no_more_than_there_is(
    vendor: FakeVendor,
) -> None:
    over = Decision(verdict=Verdict.REJECT, reason=Reason.POLICY_RATE_LIMITED)
    limited = accounts(vendor, "a", policy=policies(limit=Says(over, FIVE)))

    async with notifier(limited) as open_:
        results = await asyncio.gather(*(open_.send(code()) for _ in range(200)))

    assert sum(result.ok for result in results) == 5
    assert {r.reason for r in results if not r.ok} == {Reason.POLICY_RATE_LIMITED}
    assert len(vendor["a"].submissions) == 5


async def test_what_nobody_took_is_given_back(vendor: FakeVendor) -> None:
    over = Decision(verdict=Verdict.REJECT, reason=Reason.POLICY_RATE_LIMITED)
    limited = accounts(vendor, "a", policy=policies(limit=Says(over, FIVE)))
    vendor["a"].answers(*[Reason.CONTENT_REJECTED] * 20)

    async with notifier(limited) as open_:
        results = [await open_.send(code()) for _ in range(20)]

    assert {result.reason for result in results} == {Reason.CONTENT_REJECTED}


async def test_what_may_have_arrived_is_not_given_back(vendor: FakeVendor) -> None:
    over = Decision(verdict=Verdict.REJECT, reason=Reason.POLICY_RATE_LIMITED)
    limited = accounts(vendor, "a", policy=policies(limit=Says(over, FIVE)))
    vendor["a"].answers(*[Reason.NO_RESPONSE] * 20)

    async with notifier(limited) as open_:
        results = [await open_.send(code()) for _ in range(6)]

    assert [r.status for r in results[:5]] == [Status.SUBMIT_UNKNOWN] * 5
    assert results[5].reason is Reason.POLICY_RATE_LIMITED


async def test_a_policy_that_lets_a_full_counter_pass_is_not_heeded(
    vendor: FakeVendor,
) -> None:
    over = Decision(verdict=Verdict.ALLOW)
    none_left = attrs.evolve(FIVE, most=0)
    careless = accounts(vendor, "a", policy=policies(limit=Says(over, none_left)))

    async with notifier(careless) as open_:
        result = await open_.send(code())

    assert result.reason is Reason.POLICY_RATE_LIMITED
    assert not vendor["a"].submissions


# Deferred, without a store that outlives the process.


async def test_a_short_deferral_is_waited_out(vendor: FakeVendor, seen: Seen) -> None:
    clock = FakeClock(runs=False)
    once = Says(later(5))
    configured = accounts(vendor, "a", policy=policies(night=once))

    async with notifier(configured, seen, clock=clock) as open_:
        message = code()
        sending = asyncio.create_task(open_.send(message))
        await until(lambda: clock.slept)
        waiting = await open_.get(message.id)
        vars(once)["_decision"] = Decision(verdict=Verdict.ALLOW)
        clock.advance(5)
        result = await sending

    assert waiting is not None
    assert waiting.status is Status.DEFERRED
    assert waiting.retry_at == NOON + 5 * SECOND
    assert result.ok
    assert result.reason is None
    assert result.why == ""


async def test_a_deferral_beyond_the_deadline_is_refused_with_its_reason(
    vendor: FakeVendor,
) -> None:
    async with notifier(under(vendor, night=later(3600))) as open_:
        result = await open_.send(code())

    assert (result.status, result.reason) == (
        Status.REJECTED,
        Reason.POLICY_QUIET_HOURS,
    )
    assert result.why == "night: it is night"


async def test_a_message_that_ends_before_it_is_due_is_expired(
    vendor: FakeVendor,
) -> None:
    async with notifier(under(vendor, night=later(3600))) as open_:
        result = await open_.send(code(validity=timedelta(minutes=5)))

    assert (result.status, result.reason) == (Status.EXPIRED, Reason.EXPIRED)


async def test_a_message_that_waits_can_be_withdrawn(vendor: FakeVendor) -> None:
    clock = FakeClock(runs=False)
    async with notifier(under(vendor, night=later(5)), clock=clock) as open_:
        message = code()
        sending = asyncio.create_task(open_.send(message))
        await until(lambda: clock.slept)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        known = await open_.get(message.id)

    assert known is not None
    assert known.status is Status.CANCELED


# With one that does.


class Durable(MemoryOutbox):
    """A store that says that it outlives the process."""

    durable = True


async def test_a_deferred_message_of_a_durable_store_is_left_to_it(
    vendor: FakeVendor, seen: Seen
) -> None:
    configured = under(vendor, night=later(3600))

    async with notifier(configured, seen, outbox=Durable()) as open_:
        result = await open_.send(code())

    assert (result.status, result.final) == (Status.DEFERRED, False)
    assert result.retry_at == NOON + 3600 * SECOND
    assert [e.until for e in seen.of(Admitted)] == [NOON + 3600 * SECOND]


# Another pool.


async def test_a_policy_can_put_another_provider_in_place_of_the_routes(
    vendor: FakeVendor,
) -> None:
    box = FakeVendor("box")
    aside = Decision(verdict=Verdict.ALLOW, instead="mailbox")
    configured = snapshot(provider(vendor, "a"), policy=policies(sandbox=Says(aside)))
    mailbox = provider(box, "mailbox")
    both = {**configured.providers, "mailbox": mailbox}

    async with notifier(attrs.evolve(configured, providers=both)) as open_:
        result = await open_.send(code())

    assert [a.provider for a in result.attempts] == ["mailbox"]
    assert not vendor["a"].submissions


async def test_a_policy_can_put_a_pool_in_place_of_the_routes(
    vendor: FakeVendor,
) -> None:
    aside = Decision(verdict=Verdict.ALLOW, instead="other")
    configured = accounts(vendor, "a", "b", policy=policies(sandbox=Says(aside)))
    pools = {"other": Pool.of("other", "b")}

    async with notifier(attrs.evolve(configured, pools=pools)) as open_:
        result = await open_.send(code())

    assert [a.provider for a in result.attempts] == ["b"]


async def test_what_a_policy_puts_where_nothing_is_goes_nowhere_and_says_so(
    vendor: FakeVendor,
) -> None:
    aside = Decision(verdict=Verdict.ALLOW, instead="mailbax")
    configured = accounts(vendor, "a", policy=policies(sandbox=Says(aside)))

    async with notifier(configured) as open_:
        result = await open_.send(code())

    assert (result.status, result.reason) == (Status.REJECTED, Reason.NO_PROVIDER)
    [left_out] = result.excluded
    assert left_out.provider == "mailbax"
    assert left_out.why.startswith("is no provider and no pool")
    assert not vendor["a"].submissions


# After an unknown, and after a negative receipt.


def sent(vendor: FakeVendor, policy: PolicySet) -> Snapshot:
    first = provider(vendor, "a", webhook=webhook())
    return snapshot(first, provider(vendor, "b"), policy=policy)


@pytest.mark.parametrize("duplicates", [True, False])
async def test_an_unknown_goes_to_another_provider_only_where_twice_is_allowed(
    vendor: FakeVendor, duplicates: bool
) -> None:
    clock = FakeClock(runs=False)
    policy = PolicySet(
        on_unknown=OnUnknown(within=5 * SECOND, then=Then.FAILOVER),
        duplicates=duplicates,
    )
    vendor["a"].answers(Reason.NO_RESPONSE)

    async with notifier(sent(vendor, policy), clock=clock) as open_:
        result = await open_.send(code())
        await until(lambda: clock.slept)
        clock.advance(6)
        for _ in range(20):
            await asyncio.sleep(0)
        known = await open_.get(result.id)

    assert result.status is Status.SUBMIT_UNKNOWN
    assert known is not None
    expected = ["a", "b"] if duplicates else ["a"]
    assert [a.provider for a in known.attempts] == expected
    assert known.ok is duplicates
    assert known.final is not duplicates


async def test_a_negative_receipt_leads_to_one_more_provider_where_it_is_wanted(
    vendor: FakeVendor, seen: Seen
) -> None:
    message = code()
    policy = PolicySet(reasons={Reason.RECIPIENT_UNREACHABLE: Disposition.FAILOVER})
    told = Receipt(
        state=AttemptState.UNDELIVERED,
        reason=Reason.RECIPIENT_UNREACHABLE,
        provider_id="a-1",
    )

    async with notifier(sent(vendor, policy), seen) as open_:
        await open_.send(message)
        await open_.receive("a", pushed(vendor, "a", told))
        await until(lambda: vendor["b"].submissions)
        result = await open_.wait(message.id, timeout=0)

    assert result is not None
    assert states(result) == [
        ("a", AttemptState.UNDELIVERED, Reason.RECIPIENT_UNREACHABLE),
        ("b", AttemptState.ACCEPTED, Reason.NONE),
    ]
    assert Status.UNDELIVERED not in {e.status for e in seen.of(Settled)}
    assert len(seen.of(Planned)) == 2


async def test_a_provider_that_a_receipt_led_to_stays_open_through_a_reload(
    vendor: FakeVendor,
) -> None:
    policy = PolicySet(reasons={Reason.RECIPIENT_UNREACHABLE: Disposition.FAILOVER})
    told = Receipt(
        state=AttemptState.UNDELIVERED,
        reason=Reason.RECIPIENT_UNREACHABLE,
        provider_id="a-1",
    )
    answered = asyncio.Event()

    async def slowly(submission: Submission) -> Answer:
        submission.wire.begin()
        await answered.wait()
        return Answer(outcome=Outcome.ACCEPTED)

    vendor["b"].answers(slowly)
    async with notifier(sent(vendor, policy)) as open_:
        await open_.send(code())
        await open_.receive("a", pushed(vendor, "a", told))
        await until(lambda: vendor["b"].submissions)
        await open_.engine.swap(accounts(vendor, "a"))
        for _ in range(20):
            await asyncio.sleep(0)
        while_asked = vendor["b"].closed
        answered.set()
        await until(lambda: vendor["b"].closed)

    assert while_asked == 0


async def test_a_negative_receipt_ends_a_message_by_default(vendor: FakeVendor) -> None:
    told = Receipt(
        state=AttemptState.UNDELIVERED,
        reason=Reason.RECIPIENT_UNREACHABLE,
        provider_id="a-1",
    )

    async with notifier(sent(vendor, PolicySet())) as open_:
        message = code()
        await open_.send(message)
        await open_.receive("a", pushed(vendor, "a", told))
        result = await open_.wait(message.id)

    assert result is not None
    assert (result.status, result.final) == (Status.UNDELIVERED, True)
    assert not vendor["b"].submissions


async def test_an_unknown_of_which_nothing_can_be_found_out_goes_on_at_once(
    vendor: FakeVendor,
) -> None:
    policy = PolicySet(
        on_unknown=OnUnknown(settle=(Settling.REFERENCE,), then=Then.FAILOVER),
        duplicates=True,
    )
    vendor["a"].answers(Reason.NO_RESPONSE)

    async with notifier(accounts(vendor, "a", "b", policy=policy)) as open_:
        result = await open_.send(code())

    assert [a.provider for a in result.attempts] == ["a", "b"]
    assert result.ok
