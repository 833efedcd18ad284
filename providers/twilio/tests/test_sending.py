"""The provider, the core and the emulator together, with a server for the pushes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from notify_twilio.emulator import (
    TEST_ACCOUNT,
    TEST_SENDER,
    TEST_TOKEN,
    TwilioEmulator,
    create_emulator,
)

from notify_core import (
    Content,
    Message,
    Notifier,
    Reason,
    Secret,
    Status,
    WebhookRequest,
)

PUSH_TOKEN = "a-token-of-the-tests"  # noqa: S105 (of the tests)
API_KEYS = {"SK" + "c" * 32: "key-secret"}
TO = "+14155552345"
HELLO = Message(to=TO, content=Content(text="Your code is 2546."))


class Stage:
    """An emulator, a notifier that calls it, and a server that it pushes to."""

    def __init__(self, emulator: TwilioEmulator) -> None:
        self.emulator = emulator
        self.notifier: Notifier
        self.replies: list[int] = []

    async def take(self, request: web.Request) -> web.Response:
        reply = await self.notifier.receive(
            request.match_info["provider"],
            WebhookRequest(
                method=request.method,
                url=f"{request.scheme}://{request.host}{request.raw_path}",
                headers=request.headers,
                body=await request.read(),
                token=request.match_info["token"],
            ),
        )
        self.replies.append(reply.status)
        return web.Response(status=reply.status, body=reply.body)


def configuration(base_url: str, public_url: str, **settings: Any) -> dict[str, Any]:
    account = {
        "base_url": base_url,
        "account_sid": TEST_ACCOUNT,
        "auth_token": Secret(TEST_TOKEN),
        "sender": TEST_SENDER,
    }
    webhook = {"tokens": [Secret(PUSH_TOKEN)], "public_url": public_url}
    twilio = {"type": "twilio", "settings": account | settings, "webhook": webhook}
    waits = {"on_unknown": {"settle": ["receipt"], "within": "30s", "then": "stop"}}
    return {
        "version": 1,
        "providers": {"twilio": twilio},
        "policies": {"patient": waits},
        "routes": {"pool": "twilio", "policy": "patient"},
    }


@asynccontextmanager
async def opened(**settings: Any) -> AsyncIterator[Stage]:
    app = web.Application()
    account = {"sid": TEST_ACCOUNT, "auth_token": TEST_TOKEN, "api_keys": API_KEYS}
    options = {"receipt_delay": 0.0, "accounts": [account]}
    async with create_emulator(options) as emulator:
        stage = Stage(emulator)
        app.add_routes([web.post("/webhooks/{provider}/{token}", stage.take)])
        async with TestServer(app) as server:
            public_url = str(server.make_url("/webhooks/twilio"))
            made = configuration(emulator.url, public_url, **settings)
            async with Notifier.from_config(made) as stage.notifier:
                yield stage


async def test_a_message_is_sent_and_its_receipt_comes_back() -> None:
    async with opened() as stage:
        sent = await stage.notifier.send(HELLO)
        await stage.emulator.pushed()
        now = await stage.notifier.get(sent.id)

    assert sent.status is Status.ACCEPTED
    assert sent.segments == 1
    assert stage.replies == [200]
    assert now is not None
    assert now.status is Status.DELIVERED
    assert [arrival.text for arrival in stage.emulator.messages] == [
        "Your code is 2546."
    ]


async def test_a_lost_answer_is_settled_by_the_receipt_with_our_reference() -> None:
    async with opened() as stage:
        stage.emulator.fault(do={"close": "after"})
        sent = await stage.notifier.send(HELLO)
        await stage.emulator.pushed()
        now = await stage.notifier.get(sent.id)

    assert now is not None
    assert (now.status, len(now.attempts)) == (Status.DELIVERED, 1)
    assert now.attempts[0].provider_id == stage.emulator.messages[0].id


async def test_a_push_that_another_account_signed_is_refused() -> None:
    (key, secret) = next(iter(API_KEYS.items()))
    credentials = {"api_key_sid": key, "api_key_secret": Secret(secret)}
    async with opened(**credentials, auth_token=Secret("another")) as stage:
        sent = await stage.notifier.send(HELLO)
        await stage.emulator.pushed()
        now = await stage.notifier.get(sent.id)

    assert stage.replies == [403]
    assert now is not None
    assert now.status is Status.ACCEPTED


async def test_an_opt_out_ends_the_message() -> None:
    async with opened() as stage:
        to = "+15005550004"
        sent = await stage.notifier.send(Message(to=to, content=HELLO.content))

    assert (sent.status, sent.reason) == (Status.REJECTED, Reason.RECIPIENT_OPTED_OUT)
    assert len(sent.attempts) == 1


async def test_the_balance_is_that_of_the_account() -> None:
    async with opened() as stage:
        balance = await stage.notifier.balance("twilio")

    assert (str(balance.amount), balance.unit) == ("100.00", "USD")
