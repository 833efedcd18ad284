"""What an attempt waits for: the provider's rate, and its turn after a rest."""

import asyncio
from datetime import timedelta

import attrs
import pytest

from notify_core.config.snapshot import Snapshot
from notify_core.errors import StoreUnavailable
from notify_core.model.attempt import Answer
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.rate import Rate
from notify_core.model.status import Status
from notify_core.policy.policy_set import PolicySet
from notify_core.provider import Submission
from notify_core.routing.health.settings import HealthSettings
from notify_core.testing import FakeClock, FakeVendor
from tests.builders import FailingOutbox, code, notifier, provider, snapshot, until

SECOND = timedelta(seconds=1)


def paced(vendor: FakeVendor, rate: str, *others: str) -> Snapshot:
    first = attrs.evolve(provider(vendor, "a"), max_rate=Rate.parse(rate))
    policy = PolicySet(deadline=10 * SECOND)
    return snapshot(first, *(provider(vendor, name) for name in others), policy=policy)


# The rate.


async def test_no_more_leave_in_a_second_than_the_rate_says(vendor: FakeVendor) -> None:
    clock = FakeClock(runs=False)

    async with notifier(paced(vendor, "5/s"), clock=clock) as open_:
        sending = [asyncio.create_task(open_.send(code())) for _ in range(8)]
        await until(lambda: len(clock.slept) >= 3)
        at_once = len(vendor["a"].submissions)
        clock.advance(1)
        results = await asyncio.gather(*sending)

    assert at_once == 5
    assert all(result.ok for result in results)


@pytest.mark.parametrize("rate", ["1/m", "8/m"], ids=["past it", "no attempt fits"])
async def test_a_wait_beyond_the_deadline_leads_to_another_provider(
    vendor: FakeVendor, rate: str
) -> None:
    async with notifier(paced(vendor, rate, "b"), clock=FakeClock()) as open_:
        results = [await open_.send(code()) for _ in range(3)]

    assert [r.attempts[0].provider for r in results] == ["a", "b", "b"]


async def test_a_wait_beyond_the_deadline_ends_the_message_where_nobody_else_is(
    vendor: FakeVendor,
) -> None:
    async with notifier(paced(vendor, "1/m")) as open_:
        first, second = [await open_.send(code()) for _ in range(2)]

    assert first.ok
    assert (second.status, second.reason) == (Status.REJECTED, Reason.THROTTLED)
    assert second.attempts == ()


async def test_a_slot_that_a_cancelled_message_waited_for_goes_to_another(
    vendor: FakeVendor,
) -> None:
    clock = FakeClock(runs=False)
    async with notifier(paced(vendor, "1/s"), clock=clock) as open_:
        await open_.send(code())
        waiting = asyncio.create_task(open_.send(code()))
        await until(lambda: len(clock.slept) >= 1)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        clock.advance(1)
        await open_.send(code())

    assert len(vendor["a"].submissions) == 2


async def test_a_slot_of_a_message_that_could_not_be_recorded_goes_to_another(
    vendor: FakeVendor,
) -> None:
    outbox = FailingOutbox("add")

    async with notifier(paced(vendor, "1/m"), outbox=outbox) as open_:
        with pytest.raises(StoreUnavailable):
            await open_.send(code())
        outbox.failing.clear()
        result = await open_.send(code())

    assert result.ok


# The turn.


def shaky(vendor: FakeVendor, *names: str) -> Snapshot:
    """Return providers that rest after one fault."""
    health = HealthSettings(failures=1, rest=60 * SECOND)
    return snapshot(
        *(attrs.evolve(provider(vendor, name), health=health) for name in names),
        policy=PolicySet(max_attempts=1),
    )


async def test_a_resting_provider_is_left_alone_until_its_rest_ends(
    vendor: FakeVendor,
) -> None:
    clock = FakeClock(runs=False)
    vendor["a"].answers(Reason.CONNECT_FAILED)

    async with notifier(shaky(vendor, "a", "b"), clock=clock) as open_:
        providers = []
        for seconds in (0, 1, 60):
            clock.advance(seconds)
            result = await open_.send(code())
            providers.append([a.provider for a in result.attempts])

    assert providers == [["a"], ["b"], ["a"]]


async def test_when_all_rest_one_at_a_time_is_tried_anyway(vendor: FakeVendor) -> None:
    clock = FakeClock(runs=False)
    go_on = asyncio.Event()
    most = 0

    async def slowly(submission: Submission) -> Answer:
        nonlocal most
        under_way = len(vendor["a"].submissions) - done
        most = max(most, under_way)
        await go_on.wait()
        return Answer(outcome=Outcome.REJECTED, reason=Reason.CONNECT_FAILED)

    vendor["a"].answers(Reason.CONNECT_FAILED, *[slowly] * 2)
    async with notifier(shaky(vendor, "a"), clock=clock) as open_:
        await open_.send(code())
        done = 1
        sending = [asyncio.create_task(open_.send(code())) for _ in range(2)]
        await until(lambda: len(vendor["a"].submissions) == 2)
        for _ in range(20):
            await asyncio.sleep(0)
        seen = len(vendor["a"].submissions)
        done = 2
        go_on.set()
        results = await asyncio.gather(*sending)

    assert seen == 2
    assert most == 1
    assert [r.reason for r in results] == [Reason.CONNECT_FAILED] * 2
