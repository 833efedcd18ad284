"""The front door: what `send` promises, and what is opened and closed."""

import asyncio
from decimal import Decimal

import attrs
import pytest

from notify_core import Notifier
from notify_core.config.snapshot import Snapshot
from notify_core.errors import (
    ConfigurationError,
    InvalidMessage,
    ProviderUnavailable,
    StoreUnavailable,
    UnsupportedFeature,
)
from notify_core.metrics import Metrics
from notify_core.model.event import BalanceRead, Opened, PluginFailed
from notify_core.model.message import Content, Message
from notify_core.model.outcome import Reason
from notify_core.model.receipt import Balance, Receipt
from notify_core.model.status import AttemptState, Status
from notify_core.provider import ReceiptMode
from notify_core.testing import FakeClock, FakeProvider, FakeVendor
from notify_core.trial.scripted import answer_for
from tests.builders import (
    FailingOutbox,
    Mute,
    Seen,
    accounts,
    code,
    notifier,
    provider,
    pushed,
    snapshot,
    webhook,
)

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
