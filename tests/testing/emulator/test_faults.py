"""Faults: scripted codes, dropped connections, stalled and raw answers."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from notify_core.testing.emulator import Do, Raw
from tests.testing.emulator.tiny import NUMBER, Receiver, TinyVendor, send, until


async def test_a_scripted_code_is_the_answer_for_the_next_submissions_only(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    vendor.fault(match={"next": 2}, do={"code": "busy"})

    codes = [(await send(client, vendor))["code"] for _ in range(3)]

    assert codes == ["busy", "busy", "ok"]
    assert vendor.accepted == 1
    assert [s.fault for s in vendor.submissions] == ["code busy", "code busy", ""]


async def test_a_fault_for_one_number_meets_it_with_and_without_country_code(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    vendor.fault(match={"to": "+86 138 0013 8000"}, do={"code": "busy"})

    assert (await send(client, vendor, "13900139000"))["code"] == "ok"
    assert (await send(client, vendor, NUMBER))["code"] == "busy"
    assert (await send(client, vendor, f"13900139000,{NUMBER}"))["code"] == "busy"


async def test_the_first_matching_fault_counts(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    vendor.fault(match={"to": NUMBER, "next": 1}, do={"code": "first"})
    vendor.fault(do={"code": "second"})

    codes = [(await send(client, vendor))["code"] for _ in range(3)]

    assert codes == ["first", "second", "second"]


async def test_close_before_drops_the_connection_unprocessed(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    vendor.fault(match={"to": NUMBER}, do={"close": "before"})

    with pytest.raises(aiohttp.ClientConnectionError):
        await send(client, vendor)

    assert (vendor.received, vendor.accepted, vendor.sent) == (1, 0, 0)
    assert [s.fault for s in vendor.submissions] == ["close before"]


async def test_close_before_for_everybody_does_not_wait_for_the_body(
    vendor: TinyVendor,
) -> None:
    vendor.fault(match={"next": 1}, do={"close": "before"})
    host, port = vendor.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))

    writer.write(b"POST /send HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")

    assert await reader.read() == b""
    assert [(s.to, s.fault) for s in vendor.submissions] == [("", "close before")]
    assert len(vendor.faults) == 0
    writer.close()
    await writer.wait_closed()


async def test_close_after_accepts_the_message_and_drops_the_answer(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    vendor.fault(match={"next": 1}, do={"close": "after"})

    with pytest.raises(aiohttp.ServerDisconnectedError):
        await send(client, vendor)

    assert [s.accepted for s in vendor.submissions] == [True]
    assert len(vendor.messages) == 1


async def test_a_receipt_can_follow_a_dropped_answer(
    client: aiohttp.ClientSession, receiver: Receiver
) -> None:
    async with TinyVendor(receiver.url) as vendor:
        vendor.fault(do={"close": "after", "receipt": "failed"})

        with pytest.raises(aiohttp.ServerDisconnectedError):
            await send(client, vendor)
        await vendor.pushed()

        assert receiver.pushes == [f"id-1 {NUMBER} failed"]
        assert vendor.messages[0].receipt == "failed"


async def test_a_receipt_can_overtake_a_stalled_answer(
    client: aiohttp.ClientSession, receiver: Receiver
) -> None:
    async with TinyVendor(receiver.url) as vendor:
        vendor.fault(do={"delay": 0.2})

        sending = asyncio.create_task(send(client, vendor))
        await until(lambda: bool(receiver.pushes))

        assert not sending.done()
        assert (await sending)["code"] == "ok"


async def test_a_stalled_answer_ends_with_the_emulator(
    client: aiohttp.ClientSession,
) -> None:
    vendor = TinyVendor()
    await vendor.start()
    vendor.fault(do={"delay": 3_600})
    sending = asyncio.create_task(send(client, vendor))
    await until(lambda: bool(vendor.messages))

    await asyncio.wait_for(vendor.stop(), timeout=30)

    with pytest.raises(aiohttp.ClientConnectionError):
        await sending


async def test_a_stalled_answer_ends_with_its_client(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    vendor.fault(do={"delay": 3_600})
    before = len(asyncio.all_tasks())

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(send(client, vendor), timeout=0.05)

    await until(lambda: len(asyncio.all_tasks()) == before)
    assert vendor.accepted == 1


@pytest.mark.parametrize(("process", "accepted"), [(False, 0), (True, 1)])
async def test_a_raw_answer_is_given_as_it_is(
    vendor: TinyVendor,
    client: aiohttp.ClientSession,
    process: bool,
    accepted: int,
) -> None:
    raw = {"status": 502, "headers": {"X-Gateway": "g"}, "process": process}
    vendor.fault(do={"raw": {**raw, "base64": "/w=="}})

    async with client.post(
        f"{vendor.url}/send", json={"to": NUMBER, "text": "hi"}
    ) as response:
        assert (response.status, response.headers["X-Gateway"]) == (502, "g")
        assert await response.read() == b"\xff"

    assert vendor.accepted == accepted


async def test_raw_bytes_can_break_the_protocol(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    truncated = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf an answer"
    vendor.fault(do={"raw": {"body": truncated, "wire": True}})

    with pytest.raises(aiohttp.ClientPayloadError):
        await send(client, vendor)


async def test_a_magic_number_always_has_its_outcome_unless_a_fault_is_scripted(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    magic = "13800000000"
    vendor.fault(match={"next": 1}, do={"code": "busy"})

    codes = [(await send(client, vendor, magic))["code"] for _ in range(3)]

    assert codes == ["busy", "barred", "barred"]


@pytest.mark.parametrize(
    ("do", "complaint"),
    [
        ({}, "give code, close, raw, delay or receipt"),
        ({"code": "a", "close": "after"}, "exclude each other"),
        ({"close": "during"}, "expected one of before, after @ fault.do.close"),
        ({"delay": -1}, "'delay' must be >= 0"),
        ({"delay": "long"}, "expected a number, got text @ fault.do.delay"),
        ({"cod": "a"}, "unknown key cod (known: code, close, raw, delay, receipt)"),
        ({"code": "42"}, "this vendor's codes look like [a-z]+ @ fault.do.code"),
        ({"raw": "502"}, "expected a mapping, got text @ fault.do.raw"),
        ({"raw": {"status": 100}}, "'status' must be >= 200"),
        ({"raw": {"base64": "!"}}, "base64"),
        ({"raw": {"headers": []}}, "expected a mapping, got list"),
        ({"raw": {"headers": {"x": "a\r\nb: c"}}}, "x has a control character"),
        ({"raw": {"headers": {"a b": "c"}}}, "'a b' is no name of a header"),
        ({"raw": {"body": "\ud800"}}, "half of a surrogate pair is in it"),
        ({"delay": 1e99}, "'delay' must be <= 86400"),
        ({"delay": float("nan")}, "'delay' must be >= 0"),
    ],
)
def test_a_malformed_fault_is_refused_with_its_place(
    do: dict[str, Any], complaint: str
) -> None:
    vendor = TinyVendor()

    with pytest.raises(ValueError) as caught:  # noqa: PT011 (compared below)
        vendor.fault(do=do)

    assert complaint in str(caught.value)
    assert len(vendor.faults) == 0


def test_faults_are_bounded() -> None:
    vendor = TinyVendor()
    for _ in range(1_000):
        vendor.fault(do={"code": "busy"})

    with pytest.raises(ValueError, match="clear them"):
        vendor.fault(do={"code": "busy"})


def test_what_a_fault_does_can_be_read() -> None:
    do = Do(raw=Raw(status=502), delay=1.5, receipt="none")

    assert str(do) == "raw, delay 1.5, receipt none"
