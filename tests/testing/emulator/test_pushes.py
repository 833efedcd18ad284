"""Pushes: repeated on schedule, given up, asked for by tests."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from aiohttp import web

from notify_core.testing.emulator import Emulator, PushState
from tests.testing.emulator.tiny import (
    NUMBER,
    FakeSleep,
    Receiver,
    TinyVendor,
    send,
    serving,
)


async def test_a_push_is_repeated_on_schedule_until_it_is_acknowledged(
    client: aiohttp.ClientSession, receiver: Receiver
) -> None:
    receiver.statuses = [500, 404, 200]
    sleep = FakeSleep()
    async with TinyVendor(receiver.url, (0, 60, 120, 180), sleep=sleep) as vendor:
        await send(client, vendor)
        await vendor.pushed()

        [push] = vendor.pushes.log
        assert push.state is PushState.ACKNOWLEDGED
        assert [one.status for one in push.tries] == [500, 404, 200]
        assert sleep.slept == [0.0, 0, 60, 120]


async def test_a_push_is_given_up_at_the_end_of_the_schedule(
    client: aiohttp.ClientSession,
) -> None:
    async with TinyVendor("http://127.0.0.1:1/", (0, 60), sleep=FakeSleep()) as vendor:
        await send(client, vendor)
        await vendor.pushed()

        [push] = vendor.pushes.log
        assert push.state is PushState.GIVEN_UP
        assert [(one.status, one.answer) for one in push.tries] == [
            (0, "ClientConnectorError")
        ] * 2


async def test_a_receiver_that_does_not_answer_fails_the_try() -> None:
    async def stall(_: web.Request) -> web.Response:
        await asyncio.sleep(3_600)
        raise AssertionError("never reached")

    class Impatient(TinyVendor):
        push_timeout = 0.05

    async with serving(stall) as url, Impatient(url) as vendor:
        push = await vendor.push_reply(NUMBER, "hello")

        assert [one.answer for one in push.tries] == ["TimeoutError"]


async def test_more_pushes_than_are_kept_are_canceled_not_piled_up(
    receiver: Receiver,
) -> None:
    async with TinyVendor(receiver.url, (3_600,), keep=2) as vendor:
        pushes = [
            asyncio.create_task(vendor.push_reply(NUMBER, "hello")) for _ in range(3)
        ]
        await asyncio.sleep(0)

        assert (await pushes[2]).state is PushState.CANCELED
        await vendor.reset()
        assert {(await push).state for push in pushes} == {PushState.CANCELED}


async def test_a_receipt_can_be_pushed_by_id_by_number_and_for_a_stranger(
    client: aiohttp.ClientSession, receiver: Receiver
) -> None:
    async with TinyVendor(receiver.url) as vendor:
        await send(client, vendor)
        await send(client, vendor)
        await vendor.pushed()
        receiver.pushes.clear()

        await vendor.push_receipt("id-1", outcome="E42")
        await vendor.push_receipt(to=f"+86{NUMBER}")
        await vendor.push_receipt("id-2", to="13900139000")
        await vendor.push_receipt("nobody", to=NUMBER)

        assert receiver.pushes == [
            f"id-1 {NUMBER} E42",
            f"id-2 +86{NUMBER} delivered",
            "id-2 13900139000 delivered",
            f"nobody {NUMBER} delivered",
        ]


async def test_a_push_that_cannot_be_made_says_why(vendor: TinyVendor) -> None:
    with pytest.raises(LookupError, match=r"no message arrived for 1380\*\*\*\*000"):
        await vendor.push_receipt(to=NUMBER)
    with pytest.raises(LookupError, match="no URL is configured for receipts"):
        await vendor.push_receipt("id", to=NUMBER)
    with pytest.raises(LookupError, match="no URL is configured for replies"):
        await vendor.push_reply(NUMBER, "hello")
    with pytest.raises(RuntimeError, match="start the emulator"):
        await TinyVendor("http://127.0.0.1:1/").push_reply(NUMBER, "hello")


async def test_a_vendor_that_pushes_nothing_says_so(
    client: aiohttp.ClientSession,
) -> None:
    class Silent(Emulator):
        def routes(self) -> list[web.RouteDef]:
            return []

    async with Silent() as vendor:
        with pytest.raises(LookupError, match="no URL is configured for receipts"):
            await vendor.push_receipt("id", to=NUMBER)
        with pytest.raises(LookupError, match="no URL is configured for replies"):
            await vendor.push_reply(NUMBER, "hello")
