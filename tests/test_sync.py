"""The front door for code without an event loop: threads, forks and time-outs."""

import asyncio
import inspect
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path

import attrs
import pytest

from notify_core import sync
from notify_core.clock import SystemClock
from notify_core.errors import CallTimeout, InvalidMessage, PluginError
from notify_core.metrics import Metrics
from notify_core.model.attempt import Answer
from notify_core.model.outcome import Reason
from notify_core.model.receipt import Balance, Receipt
from notify_core.model.status import AttemptState, Status
from notify_core.notifier import Notifier
from notify_core.outbox.listing import MessageFilter
from notify_core.outbox.memory import MemoryOutbox
from notify_core.outbox.port import Addition
from notify_core.outbox.record import Record
from notify_core.provider import Submission
from notify_core.secret import Secret
from notify_core.sync import SyncNotifier
from notify_core.testing import FakeVendor
from notify_core.testing.fakes import hangs
from notify_core.trial.scripted import answer_for
from tests.builders import (
    NUMBER,
    accounts,
    code,
    notifier,
    provider,
    pushed,
    snapshot,
    webhook,
)
from tests.dispatch.durable import outbox_in
from tests.test_notifier import CONFIGURATION


@pytest.fixture
def door(vendor: FakeVendor) -> Iterator[SyncNotifier]:
    configured = snapshot(provider(vendor, webhook=webhook()))
    with SyncNotifier(lambda: notifier(configured)) as door:
        yield door


def threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name == "notify-core"]


def until_ended() -> None:
    """Wait for the thread that was left alone."""
    for thread in threading.enumerate():
        if thread.name == "notify-core":
            thread.join(5)


# Calls.


def test_everything_that_a_notifier_does_is_done(
    vendor: FakeVendor, door: SyncNotifier
) -> None:
    result = door.send(code())
    receipt = Receipt(state=AttemptState.DELIVERED, provider_id="a-1")
    reply = door.receive("a", pushed(vendor, "a", receipt))
    after = door.get(result.id)

    assert result.ok
    assert reply.body == b"ok"
    assert after is not None
    assert after.status is Status.DELIVERED
    assert door.balance("a").unit == "messages"


def test_a_configuration_is_enough(vendor: FakeVendor) -> None:
    metrics = Metrics()

    with SyncNotifier.from_config(
        CONFIGURATION, plugins={"fake": vendor}, metrics=metrics
    ) as door:
        assert door.send(code()).ok

    labels = {"channel": "sms", "kind": "otp", "status": "accepted"}
    assert metrics.registry.get_sample_value("notify_messages_total", labels) == 1


#: What only code with an event loop can use, and what closes it.
ONLY_ASYNC = {"engine", "events", "provider", "aclose"}


def public(face: type) -> set[str]:
    return {name for name in dir(face) if not name.startswith("_")}


def test_both_faces_have_the_same_operations() -> None:
    assert public(SyncNotifier) == public(Notifier) - ONLY_ASYNC | {"close"}


@pytest.mark.parametrize(
    "name", sorted(public(Notifier) - ONLY_ASYNC - {"providers", "durable"})
)
def test_both_faces_take_the_same(name: str) -> None:
    asked, sync_asked = (
        inspect.signature(getattr(face, name)).parameters
        for face in (Notifier, SyncNotifier)
    )

    assert [n for n in sync_asked if n != "timeout"] == [
        n for n in asked if n != "timeout"
    ]


def test_an_operator_needs_no_event_loop(vendor: FakeVendor, tmp_path: Path) -> None:
    outbox, clock = outbox_in(tmp_path), SystemClock()
    configured = accounts(vendor, "a")

    with SyncNotifier(lambda: notifier(configured, outbox=outbox, clock=clock)) as door:
        waiting = door.enqueue(code())
        door.pause("a", "broken")
        paused = door.paused()
        withdrawn = door.cancel(waiting.id)
        door.suppress(NUMBER, why="asked by letter")
        page = door.messages(MessageFilter())
        counts, suppressed = door.counts(), door.suppressed()
        resumed, forgotten = door.resume("a"), door.forget(NUMBER)
        facts = (door.durable, list(door.providers), door.rest("a"), door.oldest_age())

    asyncio.run(outbox.aclose())
    assert [pause.why for pause in paused] == ["broken"]
    assert withdrawn is not None
    assert withdrawn.status is Status.CANCELED
    assert [record.message.id for record in page.records] == [waiting.id]
    assert (counts, [one.why for one in suppressed]) == ({}, ["asked by letter"])
    assert (resumed, forgotten) == (True, 1)
    assert facts == (True, ["a"], None, 0.0)


