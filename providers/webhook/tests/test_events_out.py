"""Events of the core at a strict receiver, over sockets."""

import json

import pytest
from notify_webhook.emulator import TEST_SECRET, WebhookEmulator

from notify_core import Channel, Content, Message, Notifier, Secret
from notify_core.testing import FakeClock, FakeVendor


@pytest.fixture
async def receiver():
    """Start a receiver that takes signed documents of type, timestamp and data."""
    clock = FakeClock()
    emulator = WebhookEmulator(clock=lambda: clock.now().timestamp())
    emulator.notifier_clock = clock
    async with emulator:
        yield emulator


def notifier(receiver):
    """Return a notifier that tells `billing` what was settled."""
    endpoint = {
        "url": f"{receiver.url}/billing",
        "secret": Secret(TEST_SECRET),
        "allow_http": True,
        "allow_private": True,
        "body": {"never": "{{ text }}"},
    }
    configuration = {
        "version": 1,
        "providers": {
            "a": {"type": "fake"},
            "hooks": {
                "type": "webhook",
                "settings": {"endpoints": {"billing": endpoint}},
            },
        },
        "routes": {
            "pool": "a",
            "routes": [
                {"name": "hooks", "match": {"channel": "webhook"}, "pool": "hooks"}
            ],
        },
        "events": [{"to": "billing", "types": ["settled"]}],
    }
    return Notifier.from_config(
        configuration, plugins={"fake": FakeVendor()}, clock=receiver.notifier_clock
    )


async def test_an_event_arrives_signed_and_as_it_is(receiver):
    message = Message(to="+8613800138000", content=Content(text="Hi"))

    async with notifier(receiver) as open_:
        await open_.send(message)

    (arrived,) = receiver.arrivals
    body = json.loads(arrived.text)
    assert sorted(body) == ["data", "timestamp", "type"]
    assert body["type"] == "settled"
    assert body["data"]["message"] == message.id


async def test_a_text_that_is_no_document_is_not_sent_as_one(receiver):
    message = Message(
        to="billing",
        channel=Channel.WEBHOOK,
        content=Content(text="[1]"),
        extra={"webhook": {"text_is_body": True}},
    )

    async with notifier(receiver) as open_:
        result = await open_.send(message)

    assert result.attempts[0].reason == "unsupported"
    assert "no JSON object" in result.attempts[0].text
