"""What becomes of a message that a provider's plugin breaks."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest
from yarl import URL

from notify_core.dispatch.submit import ended, late
from notify_core.model.attempt import Answer, Attempt
from notify_core.model.event import PluginFailed
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.status import AttemptState, Status
from notify_core.policy.policy_set import PolicySet
from notify_core.provider import Account, Submission
from notify_core.secret import Secret
from notify_core.testing import FakeVendor, FaultServer
from notify_core.testing.fakes import hangs
from notify_core.transmission import Timeouts
from notify_core.trial.scripted import answer_for
from tests.builders import (
    NOON,
    Seen,
    accounts,
    code,
    notifier,
    provider,
    record,
    snapshot,
    states,
)

ACCEPTED = Answer(outcome=Outcome.ACCEPTED, provider_id="v-1")


async def test_a_plugin_that_raises_may_have_sent_by_other_means_than_ours(
    vendor: FakeVendor, seen: Seen
) -> None:
    async def breaks(_: Submission) -> Answer:
        raise KeyError("a secret")

    vendor["a"].answers(breaks)

    async with notifier(accounts(vendor, "a", "b"), seen) as open_:
        result = await open_.send(code())

    assert states(result) == [("a", AttemptState.UNKNOWN, Reason.NO_RESPONSE)]
    assert result.attempts[0].text == "the provider's plugin raised KeyError"
    failed = PluginFailed(plugin="fake", hook="submit", error="KeyError")
    assert seen.of(PluginFailed) == [failed]


class Unwritable:
    """A provider whose request cannot be written."""

    def __init__(self, account: Account, url: str) -> None:
        self._http = account.http
        self._url = URL(url)

    async def submit(self, submission: Submission) -> Answer:
        return await self._http.submit(
            self._url,
            b"",
            content_type="text/plain",
            headers={"Authorization": "a token\nand a line end"},
            timeouts=submission.timeouts,
            wire=submission.wire,
            read=lambda _: None,
        )

    async def aclose(self) -> None:
        """Close nothing."""


async def test_a_request_that_cannot_be_written_did_not_leave(seen: Seen) -> None:
    async with FaultServer() as server:
        url = server.play("html")
        vendor = FakeVendor(create=lambda account: Unwritable(account, url))

        async with notifier(accounts(vendor, "a"), seen) as open_:
            result = await open_.send(code())

        assert not server.requests
    assert states(result) == [("a", AttemptState.REJECTED, Reason.INVALID_REQUEST)]
    assert [f.hook for f in seen.of(PluginFailed)] == ["submit"]


async def test_the_vendors_words_bring_no_secret_and_no_code_into_the_result() -> None:
    vendor = FakeVendor()
    said = Answer(outcome=Outcome.REJECTED, reason=Reason.UNMAPPED, text="k3y: 1234")
    vendor["a"].answers(said)
    snap = accounts(vendor, "a")
    secret = attrs.evolve(snap.providers["a"], settings={"token": Secret("k3y")})

    async with notifier(attrs.evolve(snap, providers={"a": secret})) as open_:
        result = await open_.send(code())

    assert result.attempts[0].text == "***: ***"


async def test_a_plugin_that_raises_after_writing_leaves_it_unknown(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(KeyError("a secret"))

    async with notifier(accounts(vendor, "a", "b")) as open_:
        result = await open_.send(code())

    assert states(result) == [("a", AttemptState.UNKNOWN, Reason.NO_RESPONSE)]
    assert result.status is Status.SUBMIT_UNKNOWN


NAIVE = attrs.evolve(
    answer_for(Reason.THROTTLED),
    retry_at=datetime(2026, 1, 1),
)


ODD: dict[str, Any] = {
    "none": None,
    "text": "OK",
    "naive time": NAIVE,
    "odd outcome": attrs.evolve(ACCEPTED, outcome="fine"),  # type: ignore[arg-type]
    "odd reason": attrs.evolve(answer_for(Reason.THROTTLED), reason="tired"),  # type: ignore[arg-type]
    "odd words": attrs.evolve(ACCEPTED, text=b"ok"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("answer", ODD.values(), ids=ODD)
async def test_what_is_no_answer_is_unknown(
    vendor: FakeVendor, seen: Seen, answer: Answer
) -> None:
    async def answers(submission: Submission) -> Answer:
        submission.wire.begin()
        return answer

    vendor["a"].answers(answers)

    async with notifier(accounts(vendor, "a", "b"), seen) as open_:
        result = await open_.send(code())

    assert states(result) == [("a", AttemptState.UNKNOWN, Reason.NO_RESPONSE)]
    assert [f.hook for f in seen.of(PluginFailed)] == ["submit"]


async def test_a_plugin_that_never_answers_is_not_waited_for(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(hangs(written=False))
    vendor["c"].answers(hangs(written=True))
    brief = PolicySet(attempt_timeout=Timeouts(connect=0.01, read=0.01))
    first, second = (
        accounts(vendor, "a", "b", policy=brief),
        accounts(vendor, "c", "d", policy=brief),
    )

    async with notifier(first) as one, notifier(second) as other:
        async with asyncio.timeout(5):
            results = await asyncio.gather(one.send(code()), other.send(code()))

    assert states(results[0]) == [("a", AttemptState.UNKNOWN, Reason.NO_RESPONSE)]
    assert states(results[1]) == [("c", AttemptState.UNKNOWN, Reason.NO_RESPONSE)]


async def test_a_plugin_that_cancels_itself_does_not_cancel_the_caller(
    vendor: FakeVendor,
) -> None:
    async def cancels(_: Submission) -> Answer:
        raise asyncio.CancelledError

    vendor["a"].answers(cancels)

    async with notifier(accounts(vendor, "a", "b")) as open_:
        result = await open_.send(code())

    assert states(result) == [("a", AttemptState.UNKNOWN, Reason.NO_RESPONSE)]


@pytest.mark.parametrize(
    ("count", "error"),
    [(lambda settings, _: settings["missing"], "KeyError"), (print, "TypeError")],
    ids=["raises", "none"],
)
async def test_a_plugin_that_cannot_count_parts_loses_no_message(
    seen: Seen, count: Callable[..., int], error: str
) -> None:
    vendor = FakeVendor(segments=count)

    async with notifier(accounts(vendor, "a"), seen) as open_:
        result = await open_.send(code())

    assert (result.status, result.segments) == (Status.ACCEPTED, 1)
    failed = PluginFailed(plugin="fake", hook="segments", error=error)
    assert seen.of(PluginFailed) == [failed]


async def test_a_plugin_that_cannot_say_whether_it_refuses_is_left_out() -> None:
    broken = FakeVendor("broken", refuses=lambda settings, _: settings["missing"])
    sound = FakeVendor("sound")
    configured = snapshot(provider(broken, "a"), provider(sound, "b"))

    async with notifier(configured) as open_:
        result = await open_.send(code())

    assert [a.provider for a in result.attempts] == ["b"]
    assert result.excluded[0].why == "its plugin raised KeyError"


# An answer that came when another run had the message.


def begun(**fields: Any) -> Attempt:
    """Return an attempt at `a` that has no answer yet."""
    usual = {"number": 1, "provider": "a", "account": "a", "started_at": NOON}
    return Attempt(**{**usual, "state": AttemptState.SUBMITTING, **fields})


def test_a_late_answer_is_kept_and_leaves_an_open_message_to_the_other_run() -> None:
    waiting = record(attempts=(begun(),))
    told = ended(begun(), ACCEPTED, 1, 0.1)

    known = late(waiting, told, accounts(FakeVendor(), "a"), PolicySet())

    assert known.attempts == (told,)
    assert not known.is_closed


@pytest.mark.parametrize(
    "attempts", [(), (begun(started_at=NOON + timedelta(seconds=1)),)]
)
def test_a_late_answer_to_an_attempt_that_is_not_recorded_changes_nothing(
    attempts: tuple[Attempt, ...],
) -> None:
    known = record(attempts=attempts)
    told = ended(begun(), ACCEPTED, 1, 0.1)

    assert late(known, told, accounts(FakeVendor(), "a"), PolicySet()) is known
