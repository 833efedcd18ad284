"""A notifier and the emulator: what a program that uses both sees."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from notify_aliyun.emulator import TEST_ID, TEST_SECRET, AliyunEmulator, Settings
from notify_aliyun.provider_type import ALIYUN

from notify_core import Message, Notifier
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.status import Status
from notify_core.model.webhook import WebhookRequest
from notify_core.testing.fakes import FakeClock
from notify_core.testing.faults import local_session

CODE = Message(to="+8613900001234", template="login", params={"code": "2546"})
SOON = 5.0
TEMPLATE = {
    "kind": "otp",
    "params": {"type": "object", "properties": {"code": {"type": "string"}}},
    "bindings": {"aliyun": {"template_id": "SMS_15305", "params": ["code"]}},
}


def configuration(base_url: str) -> dict[str, Any]:
    settings = {
        "access_key_id": TEST_ID,
        "access_key_secret": {"env": "ALIYUN_SECRET"},
        "sign_name": "阿里云",
        "base_url": base_url,
    }
    provider = {
        "type": "aliyun",
        "settings": settings,
        "webhook": {"tokens": [{"env": "ALIYUN_PUSH"}]},
    }
    return {
        "version": 1,
        "defaults": {"region": "CN"},
        "providers": {"aliyun": provider},
        "pools": {"codes": {"strategy": "ordered", "members": ["aliyun"]}},
        "policies": {"otp": {"deadline": "20s", "max_attempts": 1}},
        "templates": {"login": TEMPLATE},
        "routes": {"name": "root", "pool": "codes", "policy": "otp"},
    }


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the variables that the configuration names."""
    monkeypatch.setenv("ALIYUN_SECRET", TEST_SECRET)
    monkeypatch.setenv("ALIYUN_PUSH", "a-token-of-the-tests")


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Open a session that stays on this machine."""
    async with local_session() as session:
        yield session


@pytest.fixture
async def receiver() -> AsyncIterator[tuple[str, list[Notifier]]]:
    """Serve the address of the pushes for the notifier that is put into the list."""
    notifiers: list[Notifier] = []

    async def receive(request: web.Request) -> web.Response:
        pushed = WebhookRequest(
            url=str(request.url),
            body=await request.read(),
            token=request.match_info["token"],
        )
        reply = await notifiers[0].receive("aliyun", pushed)
        headers = {"Content-Type": reply.content_type}
        return web.Response(status=reply.status, body=reply.body, headers=headers)

    app = web.Application()
    app.add_routes([web.post("/push/{token}", receive)])
    async with TestServer(app) as server:
        yield str(server.make_url("/push/a-token-of-the-tests")), notifiers


async def test_a_code_arrives_and_its_receipt_comes_back(
    session: aiohttp.ClientSession, receiver: tuple[str, list[Notifier]]
) -> None:
    url, notifiers = receiver
    settings = Settings(push_url=url, receipt_delay=0)
    async with (
        AliyunEmulator(settings) as emulator,
        Notifier.from_config(configuration(emulator.url), session=session) as notifier,
    ):
        notifiers.append(notifier)
        result = await notifier.send(CODE, wait_for="delivered", timeout=SOON)

    assert result.status is Status.DELIVERED
    [arrival] = emulator.messages
    assert arrival.login_code == "2546"
    [attempt] = result.attempts
    assert (attempt.provider_id, attempt.reference) == (arrival.id, arrival.reference)


async def test_the_vendor_is_asked_when_its_answer_was_lost(
    session: aiohttp.ClientSession,
) -> None:
    clock = FakeClock(at=datetime.now(UTC), runs=False)
    settings = Settings(receipt_delay=0)
    async with (
        AliyunEmulator(settings, clock=lambda: clock.now().timestamp()) as emulator,
        Notifier.from_config(
            configuration(emulator.url), session=session, clock=clock
        ) as notifier,
    ):
        emulator.fault(do={"close": "after"})
        lost = await notifier.send(CODE)
        waiting = asyncio.create_task(notifier.wait(lost.id, timeout=SOON))
        clock.slept.clear()
        while 2 not in clock.slept:  # noqa: ASYNC110 (nobody tells that it sleeps)
            await asyncio.sleep(0)
        clock.advance(2)
        found = await waiting

    assert lost.attempts[0].outcome is Outcome.UNKNOWN
    assert found is not None
    assert found.status is Status.DELIVERED
    assert len(emulator.messages) == 1


async def test_a_limit_of_the_vendor_says_when_the_number_may_get_more(
    session: aiohttp.ClientSession,
) -> None:
    now = datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC)
    clock = FakeClock(at=now, runs=False)
    async with (
        AliyunEmulator(clock=lambda: clock.now().timestamp()) as emulator,
        Notifier.from_config(
            configuration(emulator.url), session=session, clock=clock
        ) as notifier,
    ):
        await notifier.send(CODE)
        again = Message(to=CODE.to, template="login", params={"code": "2547"})
        result = await notifier.send(again)

    [attempt] = result.attempts
    assert attempt.reason is Reason.RECIPIENT_RATE_LIMITED
    assert attempt.retry_at == datetime(2023, 10, 26, 10, 23, tzinfo=UTC)


def test_the_provider_type_has_the_emulator() -> None:
    assert ALIYUN.emulator is not None
    assert isinstance(ALIYUN.make_emulator({}), AliyunEmulator)