def test_what_a_notifier_raises_is_raised(door: SyncNotifier) -> None:
    with pytest.raises(InvalidMessage):
        door.send(code(to="1"))


def test_several_threads_share_one_notifier(vendor: FakeVendor) -> None:
    made: list[Notifier] = []

    def make() -> Notifier:
        made.append(notifier(accounts(vendor, "a")))
        return made[-1]

    door = SyncNotifier(make)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: door.send(code()), range(80)))
    door.close()

    assert all(result.ok for result in results)
    assert len({result.id for result in results}) == 80
    assert (len(made), len(vendor["a"].submissions)) == (1, 80)


async def test_on_a_thread_with_a_running_loop_the_right_door_is_named(
    vendor: FakeVendor,
) -> None:
    door = SyncNotifier(lambda: notifier(accounts(vendor, "a")))

    for call in (door.__enter__, lambda: door.send(code()), lambda: door.balance("a")):
        with pytest.raises(RuntimeError, match=r"async with Notifier\.from_config"):
            call()

    assert threads() == []


# Time-outs.


@pytest.mark.parametrize(
    ("written", "status"), [(False, Status.CANCELED), (True, Status.SUBMIT_UNKNOWN)]
)
def test_a_sending_that_takes_too_long_is_cancelled_and_told_as_it_is(
    vendor: FakeVendor, door: SyncNotifier, written: bool, status: Status
) -> None:
    vendor["a"].answers(hangs(written=written))

    result = door.send(code(), timeout=0.05)

    assert result.status is status


def test_a_question_that_takes_too_long_is_given_up(
    vendor: FakeVendor, door: SyncNotifier
) -> None:
    async def balance() -> Balance:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    vars(vendor["a"])["balance"] = balance
    began = time.monotonic()

    with pytest.raises(CallTimeout, match=r"no answer within 0\.05 s"):
        door.balance("a", timeout=0.05)

    assert time.monotonic() - began < 1


class StuckOutbox(MemoryOutbox):
    """An outbox that records nothing, and does not say so."""

    async def add(self, record: Record, *_: object, **__: object) -> Addition:
        await asyncio.Event().wait()
        return Addition(known=record)


def test_a_message_that_was_not_even_recorded_in_time_raises(
    vendor: FakeVendor,
) -> None:
    with (
        SyncNotifier(
            lambda: notifier(accounts(vendor, "a"), outbox=StuckOutbox())
        ) as door,
        pytest.raises(CallTimeout),
    ):
        door.send(code(), timeout=0.05)

    assert vendor["a"].submissions == []


def test_a_plugin_that_blocks_the_loop_does_not_block_the_caller(
    vendor: FakeVendor, door: SyncNotifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "GRACE_SECONDS", 0.05)
    released = threading.Event()

    async def blocks(submission: Submission) -> Answer:
        released.wait(5)
        return answer_for(Reason.NONE)

    vendor["a"].answers(blocks)

    with pytest.raises(CallTimeout):
        door.send(code(), timeout=0.01)
    released.set()


def test_a_wait_for_the_receipt_has_what_is_left_of_the_time(
    door: SyncNotifier,
) -> None:
    result = door.send(code(), wait_for="delivered", timeout=0.05)

    assert result.status is Status.ACCEPTED


def test_who_waits_is_told_the_vendors_words_of_a_code_that_it_refuses(
    vendor: FakeVendor, door: SyncNotifier
) -> None:
    refusal = answer_for(Reason.RECIPIENT_BLOCKED)
    vendor["a"].answers(attrs.evolve(refusal, text="on our list"))

    result = door.send(code(), wait_for="delivered")

    assert [attempt.text for attempt in result.attempts] == ["on our list"]


