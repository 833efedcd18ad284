"""One run of a message: what is tried, what is kept, and what the caller is told."""

from datetime import timedelta

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notify_core.dispatch.submit import KEPT_TEXT
from notify_core.errors import MessageNotSent, OutcomeUnknown
from notify_core.model.attempt import Answer
from notify_core.model.event import (
    Accepted,
    Attempted,
    FailedOver,
    Planned,
    Settled,
)
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.result import Exclusion
from notify_core.model.status import AttemptState, Status
from notify_core.outbox.memory import MemoryOutbox
from notify_core.policy.policy_set import PolicySet
from notify_core.provider import QueryMode, ReceiptMode
from notify_core.testing import FakeClock, FakeVendor
from notify_core.testing.fakes import Scripted
from notify_core.transmission import Timeouts
from notify_core.trial.scripted import answer_for
from tests.builders import (
    NOON,
    NUMBER,
    Seen,
    accounts,
    code,
    notifier,
    provider,
    snapshot,
    states,
)

ACCEPTED = Answer(outcome=Outcome.ACCEPTED, provider_id="v-1")
WINDOW = timedelta(seconds=60)


# What the caller is told.


async def test_the_first_provider_takes_it(vendor: FakeVendor, seen: Seen) -> None:
    async with notifier(accounts(vendor, "a", "b"), seen) as open_:
        result = await open_.send(code())

    assert (result.status, result.reason, result.final) == (
        Status.ACCEPTED,
        None,
        False,
    )
    assert states(result) == [("a", AttemptState.ACCEPTED, Reason.NONE)]
    kinds = [type(event) for event in seen.events[1:]]
    assert kinds == [Accepted, Planned, Attempted, Settled]


async def test_acceptance_is_final_where_no_receipts_come(vendor: FakeVendor) -> None:
    deaf = provider(vendor, receipts=ReceiptMode.NONE)

    async with notifier(snapshot(deaf)) as open_:
        result = await open_.send(code())

    assert (result.status, result.final) == (Status.ACCEPTED, True)


async def test_a_failure_goes_to_the_next_provider_with_its_reason_kept(
    vendor: FakeVendor, seen: Seen
) -> None:
    vendor["a"].answers(Reason.CONNECT_FAILED)

    async with notifier(accounts(vendor, "a", "b"), seen) as open_:
        result = await open_.send(code())

    assert result.ok
    assert states(result) == [
        ("a", AttemptState.REJECTED, Reason.CONNECT_FAILED),
        ("b", AttemptState.ACCEPTED, Reason.NONE),
    ]
    left = FailedOver(
        message=result.id, provider="a", to="b", reason=Reason.CONNECT_FAILED
    )
    assert seen.of(FailedOver) == [left]


async def test_a_retry_at_the_same_provider_is_no_failover(
    vendor: FakeVendor, seen: Seen
) -> None:
    vendor["a"].answers(Reason.THROTTLED)
    clock = FakeClock()

    async with notifier(accounts(vendor, "a"), seen, clock=clock) as open_:
        result = await open_.send(code())

    assert [a.provider for a in result.attempts] == ["a", "a"]
    assert seen.of(FailedOver) == []
    assert 0 < clock.slept[0] <= 0.5


