"""A host reads events as they come."""

import asyncio

import pytest

from notify_core.event_stream import EventStream
from notify_core.model.event import Accepted, Attempted, Opened, Settled
from notify_core.plugins import Plugins
from notify_core.testing import FakeVendor
from tests.builders import NOON, accounts, code, notifier


def opened(number: int) -> Opened:
    return Opened(config=str(number), providers=(), at=NOON)


async def test_what_happens_is_read_in_order_until_the_notifier_is_closed() -> None:
    async with notifier(accounts(FakeVendor(), "a")) as open_:
        events = open_.events()
        result = await open_.send(code())

    read = [event async for event in events]

    assert {Accepted, Attempted, Settled} <= {type(event) for event in read}
    assert all(getattr(event, "message", result.id) == result.id for event in read)


async def test_only_what_is_wanted_is_read() -> None:
    async with (
        notifier(accounts(FakeVendor(), "a")) as open_,
        open_.events(Settled) as events,
    ):
        await open_.send(code())
        first = await anext(events)

    assert isinstance(first, Settled)


async def test_a_reader_waits_for_what_comes() -> None:
    plugins = Plugins()
    events = EventStream(plugins)
    reading = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0)

    plugins.observe(opened(1))

    assert await reading == opened(1)


async def test_a_slow_reader_misses_the_oldest_and_learns_how_many(
    caplog: pytest.LogCaptureFixture,
) -> None:
    plugins = Plugins()
    events = EventStream(plugins, most=2)

    for number in range(5):
        plugins.observe(opened(number))
    events.close()
    read = [event async for event in events]

    assert read == [opened(3), opened(4)]
    assert events.dropped == 3
    assert "missed 3" in caplog.text


async def test_a_stream_that_was_closed_is_told_nothing_more() -> None:
    plugins = Plugins()
    async with EventStream(plugins, [Opened]) as events:
        pass

    plugins.observe(opened(1))

    assert [event async for event in events] == []
    assert not plugins.is_observed(Opened)
