"""The fakes are as good as what they stand for."""

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from notify_core.clock import Clock
from notify_core.errors import WebhookRejected
from notify_core.model.attempt import Answer
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.receipt import Balance, InboundMessage, Receipt
from notify_core.model.webhook import WebhookRequest
from notify_core.plugins import Plugins
from notify_core.provider import Submission
from notify_core.secret import Secret
from notify_core.testing import FakeClock, FakeProvider, FakeVendor, ProviderContract
from notify_core.testing.fakes import hangs

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class TestFakeVendor(ProviderContract):
    provider_type = FakeVendor().type
    pushes = (
        b'{"state": "delivered", "id": "a-1", "to": "+8613800138000"}',
        b'{"from": "+8613800138000", "text": "stop"}',
    )

    def settings(self, base_url: str) -> Mapping[str, Any]:
        return {"token": Secret("t0ken-of-the-tests")}


@pytest.fixture
def submission() -> Submission:
    return TestFakeVendor().submission()


# The scripted vendor.


def test_a_vendor_is_used_by_name_as_an_installed_one() -> None:
    vendor = FakeVendor("acme")

    types = Plugins(extra={"acme": vendor}).provider_types

    assert types["acme"] is vendor.type


def test_facts_of_the_type_can_differ() -> None:
    assert FakeVendor(summary="Another.").type.summary == "Another."


async def test_an_account_is_scripted_by_its_configured_name(
    submission: Submission,
) -> None:
    vendor = FakeVendor()
    vendor["contract"].answers(Reason.THROTTLED)

    class Scripted(TestFakeVendor):
        provider_type = vendor.type

    async with Scripted().account("") as unit:
        answer = await unit.provider.submit(submission)

    assert answer.reason is Reason.THROTTLED
    assert vendor["contract"].submissions == [submission]
    assert vendor["contract"].closed == 1


async def test_the_configuration_can_script_the_first_answers(
    submission: Submission,
) -> None:
    class Scripted(TestFakeVendor):
        def settings(self, base_url: str) -> Mapping[str, Any]:
            return {"answers": ["connect_failed", "no_response", "none"]}

    async with Scripted().account("") as unit:
        answers = [await unit.provider.submit(fresh(submission)) for _ in range(4)]

    assert [answer.outcome for answer in answers] == [
        Outcome.REJECTED,
        Outcome.UNKNOWN,
        Outcome.ACCEPTED,
        Outcome.ACCEPTED,
    ]


def fresh(submission: Submission) -> Submission:
    return attrs.evolve(submission, wire=type(submission.wire)())


@pytest.mark.parametrize("reason", Reason)
async def test_every_reason_makes_an_answer(
    reason: Reason, submission: Submission
) -> None:
    answer = await FakeProvider(script=[reason]).submit(submission)

    assert answer.reason is reason
    assert submission.wire.begun is (reason is not Reason.CONNECT_FAILED)


async def test_an_answer_is_given_as_it_is_scripted(submission: Submission) -> None:
    scripted = Answer(outcome=Outcome.ACCEPTED, provider_id="mine")

    assert await FakeProvider(script=[scripted]).submit(submission) is scripted


async def test_ids_of_accepted_messages_are_told_apart(submission: Submission) -> None:
    fake = FakeProvider("a")

    ids = [(await fake.submit(fresh(submission))).provider_id for _ in range(2)]

    assert ids == ["a-1", "a-2"]


async def test_a_scripted_error_is_raised_after_writing(submission: Submission) -> None:
    with pytest.raises(ZeroDivisionError):
        await FakeProvider(script=[ZeroDivisionError()]).submit(submission)

    assert submission.wire.begun


@pytest.mark.parametrize("written", [True, False])
async def test_a_submission_can_hang(*, written: bool, submission: Submission) -> None:
    fake = FakeProvider(script=[hangs(written=written)])

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await fake.submit(submission)

    assert submission.wire.begun is written


async def test_a_balance_can_be_unavailable() -> None:
    fake = FakeProvider()
    assert isinstance(await fake.balance(), Balance)
    fake.left = LookupError("no balance")

    with pytest.raises(LookupError):
        await fake.balance()


def test_pushes_are_receipts_and_replies() -> None:
    receipt, reply = (
        FakeProvider().parse_webhook(WebhookRequest(url="", body=body)).events[0]
        for body in TestFakeVendor.pushes
    )

    assert isinstance(receipt, Receipt)
    assert isinstance(reply, InboundMessage)
    with pytest.raises(WebhookRejected):
        FakeProvider().parse_webhook(WebhookRequest(url="", body=b"junk"))


# The clock.


def test_a_clock_moves_when_it_is_told_to() -> None:
    clock = FakeClock(NOON)

    clock.advance(1.5)
    clock.advance(timedelta(minutes=1))

    assert clock.now() == NOON + timedelta(seconds=61.5)
    assert clock.monotonic() == 61.5


async def test_a_running_clock_sleeps_in_no_time() -> None:
    clock: Clock = FakeClock(NOON)

    await clock.sleep(3600)

    assert clock.now() == NOON + timedelta(hours=1)


async def test_a_clock_tells_how_long_it_was_asked_to_sleep() -> None:
    clock = FakeClock(NOON)

    await asyncio.gather(clock.sleep(1), clock.sleep(2))

    assert clock.slept == [1, 2]


async def test_a_standing_clock_wakes_who_waited_long_enough() -> None:
    clock = FakeClock(NOON, runs=False)
    short, long = (asyncio.create_task(clock.sleep(seconds)) for seconds in (1, 5))
    await asyncio.sleep(0)

    clock.advance(1)
    await short

    assert not long.done()
    clock.advance(4)
    await long


# The kit.


def test_fakes_and_emulators_work_where_pytest_is_not_installed() -> None:
    script = """
import sys
sys.modules["pytest"] = None
from notify_core.testing import Emulator, FakeClock, FakeProvider, FakeVendor
"""

    subprocess.run([sys.executable, "-c", script], check=True)  # noqa: S603 (our own)
