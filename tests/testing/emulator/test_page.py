"""The page for people."""

from __future__ import annotations

import aiohttp

from notify_core.testing.emulator import Arrival, Emulator, Reply
from tests.testing.emulator.tiny import NUMBER, Receiver, TinyVendor, send


async def page(client: aiohttp.ClientSession, vendor: Emulator, query: str = "") -> str:
    async with client.get(f"{vendor.url}/{query}") as response:
        assert response.status == 200
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        return await response.text()


async def test_the_page_shows_what_arrived_and_what_did_not(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    empty = await page(client, vendor)
    await send(client, vendor, text="your code is 482915")
    await send(client, vendor, text="")

    html = await page(client, vendor)

    assert "Nothing has arrived yet" in empty
    assert f"<h2>{NUMBER}</h2>" in html
    assert '<span class="code">482915</span>' in html
    assert "1 accepted of 2 submitted" in html
    assert "Not accepted lately (1)" in html
    assert "No reply from here" in html


async def test_the_page_offers_no_reply_where_the_vendor_takes_none(
    client: aiohttp.ClientSession,
) -> None:
    class OneWay(TinyVendor):
        def reply_request(self, reply: Reply, about: Arrival | None) -> None:
            raise LookupError("this product has no replies")

    async with OneWay() as vendor:
        await send(client, vendor)

        assert "No reply from here" in await page(client, vendor)


async def test_the_page_escapes_what_it_shows(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    await send(client, vendor, text="<script>alert(1)</script>")

    html = await page(client, vendor, "?q=%3Cscript%3E")

    assert "<script>alert" not in html
    assert 'value="<script>' not in html
    assert "&lt;script&gt;alert(1)" in html


async def test_the_page_searches(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    await send(client, vendor, text="first")
    await send(client, vendor, "13900139000", text="second")

    html = await page(client, vendor, "?q=second")
    nothing = await page(client, vendor, "?q=third")

    assert "13900139000" in html
    assert NUMBER not in html
    assert "Nothing contains “third”." in nothing


async def test_a_reply_from_the_page_is_pushed_and_shown(
    client: aiohttp.ClientSession, receiver: Receiver
) -> None:
    async with TinyVendor(receiver.url) as vendor:
        await send(client, vendor)
        await vendor.pushed()
        form = {"kind": "reply", "to": NUMBER, "text": "I agree", "q": "hi"}

        async with client.post(f"{vendor.url}/_emulator/push", data=form) as response:
            html = await response.text()

        assert response.url.path_qs == "/?q=hi"
        assert receiver.pushes[-1] == f"{NUMBER} I agree"
        assert 'class="mine"' in html
        assert "I agree" in html