def test_a_wait_ends_with_the_receipt_that_another_thread_takes(
    vendor: FakeVendor, door: SyncNotifier
) -> None:
    receipt = Receipt(state=AttemptState.DELIVERED, provider_id="a-1")

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(door.send, code(), wait_for="delivered", timeout=60)
        door.receive("a", pushed(vendor, "a", receipt))  # early: parked, and kept
        result = waiting.result()

    assert result.status is Status.DELIVERED


# Closing.


def test_closing_tells_what_is_unsettled_and_ends_the_thread(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(Reason.NO_RESPONSE)
    door = SyncNotifier(lambda: notifier(accounts(vendor, "a")))

    result = door.send(code())

    assert threads() == ["notify-core"]
    assert door.close() == (result.id,)
    assert threads() == []
    assert door.close() == ()


def test_a_door_that_was_closed_opens_again(vendor: FakeVendor) -> None:
    door = SyncNotifier(lambda: notifier(accounts(vendor, "a")))

    with door:
        assert door.send(code()).ok
    with door:
        assert door.send(code()).ok

    assert vendor["a"].closed == 2


def test_a_call_after_closing_raises_instead_of_beginning_anew(
    vendor: FakeVendor,
) -> None:
    door = SyncNotifier(lambda: notifier(accounts(vendor, "a")))
    door.send(code())
    door.close()

    for call in (lambda: door.send(code()), lambda: door.balance("a")):
        with pytest.raises(RuntimeError, match="the notifier is closed"):
            call()

    assert threads() == []


def test_a_door_that_nobody_has_any_more_is_closed(vendor: FakeVendor) -> None:
    door = SyncNotifier(lambda: notifier(accounts(vendor, "a")))
    door.send(code())

    del door

    assert vendor["a"].closed == 1
    assert threads() == []


def test_a_door_that_cannot_be_closed_late_is_left_and_logged(
    vendor: FakeVendor,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(sync, "EXIT_SECONDS", 0.01)
    monkeypatch.setattr(sync, "GRACE_SECONDS", 0.01)
    released = threading.Event()

    async def closes() -> None:
        released.wait(5)

    door = SyncNotifier(lambda: notifier(accounts(vendor, "a")))
    door.send(code())
    vars(vendor["a"])["aclose"] = closes

    del door
    released.set()
    until_ended()

    assert "not closed: CallTimeout" in caplog.text


def test_closing_cancels_the_calls_under_way(vendor: FakeVendor) -> None:
    begun = threading.Event()

    async def starts(submission: Submission) -> Answer:
        begun.set()
        return await hangs(written=True)(submission)

    vendor["a"].answers(starts)
    door = SyncNotifier(lambda: notifier(accounts(vendor, "a")))

    with ThreadPoolExecutor(1) as pool:
        message = code()
        sending = pool.submit(door.send, message)
        begun.wait(5)
        unsettled = door.close()
        with pytest.raises(CancelledError):
            sending.result(5)

    assert unsettled == (message.id,)


def test_a_notifier_that_cannot_be_opened_leaves_no_thread() -> None:
    broken = FakeVendor(create=lambda account: account.settings["missing"])
    door = SyncNotifier(lambda: notifier(accounts(broken, "a")))

    with pytest.raises(PluginError):
        door.send(code())

    assert threads() == []


def test_messages_are_enqueued_and_withdrawn_without_a_loop(
    vendor: FakeVendor, tmp_path: Path
) -> None:
    durable = {
        **CONFIGURATION,
        "outbox": {"url": f"sqlite:///{tmp_path}/notify.db"},
        "privacy": {"hash_key": Secret("a key of the tests only")},
    }

    with SyncNotifier.from_config(durable, plugins={"fake": vendor}) as door:
        one = door.enqueue(code())
        told = door.enqueue_all([code(), code(to="nobody")])
        canceled = door.cancel(one.id)

    assert one.status is Status.CREATED
    assert [type(t) for t in told] == [type(one), InvalidMessage]
    assert canceled is not None
    assert canceled.status is Status.CANCELED
