"""Whole requests and answers, byte for byte as the vendor's material quotes them."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

FIXTURES = Path(__file__).parents[1] / "fixtures" / "emulator"
CASES = sorted(path.stem for path in FIXTURES.glob("*.request"))
#: The serial number that the quotations show; the emulator's own differ.
QUOTED = "16165686731585006595"


def wire(name: str) -> bytes:
    """Return the file as HTTP: CRLF in the head, and the body's length."""
    head, _, body = (FIXTURES / name).read_text("utf-8").partition("\n\n")
    data = body.rstrip("\n").encode()
    lines = [*head.split("\n"), f"Content-Length: {len(data)}", "Connection: close"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


async def exchange(url: str, request: bytes) -> tuple[str, str]:
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    return head.decode(), body.decode()


@pytest.mark.parametrize("case", CASES)
async def test_a_quoted_request_gets_the_quoted_answer(desk: Any, case: str) -> None:
    expected = (FIXTURES / f"{case}.response").read_text("utf-8").rstrip("\n")

    head, body = await exchange(desk.emulator.url, wire(f"{case}.request"))

    assert head.startswith("HTTP/1.1 200 OK")
    assert re.sub(r"\b1451544941[0-9]{10}\b", QUOTED, body) == expected
    kind = "json" if expected.startswith("{") else "xml"
    content_type = re.search("(?im)^content-type: *(.+?)\r?$", head)
    assert content_type is not None
    assert kind in content_type[1]
    assert "charset=utf-8" in content_type[1]


async def test_the_serial_number_begins_with_the_second(desk: Any) -> None:
    first = (await desk.submit())["smsid"]
    desk.time.now += 1
    second = (await desk.submit())["smsid"]

    assert re.fullmatch("1451544941[0-9]{10}", first)
    assert re.fullmatch("1451544942[0-9]{10}", second)
    assert first[10:] != second[10:]


#: 2017-08-02 14:31:51 in Shanghai.
QUOTED_TIME = 1501655511


async def test_pushes_are_written_as_documented(open_desk: Any, receiver: Any) -> None:
    desk = await open_desk(push_url=receiver.url)
    desk.time.now = QUOTED_TIME
    arrival = {"to": "13800138000"}

    await desk.emulator.push_receipt(QUOTED, **arrival)
    receipt = receiver.bodies.pop()
    await desk.emulator.push_audit("1")
    audit = receiver.bodies.pop()
    await desk.emulator.push_reply("13800138000", "好")
    reply = receiver.bodies.pop().replace("smsid=0", f"smsid={QUOTED}")

    for name, body in (("receipt", receipt), ("template", audit), ("reply", reply)):
        assert body == (FIXTURES / f"{name}.push").read_text("utf-8").strip()
    assert set(receiver.types) == {"application/x-www-form-urlencoded"}