async def test_it_is_rejected_with_the_last_reason_when_nobody_takes_it(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(Reason.AUTH_FAILED)
    vendor["b"].answers(Reason.CONTENT_REJECTED)

    async with notifier(accounts(vendor, "a", "b")) as open_:
        result = await open_.send(code())

    assert (result.status, result.final) == (Status.REJECTED, True)
    assert result.reason is Reason.CONTENT_REJECTED
    with pytest.raises(MessageNotSent, match="a rejected auth_failed"):
        result.raise_for_status()


async def test_the_vendors_time_to_come_again_is_given_back(vendor: FakeVendor) -> None:
    tomorrow = NOON + timedelta(days=1)
    limited = attrs.evolve(answer_for(Reason.RECIPIENT_RATE_LIMITED), retry_at=tomorrow)
    vendor["a"].answers(limited)

    async with notifier(accounts(vendor, "a", "b")) as open_:
        result = await open_.send(code())

    assert (result.status, result.retry_at) == (Status.REJECTED, tomorrow)
    assert len(result.attempts) == 1


async def test_nothing_eligible_says_why_for_each_provider(vendor: FakeVendor) -> None:
    wrong = provider(vendor, countries=frozenset({"US"}))

    async with notifier(snapshot(wrong)) as open_:
        result = await open_.send(code())

    assert (result.status, result.reason) == (Status.REJECTED, Reason.NO_PROVIDER)
    assert (result.final, result.attempts) == (True, ())
    assert result.excluded == (
        Exclusion(provider="a", why="destination CN is not served"),
    )


async def test_an_unknown_ends_the_tries_and_says_so(vendor: FakeVendor) -> None:
    vendor["a"].answers(Reason.NO_RESPONSE)

    async with notifier(accounts(vendor, "a", "b")) as open_:
        result = await open_.send(code())

    assert (result.status, result.reason) == (Status.SUBMIT_UNKNOWN, Reason.NO_RESPONSE)
    assert (result.final, len(result.attempts)) == (False, 1)
    with pytest.raises(OutcomeUnknown):
        result.raise_for_status()


async def test_an_unknown_is_final_where_nothing_more_can_be_heard(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(Reason.NO_RESPONSE)
    deaf = provider(vendor, receipts=ReceiptMode.NONE, query=QueryMode.NONE)

    async with notifier(snapshot(deaf)) as open_:
        result = await open_.send(code())

    assert (result.status, result.final) == (Status.SUBMIT_UNKNOWN, True)


async def test_the_vendors_words_are_masked_and_cut(vendor: FakeVendor) -> None:
    words = f"{NUMBER} is on the list {'!' * 500}"
    vendor["a"].answers(
        attrs.evolve(answer_for(Reason.RECIPIENT_BLOCKED), text=words, code="4085")
    )

    async with notifier(accounts(vendor, "a")) as open_:
        result = await open_.send(code())

    told = result.attempts[0].text or ""
    assert told.startswith("+86138****8000 is on the list")
    assert len(told) == KEPT_TEXT
    assert result.attempts[0].code == "4085"


async def test_each_attempt_records_the_configuration_it_ran_under(
    vendor: FakeVendor,
) -> None:
    configured = accounts(vendor, "a")

    async with notifier(configured) as open_:
        result = await open_.send(code())

    assert [a.config for a in result.attempts] == [configured.hash]


async def test_billable_parts_are_counted_for_the_accepted_attempt_only() -> None:
    vendor = FakeVendor(segments=lambda settings, submission: 3)
    vendor["a"].answers(Reason.CONNECT_FAILED)

    async with notifier(accounts(vendor, "a", "b")) as open_:
        result = await open_.send(code())

    assert [a.segments for a in result.attempts] == [0, 3]
    assert result.segments == 3


async def test_a_vendor_that_tells_the_parts_is_believed() -> None:
    vendor = FakeVendor(segments=lambda settings, submission: 3)
    vendor["a"].answers(attrs.evolve(ACCEPTED, segments=2))

    async with notifier(accounts(vendor, "a")) as open_:
        result = await open_.send(code())

    assert result.segments == 2


# Time.


async def test_a_deadline_shorter_than_an_attempt_tries_nobody(
    vendor: FakeVendor,
) -> None:
    short = PolicySet(deadline=timedelta(seconds=2.5))

    async with notifier(accounts(vendor, "a", policy=short)) as open_:
        result = await open_.send(code())

    assert (result.status, result.reason) == (Status.REJECTED, Reason.DEADLINE_EXCEEDED)
    assert (result.final, result.attempts, vendor["a"].submissions) == (True, (), [])


async def test_a_validity_shorter_than_an_attempt_expires(vendor: FakeVendor) -> None:
    async with notifier(accounts(vendor, "a")) as open_:
        result = await open_.send(code(validity=timedelta(seconds=2.5)))

    assert (result.status, result.reason) == (Status.EXPIRED, Reason.EXPIRED)
    assert (result.final, vendor["a"].submissions) == (True, [])


async def test_an_attempt_gets_no_more_time_than_is_left(vendor: FakeVendor) -> None:
    policy = PolicySet(attempt_timeout=Timeouts(connect=2, read=5))

    async with notifier(accounts(vendor, "a", policy=policy)) as open_:
        await open_.send(code(validity=timedelta(seconds=4.5)))
        await open_.send(code())

    limits = [s.timeouts for s in vendor["a"].submissions]
    assert limits == [Timeouts(connect=2, read=2.5), Timeouts(connect=2, read=5)]


async def test_a_validity_that_ends_between_tries_leaves_the_refusal_and_says_why(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(*[Reason.THROTTLED] * 3)
    clock = FakeClock()

    async with notifier(accounts(vendor, "a"), clock=clock) as open_:
        vendor["a"].answers(*[Reason.THROTTLED] * 9)
        result = await open_.send(code(validity=timedelta(seconds=3.0001)))

    assert (result.status, result.reason) == (Status.REJECTED, Reason.EXPIRED)
    assert result.final


class SleepyClock(FakeClock):
    """A clock whose machine was suspended during the wait."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds + 29)


async def test_no_attempt_starts_after_a_wait_that_took_too_long(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(Reason.THROTTLED)

    async with notifier(accounts(vendor, "a"), clock=SleepyClock()) as open_:
        result = await open_.send(code())

    assert (result.status, result.reason) == (Status.REJECTED, Reason.DEADLINE_EXCEEDED)
    assert len(vendor["a"].submissions) == 1


# In general.

SCRIPTS = st.lists(st.sampled_from(Reason), max_size=4)


@settings(deadline=None, max_examples=60)
@given(
    scripts=st.tuples(SCRIPTS, SCRIPTS, SCRIPTS),
    attempts=st.integers(1, 6),
    has_window=st.booleans(),
)
async def test_whatever_providers_answer_one_at_most_may_have_delivered(
    scripts: tuple[list[Reason], ...], attempts: int, has_window: bool
) -> None:
    vendor, seen, outbox = FakeVendor(), Seen(), MemoryOutbox()
    window = WINDOW if has_window else None
    for name, script in zip("abc", scripts, strict=True):
        told: list[Scripted] = list(script)
        vendor[name].answers(*told)
    configured = snapshot(
        *(provider(vendor, name, idempotent_reference=window) for name in "abc"),
        policy=PolicySet(max_attempts=attempts),
    )

    async with notifier(configured, seen, outbox=outbox, clock=FakeClock()) as open_:
        result = await open_.send(code())
        stored = await outbox.get(result.id)

    held = {a.provider for a in result.attempts if a.state is not AttemptState.REJECTED}
    assert len(held) <= 1
    assert len(result.attempts) <= attempts
    assert stored is not None
    assert stored.is_closed
    assert [s.status for s in seen.of(Settled) if s.previous is None] == [result.status]
    assert tuple(e.attempt.number for e in seen.of(Attempted)) == tuple(
        a.number for a in result.attempts
    )
