"""A tiny vendor's emulator, its customer, and a time that passes at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import attrs
from aiohttp import web

from notify_core.testing.emulator import (
    Arrival,
    Do,
    Emulator,
    Order,
    PushRequest,
    Reply,
    Report,
    Verdict,
)

NUMBER = "13800138000"


@attrs.define(kw_only=True)
class TinyOrder(Order):
    vendor: TinyVendor

    def process(self, *, by_magic: bool) -> Verdict:
        if not by_magic and not self.text:
            return self.force("empty")
        return self.force("ok")

    def force(self, code: str) -> Verdict:
        arrivals = self._arrivals() if code == "ok" else ()
        answer = {"code": code, "id": arrivals[0].id if arrivals else None}
        response = web.json_response(answer)
        return Verdict(code=code, response=response, arrivals=arrivals)

    def _arrivals(self) -> tuple[Arrival, ...]:
        self.vendor.sent += 1
        return tuple(
            Arrival(
                id=f"id-{self.vendor.sent}",
                to=to,
                text=self.text,
                at=self.vendor.clock(),
                reference=self.reference,
            )
            for to in self.to
        )


class TinyVendor(Emulator):
    title = "tiny"
    code_form = "[a-z]+"

    def __init__(
        self, push_url: str = "", schedule: tuple[float, ...] = (0,), **options: Any
    ) -> None:
        self.push_url = push_url
        self.push_schedule = schedule
        self.sent = 0
        super().__init__(**options)

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/send", self.send)]

    async def send(self, request: web.Request) -> web.StreamResponse:
        if self.faults.closes_unread():
            return self.drop_unread(request)
        asked = await request.json()
        order = TinyOrder(
            to=tuple(asked["to"].split(",")),
            text=asked["text"],
            reference=asked.get("reference", ""),
            vendor=self,
        )
        return await self.answer(request, order)

    def magic(self, recipient: str) -> Do | None:
        return Do(code="barred") if recipient.endswith("0000000") else None

    def receipt_for(self, arrival: Arrival) -> str:
        return "delivered" if self.push_url else "none"

    def receipt_request(self, report: Report) -> PushRequest | None:
        body = f"{report.id} {report.to} {report.outcome}"
        return self._push("receipt", body, report.id)

    def reply_request(self, reply: Reply, about: Arrival | None) -> PushRequest | None:
        return self._push("reply", f"{reply.to} {reply.text}")

    def _push(self, kind: str, body: str, message: str = "") -> PushRequest | None:
        if not self.push_url:
            return None
        return PushRequest(
            kind=kind, url=self.push_url, body=body.encode(), message=message
        )


class Receiver:
    """What the vendor's customer runs: it notes each push and answers as told."""

    def __init__(self) -> None:
        self.url = ""
        self.pushes: list[str] = []
        self.statuses = [200]

    async def handle(self, request: web.Request) -> web.Response:
        self.pushes.append(await request.text())
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return web.Response(status=status)


class FakeSleep:
    def __init__(self) -> None:
        self.slept: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


@asynccontextmanager
async def serving(
    handle: Callable[[web.Request], Awaitable[web.Response]],
) -> AsyncIterator[str]:
    app = web.Application()
    app.add_routes([web.post("/", handle)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield "http://{}:{}/".format(*runner.addresses[0])
    await runner.cleanup()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 (what is awaited has no event)
            await asyncio.sleep(0.001)


async def send(
    client: aiohttp.ClientSession, vendor: Emulator, to: str = NUMBER, text: str = "hi"
) -> Any:
    body = {"to": to, "text": text, "reference": "r-1"}
    async with client.post(f"{vendor.url}/send", json=body) as response:
        return await response.json()
