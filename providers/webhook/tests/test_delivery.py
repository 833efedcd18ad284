"""Messages from a configuration to a receiver, through the core."""

import json
from datetime import UTC, datetime

import pytest
from notify_webhook.emulator import TEST_SECRET, WebhookEmulator

from notify_core import Channel, Content, Message, Notifier, Secret
from notify_core.testing import FakeClock

CLOCK_STARTS = datetime(2026, 1, 1, 12, tzinfo=UTC)
SHIPPED = {
    "kind": "notice",
    "params": {
        "type": "object",
        "properties": {"order": {"type": "string"}, "days": {"type": "integer"}},
    },
    "text": "Order {{ order }} arrives in {{ days }} days.",
    "bindings": {
        "webhook": {"template_id": "order-shipped", "params": ["order", "days"]}
    },
}


@pytest.fixture
async def receiver():
    """Start a strict receiver, and a notifier whose endpoints are there."""
    clock = FakeClock(CLOCK_STARTS)
    emulator = WebhookEmulator(clock=lambda: clock.now().timestamp())
    emulator.notifier_clock = clock
    async with emulator:
        yield emulator


@pytest.fixture
def configured(receiver):
    """Make a notifier with the endpoints `orders` and `status-410` at the receiver."""

    def configured(**settings):
        endpoints = {
            name: {
                "url": f"{receiver.url}/{name}",
                "secret": Secret(TEST_SECRET),
                "allow_http": True,
                "allow_private": True,
            }
            for name in ("orders", "status-410")
        }
        given = {"endpoints": endpoints, **settings}
        configuration = {
            "version": 1,
            "providers": {"hooks": {"type": "webhook", "settings": given}},
            "templates": {"shipped": SHIPPED},
            "routes": {"pool": "hooks"},
        }
        return Notifier.from_config(configuration, clock=receiver.notifier_clock)

    return configured


def message(to="orders", **given):
    usual = {} if "template" in given else {"content": Content(text="Hello")}
    return Message(to=to, channel=Channel.WEBHOOK, **usual, **given)


async def test_a_template_arrives_with_its_text_and_its_params(configured, receiver):
    sent = message(template="shipped", params={"order": "A-1", "days": 3})

    async with configured() as notifier:
        result = await notifier.send(sent)

    assert (result.status, result.final) == ("accepted", True)
    [arrival] = receiver.messages
    assert arrival.id == sent.id
    told = json.loads(arrival.text)
    assert told["timestamp"] == "2026-01-01T12:00:00Z"
    assert told["data"]["text"] == "Order A-1 arrives in 3 days."
    assert told["data"]["template"] == "order-shipped"
    assert told["data"]["params"] == {"order": "A-1", "days": "3"}


async def test_an_endpoint_that_is_not_configured_gets_nothing(configured, receiver):
    async with configured() as notifier:
        result = await notifier.send(message("order"))

    assert (result.status, result.reason) == ("rejected", "no_provider")
    assert "did you mean 'orders'?" in result.explain()
    assert receiver.received == 0


async def test_an_endpoint_that_is_gone_is_asked_once(configured, receiver):
    async with configured() as notifier:
        result = await notifier.send(message("status-410"))

    assert (result.status, result.reason) == ("rejected", "recipient_invalid")
    assert receiver.received == 1


async def test_an_unknown_fate_is_not_tried_again(configured, receiver):
    receiver.fault(match={"next": 1}, do={"raw": {"status": 500, "process": True}})

    async with configured() as notifier:
        result = await notifier.send(message())

    assert (result.status, result.reason) == ("submit_unknown", "server_error")
    assert receiver.received == 1


async def test_an_unknown_fate_is_cleared_up_where_receivers_remember(
    configured, receiver
):
    receiver.fault(match={"next": 1}, do={"raw": {"status": 500, "process": True}})

    async with configured(receivers_remember="5m") as notifier:
        result = await notifier.send(message())

    assert result.ok
    assert receiver.received == 2
    assert len(receiver.messages) == 1
