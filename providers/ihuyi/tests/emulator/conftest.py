"""A started emulator with a clock and a sleep of the test's own, and a raw client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from hashlib import md5
from typing import Any

import aiohttp
import attrs
import pytest
from aiohttp import web
from notify_ihuyi.emulator import TEST_ACCOUNT, TEST_APIKEY, IhuyiEmulator, Settings

from notify_core.testing.emulator import structure

#: The time of the published test vectors: 2015-12-31 14:55:41 in Shanghai.
VECTOR_TIME = 1451544941
CODE = "您的验证码是：{}。请不要把验证码泄露给其他人。"


@attrs.define
class FakeTime:
    """A clock that stands still, and a sleep that moves it."""

    now: float = VECTOR_TIME
    slept: list[float] = attrs.Factory(list)

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


@attrs.define
class Desk:
    """One emulator, and a client that writes the vendor's requests by hand."""

    emulator: IhuyiEmulator
    time: FakeTime
    session: aiohttp.ClientSession

    async def ask(self, path: str, fields: dict[str, str]) -> Any:
        url = self.emulator.url + path
        async with self.session.post(url, data=fields) as response:
            assert response.status == 200
            return await response.json()

    async def submit(self, path: str = "/webservice/sms.php", **fields: str) -> Any:
        usual = {
            "method": "Submit",
            "account": TEST_ACCOUNT,
            "password": TEST_APIKEY,
            "mobile": "13800138000",
            "content": CODE.format("2546"),
            "format": "json",
        }
        return await self.ask(path, usual | fields)

    async def code(self, **fields: str) -> int:
        return int((await self.submit(**fields))["code"])

    async def balance(self, **fields: str) -> Any:
        usual = {"method": "GetNum", "account": TEST_ACCOUNT, "password": TEST_APIKEY}
        return await self.ask(
            "/webservice/sms.php", usual | {"format": "json"} | fields
        )

    async def add_template(self, content: str, **fields: str) -> Any:
        usual = {
            "method": "AddTemplate",
            "account": TEST_ACCOUNT,
            "password": TEST_APIKEY,
            "content": content,
            "format": "json",
        }
        return await self.ask("/webservice/sms.php", usual | fields)

    def dynamic(self, *parts: str, time: str = str(VECTOR_TIME)) -> dict[str, str]:
        hashed = "".join((TEST_ACCOUNT, TEST_APIKEY, *parts, time))
        password = md5(hashed.encode(), usedforsecurity=False).hexdigest()
        return {"password": password, "time": time}


@attrs.define
class Receiver:
    """The customer's URL: it notes the pushes and answers the next of *answers*."""

    url: str = ""
    bodies: list[str] = attrs.Factory(list)
    types: list[str] = attrs.Factory(list)
    answers: list[str] = attrs.Factory(lambda: ["success"])

    async def handle(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.text())
        self.types.append(request.headers["Content-Type"])
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return web.Response(text=answer)


Opener = Callable[..., Awaitable[Desk]]


@pytest.fixture
async def open_desk() -> AsyncIterator[Opener]:
    """Start an emulator with the given settings: `await open_desk(max_length=10)`."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())

        async def open_one(**settings: Any) -> Desk:
            time = FakeTime()
            emulator = IhuyiEmulator(
                structure(settings, Settings, "settings"),
                clock=time.clock,
                sleep=time.sleep,
            )
            await stack.enter_async_context(emulator)
            return Desk(emulator, time, session)

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
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = "http://{}:{}/push".format(*runner.addresses[0])
    yield receiver
    await runner.cleanup()


@pytest.fixture
def account() -> Callable[..., dict[str, Any]]:
    """Return the settings of the test account with some of them changed."""

    def changed(**settings: Any) -> dict[str, Any]:
        return {"id": TEST_ACCOUNT, "api_key": TEST_APIKEY, **settings}

    return changed
