"""The control API: what tests ask and script over HTTP."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from tests.testing.emulator.tiny import NUMBER, Receiver, TinyVendor, send


async def test_faults_are_scripted_listed_and_cleared_over_http(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    url = f"{vendor.url}/_emulator/faults"
    fault = {"match": {"to": NUMBER}, "do": {"raw": {"body": "乱", "status": 500}}}

    async with client.post(url, json=fault) as response:
        assert response.status == 201
        assert (await response.json())["do"]["raw"]["body"] == "乱"
    async with client.get(url) as response:
        assert [f["match"]["to"] for f in (await response.json())["faults"]] == [NUMBER]
    async with client.delete(url) as response:
        assert response.status == 204

    assert len(vendor.faults) == 0


@pytest.mark.parametrize(
    "body",
    [
        *(b"{", b"[]", b'{"do": {"cod": "x"}}', b"\xff", b"[" * 100_000),
        *(b'{"do": {"raw": {"body": "\\ud800"}}}', b'{"\\ud800": 1}'),
    ],
)
async def test_a_malformed_request_to_the_control_api_is_answered_with_400(
    vendor: TinyVendor, client: aiohttp.ClientSession, body: bytes
) -> None:
    for path in ("faults", "push"):
        async with client.post(f"{vendor.url}/_emulator/{path}", data=body) as response:
            assert response.status == 400
            assert (await response.json())["error"]


async def test_messages_are_listed_and_found_over_http(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    await send(client, vendor, text="your code is 482915")
    await send(client, vendor, "ada@example.com", text="Welcome")

    async def found(**query: str) -> list[str]:
        url = f"{vendor.url}/_emulator/messages"
        async with client.get(url, params=query) as response:
            return [m["id"] for m in (await response.json())["messages"]]

    assert await found() == ["id-1", "id-2"]
    assert await found(to=f"+86{NUMBER}") == ["id-1"]
    assert await found(to="ADA@example.com") == ["id-2"]
    assert await found(q="welcome") == ["id-2"]
    assert await found(q="id-1") == ["id-1"]
    assert await found(q="nothing") == []


async def test_a_login_code_can_be_fetched_over_http(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    await send(client, vendor, text="your code is 482915")

    async with client.get(f"{vendor.url}/_emulator/messages") as response:
        [message] = (await response.json())["messages"]

    assert message["login_code"] == "482915"


async def test_submissions_and_pushes_are_listed_over_http(
    client: aiohttp.ClientSession, receiver: Receiver
) -> None:
    async with TinyVendor(receiver.url) as vendor:
        await send(client, vendor)
        await send(client, vendor, text="")
        await vendor.pushed()

        async with client.get(f"{vendor.url}/_emulator/submissions") as response:
            listed = await response.json()
        async with client.get(f"{vendor.url}/_emulator/pushes") as response:
            [push] = (await response.json())["pushes"]

    assert (listed["received"], listed["accepted"]) == (2, 1)
    assert [s["code"] for s in listed["submissions"]] == ["ok", "empty"]
    assert (push["kind"], push["message"], push["state"]) == (
        "receipt",
        "id-1",
        "acknowledged",
    )
    assert [one["status"] for one in push["tries"]] == [200]


async def test_receipts_and_replies_are_pushed_over_http(
    client: aiohttp.ClientSession, receiver: Receiver
) -> None:
    async with TinyVendor(receiver.url) as vendor:
        url = f"{vendor.url}/_emulator/push"
        receipt = {"kind": "receipt", "id": "x", "to": NUMBER, "outcome": "failed"}
        reply = {"kind": "reply", "to": NUMBER, "text": "好"}

        async with client.post(url, json=receipt) as response:
            assert (await response.json())["state"] == "acknowledged"
        async with client.post(url, json=reply) as response:
            assert response.status == 200

        assert receiver.pushes == [f"x {NUMBER} failed", f"{NUMBER} 好"]


@pytest.mark.parametrize(
    ("asked", "status", "complaint"),
    [
        ({"kind": "parcel"}, 400, "kind: expected one of receipt, reply"),
        ({"kind": ["reply"]}, 400, "kind: expected one of receipt, reply"),
        ({"kind": "reply", "to": NUMBER}, 400, "missing key text @ push.text"),
        ({"kind": "receipt", "id": "x"}, 409, "no message arrived for id x"),
    ],
)
async def test_a_push_that_cannot_be_made_is_refused_over_http(
    vendor: TinyVendor,
    client: aiohttp.ClientSession,
    asked: dict[str, Any],
    status: int,
    complaint: str,
) -> None:
    async with client.post(f"{vendor.url}/_emulator/push", json=asked) as response:
        assert response.status == status
        assert complaint in json.loads(await response.text())["error"]


@pytest.mark.parametrize(
    "kind", ["application/json", "application/x-www-form-urlencoded", "text/plain"]
)
async def test_a_push_is_asked_for_in_json_under_any_content_type(
    client: aiohttp.ClientSession, receiver: Receiver, kind: str
) -> None:
    asked = json.dumps({"kind": "reply", "to": NUMBER, "text": "a=b&c"}).encode()
    async with (
        TinyVendor(receiver.url) as vendor,
        client.post(
            f"{vendor.url}/_emulator/push", data=asked, headers={"Content-Type": kind}
        ) as response,
    ):
        assert response.status == 200

    assert receiver.pushes[-1] == f"{NUMBER} a=b&c"
