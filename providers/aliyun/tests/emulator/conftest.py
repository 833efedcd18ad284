"""An emulator whose clock stands at the time of the golden requests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import attrs
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from notify_aliyun.emulator import (
    DEFAULT_SIGN,
    TEST_ID,
    TEST_SECRET,
    AliyunEmulator,
    Settings,
)
from notify_aliyun.signatures import Credentials, canonical_query
from yarl import URL

from notify_core.secret import Secret
from notify_core.testing.emulator import structure

#: 2023-10-26T10:22:32Z
NOW = 1_698_315_752
CREDENTIALS = Credentials(access_key_id=TEST_ID, access_key_secret=Secret(TEST_SECRET))
_NONCES = count()
Opener = Callable[..., Awaitable["Desk"]]


@attrs.define
class FakeTime:
    """A clock that stands still, and a sleep that moves it."""

    now: float = NOW

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


def signed(params: dict[str, str], **given: Any) -> tuple[str, dict[str, str]]:
    """Return query and headers of a request; *given* headers are signed too."""
    body = given.pop("body", b"")
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "host": "dysmsapi.aliyuncs.com",
        "x-acs-action": "SendSms",
        "x-acs-content-sha256": sha256(body).hexdigest(),
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": f"nonce{next(_NONCES)}",
        "x-acs-version": "2017-05-25",
    }
    headers |= {name.replace("_", "-"): value for name, value in given.items()}
    query = canonical_query(params)
    proof = CREDENTIALS.authorization(
        "POST", query, headers, headers["x-acs-content-sha256"]
    )
    return query, headers | {"authorization": proof}


@attrs.define
class Desk:
    """One emulator, and a client that writes the vendor's requests."""

    emulator: AliyunEmulator
    session: aiohttp.ClientSession
    time: FakeTime
    #: Makes query and headers of a request.
    signed: Callable[..., tuple[str, dict[str, str]]] = signed

    @property
    def date(self) -> str:
        """What `x-acs-date` is now."""
        return datetime.fromtimestamp(self.time.now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    async def post(
        self, query: str, headers: dict[str, str], body: bytes = b""
    ) -> tuple[int, dict[str, Any]]:
        url = URL(f"{self.emulator.url}/?{query}", encoded=True)
        async with self.session.post(url, headers=headers, data=body) as response:
            assert response.content_type == "application/json"
            return response.status, await response.json()

    async def submit(self, **params: str) -> dict[str, Any]:
        """Send an OTP, changed by *params*; an empty one is left out."""
        usual = {
            "PhoneNumbers": "13900001234",
            "SignName": DEFAULT_SIGN,
            "TemplateCode": "SMS_15305",
            "TemplateParam": '{"code":"2546"}',
        }
        given = {name: value for name, value in (usual | params).items() if value}
        _, answer = await self.post(*self.signed(given, x_acs_date=self.date))
        return answer

    async def code(self, **params: str) -> str:
        return str((await self.submit(**params))["Code"])

    async def details(self, **params: str) -> dict[str, Any]:
        """Ask what became of the messages of the day."""
        usual = {
            "PhoneNumber": "13900001234",
            "SendDate": "20231026",
            "PageSize": "50",
            "CurrentPage": "1",
        }
        asked = {"x_acs_action": "QuerySendDetails", "x_acs_date": self.date}
        _, answer = await self.post(*self.signed(usual | params, **asked))
        return answer

    async def wire(self, request: bytes) -> tuple[int, dict[str, Any]]:
        """Send a golden request as it stands."""
        where = urlsplit(self.emulator.url)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        head = request.strip().replace(b"\n", b"\r\n")
        writer.write(head + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        told, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()
        return int(told.split()[1]), json.loads(body)


@attrs.define
class Receiver:
    """The customer's server: it notes the pushes and answers as told."""

    url: str = ""
    status: int = 200
    reply: bytes = '{"code":0,"msg":"接收成功"}'.encode()
    bodies: list[bytes] = attrs.Factory(list)

    async def handle(self, request: web.Request) -> web.Response:
        assert request.content_type == "application/json"
        self.bodies.append(await request.read())
        return web.Response(
            status=self.status, body=self.reply, content_type="application/json"
        )


@pytest.fixture
async def open_desk() -> AsyncIterator[Opener]:
    """Start an emulator with the given settings."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())

        async def open_one(**settings: Any) -> Desk:
            time = FakeTime()
            made = structure(settings, Settings, "settings")
            emulator = AliyunEmulator(made, clock=time.clock, sleep=time.sleep)
            await stack.enter_async_context(emulator)
            return Desk(emulator, session, time)

        yield open_one


@pytest.fixture
async def desk(open_desk: Opener) -> Desk:
    """Start an emulator with the default settings."""
    return await open_desk()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Start the customer's side of the pushes."""
    receiver = Receiver()
    app = web.Application()
    app.add_routes([web.post("/push", receiver.handle)])
    async with TestServer(app) as server:
        receiver.url = str(server.make_url("/push"))
        yield receiver
