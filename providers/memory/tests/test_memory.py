"""What was sent is kept, and nothing leaves the process."""

import pytest
from notify_memory import MemoryProvider

from notify_core import Message, Notifier
from notify_core.model.channel import Channel
from notify_core.model.message import Content

NUMBER = "+8613800138000"


def configured(**settings):
    return {
        "version": 1,
        "providers": {"aside": {"type": "memory", "settings": settings}},
        "routes": {"pool": "aside"},
    }


def saying(text, **fields):
    return Message(**{"to": NUMBER, "content": Content(text=text), **fields})


async def test_a_message_is_accepted_and_kept():
    async with Notifier.from_config(configured()) as notifier:
        result = await notifier.send(saying("Hello"))

        aside = notifier.provider("aside")

    assert result.ok
    assert result.final
    assert isinstance(aside, MemoryProvider)
    [kept] = aside.messages
    assert kept.message == result.id
    assert (kept.recipient.address, kept.text) == (NUMBER, "Hello")


async def test_the_last_ones_are_kept_the_oldest_first():
    async with Notifier.from_config(configured(keep=2)) as notifier:
        for text in ("one", "two", "three"):
            await notifier.send(saying(text))

        aside = notifier.provider("aside")

    assert [kept.text for kept in aside.messages] == ["two", "three"]


async def test_what_was_kept_can_be_forgotten():
    async with Notifier.from_config(configured()) as notifier:
        await notifier.send(saying("Hello"))
        aside = notifier.provider("aside")

        aside.clear()

    assert aside.messages == ()


@pytest.mark.parametrize(
    ("channel", "to"),
    [
        (Channel.SMS, NUMBER),
        (Channel.VOICE, NUMBER),
        (Channel.EMAIL, "jane@example.com"),
        (Channel.WEBHOOK, "billing"),
    ],
)
async def test_it_takes_any_text_on_any_channel(channel, to):
    async with Notifier.from_config(configured()) as notifier:
        result = await notifier.send(saying("Hello", channel=channel, to=to))

    assert result.ok


async def test_what_is_kept_is_not_printed_with_its_text():
    async with Notifier.from_config(configured()) as notifier:
        await notifier.send(saying("a secret"))

        [kept] = notifier.provider("aside").messages

    assert "secret" not in repr(kept)
    assert NUMBER not in repr(kept)
