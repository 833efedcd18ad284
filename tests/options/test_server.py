"""The options of `server`, each seen where the service is used."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import attrs
import pytest

from notify_core import Secret, WebhookReply
from notify_core.config.server import Address
from notify_core.model.webhook import Push
from notify_core.server.keys import Scope
from notify_core.server.site import Site
from notify_core.testing import FakeVendor
from tests.options.configured import opened
from tests.server.serving import PUSH_TOKEN, bearer, new_key

FREE = Address("127.0.0.1", 0)


@asynccontextmanager
async def serving(
    folder: Path, vendor: FakeVendor, server: dict[str, Any], **sections: Any
) -> AsyncIterator[tuple[Site, aiohttp.ClientSession]]:
    """Run the service on a free port; the client has a key of `keys.json`."""
    keys = folder / "keys.json"
    key = new_key(keys, Scope.READ, Scope.SEND)
    section = {"keys_file": str(keys), **server}
    async with opened({"server": section, **sections}, vendor) as notifier:
        settings = attrs.evolve(notifier.snapshot.server, listen=FREE)
        async with (
            Site(notifier, settings, grace=0.1) as site,
            aiohttp.ClientSession(site.url, headers=bearer(key)) as client,
        ):
            yield site, client


@pytest.mark.option("server.listen")
def test_listen_says_where(vendor: FakeVendor) -> None:
    notifier = opened({"server": {"listen": "[::1]:8443"}}, vendor)

    assert notifier.snapshot.server.listen == Address("::1", 8443)


@pytest.mark.option("server.metrics_listen")
async def test_metrics_listen_opens_a_port_without_keys(
    tmp_path: Path, vendor: FakeVendor
) -> None:
    server = {"metrics_listen": "127.0.0.1:0"}

    async with serving(tmp_path, vendor, server) as (site, _):
        assert site.metrics_url is not None
        async with aiohttp.request("GET", site.metrics_url) as answer:
            assert "notify_messages_total" in await answer.text()


@pytest.mark.option("server.keys_file")
async def test_keys_file_lets_its_keys_in(tmp_path: Path, vendor: FakeVendor) -> None:
    async with (
        serving(tmp_path, vendor, {}) as (_, client),
        client.get("/v1/providers") as answer,
    ):
        assert answer.status == 200


@pytest.mark.option("server.trusted_proxies")
async def test_trusted_proxies_are_believed(tmp_path: Path, vendor: FakeVendor) -> None:
    webhook = {"tokens": [Secret(PUSH_TOKEN)], "allow_from": ["203.0.113.7"]}
    providers = {"a": {"type": "fake", "webhook": webhook}}
    push = Push(events=(), reply=WebhookReply())
    vars(vendor["a"])["parse_webhook"] = lambda _: push
    forwarded = {"X-Forwarded-For": "203.0.113.7"}
    server = {"trusted_proxies": ["127.0.0.1"]}

    async with (
        serving(tmp_path, vendor, server, providers=providers) as (_, client),
        client.post(f"/webhooks/a/{PUSH_TOKEN}", headers=forwarded) as answer,
    ):
        assert answer.status == 200


@pytest.mark.option("server.limits.rate")
async def test_rate_limits_requests(tmp_path: Path, vendor: FakeVendor) -> None:
    server = {"limits": {"rate": "1/h"}}

    async with serving(tmp_path, vendor, server) as (_, client):
        async with client.get("/v1/providers"):
            pass
        async with client.get("/v1/providers") as answer:
            assert answer.status == 429


@pytest.mark.option("server.limits.body")
async def test_body_limits_bodies(tmp_path: Path, vendor: FakeVendor) -> None:
    server = {"limits": {"body": 1024}}
    body = b" " * 1025
    media = {"Content-Type": "application/json"}

    async with (
        serving(tmp_path, vendor, server) as (_, client),
        client.post("/v1/messages", data=body, headers=media) as answer,
    ):
        assert answer.status == 413


@pytest.mark.option("server.limits.patience")
async def test_patience_ends(tmp_path: Path, vendor: FakeVendor) -> None:
    server = {"limits": {"patience": "50ms"}}

    async with serving(tmp_path, vendor, server) as (site, _):
        port = int(site.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        closed, _ = await asyncio.wait(
            [asyncio.create_task(reader.read())], timeout=0.4
        )
        writer.close()

    assert closed
