"""The front door: what `send` promises, and what is opened and closed."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import attrs
import pytest

from notify_core import Notifier
from notify_core.config.snapshot import Snapshot
from notify_core.errors import (
    ConfigurationError,
    IdempotencyConflict,
    InvalidMessage,
    PluginError,
    StoreUnavailable,
    UnsupportedFeature,
)
from notify_core.metrics import Metrics
from notify_core.model.event import BalanceRead, Opened, PluginFailed
from notify_core.model.message import Content, Message
from notify_core.model.outcome import Reason
from notify_core.model.receipt import Balance, Receipt
from notify_core.model.status import AttemptState, Status
from notify_core.outbox.memory import MemoryOutbox
from notify_core.policy.policy_set import PolicySet
from notify_core.provider import Account, QueryMode, ReceiptMode
from notify_core.secret import Secret
from notify_core.testing import FakeClock, FakeProvider, FakeVendor, FaultServer
from notify_core.testing.fakes import hangs
from notify_core.testing.faults import local_session
from notify_core.transmission import ProviderUnavailable, Timeouts
from notify_core.trial.scripted import answer_for
from tests.builders import (
    TOKEN,
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
    wired,
)

#: How many sends the leak tests make; `NOTIFY_TEST_SENDS=10000` for the full number.
SENDS = int(os.environ.get("NOTIFY_TEST_SENDS", "300"))


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer() as server:
        yield server


# From a configuration.


CONFIGURATION = {
    "version": 1,
    "defaults": {"region": "CN"},
    "providers": {"a": {"type": "fake"}},
    "templates": {
        "code": {
            "kind": "otp",
            "params": {
                "type": "object",
                "properties": {"code": {"type": "string"}},
                "required": ["code"],
                "additionalProperties": False,
            },
            "text": "Your code is {{ code }}.",
        }
    },
    "routes": {"name": "root", "pool": "a"},
}


async def test_a_configuration_and_a_plugin_are_enough(
    vendor: FakeVendor, seen: Seen
) -> None:
    plugins = {"fake": vendor, "seen": seen}

    async with Notifier.from_config(CONFIGURATION, plugins=plugins) as open_:
        result = await open_.send(code())

    assert result.ok
    assert vendor["a"].submissions[0].text == "Your code is 1234."
    (opened,) = seen.of(Opened)
    assert (opened.config, opened.providers) == (open_.snapshot.hash, ("a",))


async def test_given_metrics_are_used(vendor: FakeVendor) -> None:
    metrics = Metrics()

    async with Notifier.from_config(
        CONFIGURATION, plugins={"fake": vendor}, metrics=metrics
    ) as open_:
        await open_.send(code())

    assert open_.metrics is metrics
    labels = {"channel": "sms", "kind": "otp", "status": "accepted"}
    assert metrics.registry.get_sample_value("notify_messages_total", labels) == 1


def test_a_wrong_configuration_is_refused_before_anything_is_opened() -> None:
    with pytest.raises(ConfigurationError):
        Notifier.from_config({**CONFIGURATION, "providers": {}})


async def test_a_notifier_that_is_not_open_says_how_to_open_it(
    vendor: FakeVendor,
) -> None:
    closed = notifier(accounts(vendor, "a"))

    for call in (
        closed.send(code()),
        closed.balance("a"),
        closed.wait("x"),
        closed.receive("a", pushed(vendor, "a")),
    ):
        with pytest.raises(RuntimeError, match="use `async with notifier:`"):
            await call


async def test_a_notifier_is_opened_once_at_a_time(vendor: FakeVendor) -> None:
    async with notifier(accounts(vendor, "a")) as open_:
        with pytest.raises(RuntimeError, match="open already"):
            await open_.__aenter__()
        assert (await open_.send(code())).ok

    async with open_:
        assert (await open_.send(code())).ok


# What sending raises, and what it does not.


@pytest.mark.parametrize("reason", Reason, ids=str)
async def test_no_outcome_raises(vendor: FakeVendor, reason: Reason) -> None:
    vendor["a"].answers(*[reason] * 3)

    async with notifier(accounts(vendor, "a"), clock=FakeClock()) as open_:
        result = await open_.send(code())

    assert result.status in {Status.ACCEPTED, Status.REJECTED, Status.SUBMIT_UNKNOWN}


async def test_what_cannot_be_sent_raises_with_every_problem(
    vendor: FakeVendor,
) -> None:
    async with notifier(accounts(vendor, "a")) as open_:
        with pytest.raises(InvalidMessage) as refused:
            await open_.send(code(to="1", params={}))
        with pytest.raises(InvalidMessage, match="route no route"):
            await open_.send(code(route="nowhere"))
        with pytest.raises(InvalidMessage, match="must be str, not int"):
            await open_.send(Message(to=13800138000, content=Content(text="Hi")))  # type: ignore[arg-type]

    assert [p.pointer for p in refused.value.problems] == ["/params/code", "/to"]
    assert vendor["a"].submissions == []


async def test_an_outbox_out_of_reach_raises_and_nothing_is_sent(
    vendor: FakeVendor,
) -> None:
    async with notifier(accounts(vendor, "a"), outbox=FailingOutbox("add")) as open_:
        with pytest.raises(StoreUnavailable):
            await open_.send(code())

    assert vendor["a"].submissions == []


async def test_a_message_is_sent_once_and_not_again_by_mistake(
    vendor: FakeVendor,
) -> None:
    message = code()

    async with notifier(accounts(vendor, "a")) as open_:
        await open_.send(message)
        with pytest.raises(InvalidMessage, match="make a new Message") as refused:
            await open_.send(message)

    assert [p.pointer for p in refused.value.problems] == ["/id"]
    assert len(vendor["a"].submissions) == 1


# Waiting.


async def test_what_is_known_of_a_message_can_be_asked(vendor: FakeVendor) -> None:
    async with notifier(accounts(vendor, "a")) as open_:
        result = await open_.send(code())

        assert await open_.get(result.id) == result
        assert await open_.get("nothing") is None
        assert await open_.wait("nothing") is None


async def test_a_wait_ends_when_its_time_is_up(vendor: FakeVendor) -> None:
    async with notifier(accounts(vendor, "a")) as open_:
        result = await open_.send(code(), wait_for="delivered", timeout=0.001)
        again = await open_.wait(result.id, timeout=0.001)

    assert again == result
    assert result.status is Status.ACCEPTED


async def test_a_wait_does_not_wait_where_no_receipt_will_come(
    vendor: FakeVendor,
) -> None:
    deaf = snapshot(provider(vendor, receipts=ReceiptMode.NONE))

    async with notifier(deaf) as open_, asyncio.timeout(60):
        result = await open_.send(code(), wait_for="delivered")

    assert (result.status, result.final) == (Status.ACCEPTED, True)


async def test_who_waits_is_told_the_vendors_words_of_a_code_that_it_refuses(
    vendor: FakeVendor,
) -> None:
    said = attrs.evolve(answer_for(Reason.RECIPIENT_BLOCKED), text="on our list")
    vendor["a"].answers(said)

    async with notifier(accounts(vendor, "a")) as open_:
        result = await open_.send(code(), wait_for="delivered")

    assert [attempt.text for attempt in result.attempts] == ["on our list"]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (AttemptState.DELIVERED, Status.DELIVERED),
        (AttemptState.UNDELIVERED, Status.UNDELIVERED),
    ],
)
async def test_a_wait_ends_with_the_receipt(
    vendor: FakeVendor, state: AttemptState, status: Status
) -> None:
    configured = snapshot(provider(vendor, webhook=webhook()))

    async with notifier(configured) as open_, asyncio.timeout(60):
        result = await open_.send(code())
        waiting = asyncio.create_task(open_.wait(result.id))
        await asyncio.sleep(0)
        receipt = Receipt(state=state, provider_id="a-1")
        await open_.receive("a", pushed(vendor, "a", receipt))
        ended = await waiting

    assert ended is not None
    assert (ended.status, ended.final) == (status, True)


# The same message twice.


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


# Balances and providers.


async def test_a_balance_is_asked_and_told_to_observers(
    vendor: FakeVendor, seen: Seen
) -> None:
    async with notifier(accounts(vendor, "a"), seen) as open_:
        balance = await open_.balance("a")

    assert balance == Balance(amount=Decimal(100), unit="messages")
    assert [event.balance for event in seen.of(BalanceRead)] == [balance]


async def test_a_provider_that_is_not_there_is_named(vendor: FakeVendor) -> None:
    async with notifier(accounts(vendor, "main")) as open_:
        with pytest.raises(ConfigurationError, match="did you mean 'main'"):
            await open_.balance("man")


@pytest.mark.parametrize(
    "configured",
    [
        snapshot(provider(FakeVendor(), balance=False)),
        snapshot(provider(FakeVendor(create=lambda _: Mute(FakeProvider())))),
    ],
    ids=["not declared", "not implemented"],
)
async def test_a_balance_that_no_vendor_tells_is_not_supported(
    configured: Snapshot,
) -> None:
    async with notifier(configured) as open_:
        with pytest.raises(UnsupportedFeature, match="does not support a balance"):
            await open_.balance("a")


async def test_a_balance_without_an_answer_says_why(
    vendor: FakeVendor, seen: Seen
) -> None:
    async with notifier(accounts(vendor, "a"), seen) as open_:
        vendor["a"].left = ProviderUnavailable("HTTP 503")
        with pytest.raises(ProviderUnavailable, match="HTTP 503"):
            await open_.balance("a")
        vendor["a"].left = KeyError("s3cret")
        with pytest.raises(ProviderUnavailable, match="its plugin raised KeyError"):
            await open_.balance("a")

    failed = PluginFailed(plugin="fake", hook="balance", error="KeyError")
    assert seen.of(PluginFailed) == [failed]


def test_the_configured_providers_are_listed_before_anything_is_opened(
    vendor: FakeVendor,
) -> None:
    closed = notifier(accounts(vendor, "a", "b"))

    assert list(closed.providers) == ["a", "b"]
    assert closed.providers["a"].capabilities.balance


# Opening and closing.


async def test_closing_tells_what_nobody_will_find_out_now(
    vendor: FakeVendor, caplog: pytest.LogCaptureFixture
) -> None:
    vendor["a"].answers(Reason.NO_RESPONSE, Reason.NONE, hangs(written=False))
    open_ = notifier(accounts(vendor, "a"))
    await open_.__aenter__()

    unknown = await open_.send(code())
    await open_.send(code())
    under_way = asyncio.create_task(open_.send(message := code()))
    await until(lambda: len(vendor["a"].submissions) == 3)
    unsettled = await open_.aclose()

    assert unsettled == (unknown.id, message.id)
    assert ", ".join(unsettled) in caplog.text
    assert await open_.aclose() == ()
    under_way.cancel()
    await asyncio.gather(under_way, return_exceptions=True)


async def test_an_outbox_out_of_reach_does_not_keep_anything_open(
    vendor: FakeVendor, caplog: pytest.LogCaptureFixture
) -> None:
    open_ = notifier(accounts(vendor, "a"), outbox=FailingOutbox("unsettled"))
    await open_.__aenter__()

    assert await open_.aclose() == ()
    assert vendor["a"].closed == 1
    assert "cannot be told: the disk is full" in caplog.text


async def test_closing_closes_every_provider_whatever_one_of_them_does(
    seen: Seen,
) -> None:
    class Stuck(FakeProvider):
        async def aclose(self) -> None:
            raise KeyError("s3cret")

    stuck, sound = FakeVendor("stuck", create=lambda _: Stuck()), FakeVendor("sound")
    configured = snapshot(provider(stuck, "a"), provider(sound, "b"))

    async with notifier(configured, seen):
        pass

    assert sound["b"].closed == 1
    failed = PluginFailed(plugin="stuck", hook="aclose", error="KeyError")
    assert seen.of(PluginFailed) == [failed]


async def test_a_provider_that_cannot_be_made_is_named_and_the_others_closed(
    vendor: FakeVendor,
) -> None:
    def break_(account: Account) -> FakeProvider:
        raise KeyError(account.settings["missing"])

    broken = FakeVendor("broken", create=break_)
    configured = snapshot(provider(vendor, "a"), provider(broken, "b"))

    with pytest.raises(PluginError, match="'broken': provider 'b' cannot be made"):
        await notifier(configured).__aenter__()

    assert vendor["a"].closed == 1
    gc.collect()  # an unclosed session would warn now


async def test_each_provider_has_a_session_of_its_own_that_is_closed(
    server: FaultServer,
) -> None:
    accounts_: list[Account] = []

    def make(account: Account) -> FakeProvider:
        accounts_.append(account)
        return FakeProvider()

    vendor = FakeVendor(create=make)
    async with notifier(accounts(vendor, "a", "b")):
        sessions = [vars(account.http)["_session"] for account in accounts_]
        assert sessions[0] is not sessions[1]

    assert all(session.closed for session in sessions)


@pytest.mark.parametrize(
    ("public_url", "callback"),
    [
        (None, None),
        ("https://n.example/webhooks/a", f"https://n.example/webhooks/a/{TOKEN}"),
        ("https://n.example/a/", f"https://n.example/a/{TOKEN}"),
    ],
)
async def test_a_provider_is_told_where_its_vendor_may_call(
    public_url: str | None, callback: str | None
) -> None:
    told: list[Secret | None] = []

    def make(account: Account) -> FakeProvider:
        told.append(account.callback_url)
        return FakeProvider()

    known = attrs.evolve(webhook(), public_url=public_url)

    async with notifier(snapshot(provider(FakeVendor(create=make), webhook=known))):
        pass

    assert [url and url.reveal() for url in told] == [callback]


async def test_a_hosts_session_is_used_and_not_closed(server: FaultServer) -> None:
    vendor = wired(server.url)

    async with local_session() as session:
        async with notifier(accounts(vendor, "a", "b"), session=session) as open_:
            result = await open_.send(code())
        assert result.ok
        assert not session.closed

    assert b"Your code is 1234." in server.requests[0]


async def test_a_hosts_session_survives_a_provider_that_cannot_be_made() -> None:
    broken = FakeVendor(create=lambda account: account.settings["missing"])

    async with local_session() as session:
        with pytest.raises(PluginError):
            await notifier(accounts(broken, "a"), session=session).__aenter__()
        assert not session.closed


async def test_two_notifiers_may_share_metrics(vendor: FakeVendor) -> None:
    metrics = Metrics()
    configured = [accounts(FakeVendor(), "a"), accounts(FakeVendor(), "b")]

    async with (
        notifier(configured[0], metrics=metrics) as one,
        notifier(configured[1], metrics=metrics) as other,
    ):
        await one.send(code())
        await other.send(code())

    labels = {"channel": "sms", "kind": "otp", "status": "accepted"}
    assert metrics.registry.get_sample_value("notify_messages_total", labels) == 2


async def test_an_outbox_that_is_given_is_used(vendor: FakeVendor) -> None:
    outbox = MemoryOutbox()

    async with notifier(accounts(vendor, "a"), outbox=outbox) as open_:
        result = await open_.send(code())

    known = await outbox.get(result.id)
    assert known is not None
    assert known.result() == result


# Nothing is left behind.


def left_behind() -> tuple[int, int]:
    """Return how many tasks there are, and how many open files and sockets."""
    return len(asyncio.all_tasks()), len(os.listdir("/proc/self/fd"))  # noqa: PTH208 (a count)


async def quiet() -> None:
    """Let everything end that is about to."""
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts Linux's files")  # noqa: PTH112
@pytest.mark.parametrize("fault", ["stalled", "tls_silent"])
async def test_sends_that_are_cancelled_leave_nothing_behind(
    server: FaultServer, fault: str
) -> None:
    vendor = wired(server.play(fault))
    open_ = notifier(accounts(vendor, "a"))
    async with open_:
        await quiet()
        before = left_behind()

        for _ in range(SENDS // 100):
            sends = [asyncio.create_task(open_.send(text())) for _ in range(100)]
            await asyncio.sleep(0.01)
            for send in sends:
                send.cancel()
            ends = await asyncio.gather(*sends, return_exceptions=True)
            assert {type(end) for end in ends} == {asyncio.CancelledError}
            await server.left()

        await quiet()
        assert left_behind() == before


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts Linux's files")  # noqa: PTH112
async def test_sends_that_time_out_leave_nothing_behind(server: FaultServer) -> None:
    brief = PolicySet(attempt_timeout=Timeouts(connect=1, read=0.02))
    # Of those with receipts, one task would wait for the next that is due.
    vendor = wired(server.play("stalled"))
    deaf = provider(vendor, receipts=ReceiptMode.NONE, query=QueryMode.NONE)
    configured = snapshot(deaf, policy=brief)

    async with notifier(configured) as open_:
        await quiet()
        before = left_behind()

        for _ in range(SENDS // 100):
            results = await asyncio.gather(*(open_.send(text()) for _ in range(100)))
            assert {r.status for r in results} == {Status.SUBMIT_UNKNOWN}
            await server.left()

        await quiet()
        assert left_behind() == before


async def test_what_a_message_carries_is_in_no_repr(vendor: FakeVendor) -> None:
    async with notifier(accounts(vendor, "a")) as open_:
        result = await open_.send(code(params={"code": "987654"}))

    shown = repr((result, vendor["a"].submissions, attrs.asdict(result)))
    assert "987654" not in shown
    assert "13800138000" not in shown


async def test_a_provider_is_there_for_what_only_its_vendor_can_do(
    vendor: FakeVendor,
) -> None:
    async with notifier(accounts(vendor, "a", "b")) as open_:
        assert open_.provider("b") is vendor["b"]

        with pytest.raises(ConfigurationError, match="there are: a, b"):
            open_.provider("zzz")
