"""A vendor on loopback that answers as told, and an account that calls it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import attrs
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from notify_twilio.provider import TwilioProvider
from notify_twilio.provider_type import TWILIO
from notify_twilio.signatures import HEADER, signature

from notify_core.http import HttpClient, new_session
from notify_core.model.channel import Channel, Kind
from notify_core.model.recipient import Phone
from notify_core.model.webhook import WebhookRequest
from notify_core.provider import Account, Submission
from notify_core.secret import Secret

SID = "AC" + "a" * 32
TOKEN = "12345"  # noqa: S105 (of the example on Twilio's page on security)
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
CALLBACK = "https://n.example/webhooks/twilio/a-token-of-the-tests"
TEXT = "Your code is 2546."
SOMEBODY = Phone("+14155552671", "1", "US")
_FIXTURES = Path(__file__).parent / "fixtures"


@attrs.frozen
class Asked:
    """One request as the vendor received it."""

    method: str
    target: str
    content_type: str
    authorization: str
    raw: str
    form: dict[str, str]


@attrs.define
class Vendor:
    """Answers as told and keeps what it was asked."""

    url: str = ""
    asked: list[Asked] = attrs.field(factory=list)
    status: int = 201
    headers: dict[str, str] = attrs.field(factory=dict)
    body: bytes = b"{}"

    def answers(self, body: str | bytes, status: int = 201, **headers: str) -> None:
        self.body = body if isinstance(body, bytes) else body.encode()
        self.status = status
        self.headers = {name.replace("_", "-"): v for name, v in headers.items()}

    def refuses(self, code: int, status: int = 400, **headers: str) -> None:
        told = {"code": code, "message": "as Twilio said", "status": status}
        self.answers(json.dumps(told), status, **headers)

    async def handle(self, request: web.Request) -> web.Response:
        raw = (await request.read()).decode("ascii")
        asked = Asked(
            method=request.method,
            target=request.path_qs,
            content_type=request.content_type,
            authorization=request.headers.get("Authorization", ""),
            raw=raw,
            form=dict(parse_qsl(raw, keep_blank_values=True)),
        )
        self.asked.append(asked)
        return web.Response(status=self.status, body=self.body, headers=self.headers)


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    vendor = Vendor()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", vendor.handle)
    async with TestServer(app) as server:
        vendor.url = str(server.make_url("")).rstrip("/")
        yield vendor


@pytest.fixture
def settings() -> Callable[..., dict[str, Any]]:
    """Make settings as the core does: the schema's defaults, secrets wrapped."""

    def make(**given: Any) -> dict[str, Any]:
        properties = TWILIO.settings_schema["properties"]
        defaults = {k: v["default"] for k, v in properties.items() if "default" in v}
        account = {"account_sid": SID, "auth_token": Secret(TOKEN)}
        made = defaults | account | {"sender": "+15017122661"} | given
        return {name: value for name, value in made.items() if value is not None}

    return make


@pytest.fixture
async def account(
    vendor: Vendor, settings: Callable[..., dict[str, Any]]
) -> AsyncIterator[Callable[..., TwilioProvider]]:
    """Make an account that calls `vendor`; None leaves a setting out."""
    async with new_session() as session:

        def make(callback_url: str | None = None, **given: Any) -> TwilioProvider:
            made = TWILIO.create(
                Account(
                    name="twilio-test",
                    settings=settings(**{"base_url": vendor.url} | given),
                    http=HttpClient(session, lambda: NOW),
                    callback_url=Secret(callback_url) if callback_url else None,
                    now=lambda: NOW,
                )
            )
            assert isinstance(made, TwilioProvider)
            return made

        yield make


@pytest.fixture
def submission() -> Callable[..., Submission]:
    """Make a submission."""

    def make(**given: Any) -> Submission:
        facts: dict[str, Any] = {
            "message": "01K",
            "reference": "01K",
            "recipient": SOMEBODY,
            "channel": Channel.SMS,
            "kind": Kind.OTP,
            "text": TEXT,
        }
        return Submission(**facts | given)

    return make


@pytest.fixture
def golden() -> Callable[[str], bytes]:
    """Read a golden file."""
    return lambda name: (_FIXTURES / name).read_bytes()


@pytest.fixture
def golden_form(golden: Callable[[str], bytes]) -> Callable[[str], Mapping[str, str]]:
    """Read a golden form: `name=value`, one a line, not encoded."""

    def read(name: str) -> Mapping[str, str]:
        lines = golden(name).decode().splitlines()
        return dict(line.split("=", 1) for line in lines)

    return read


@pytest.fixture
def signed() -> Callable[..., WebhookRequest]:
    """Make a request that Twilio signed."""

    def make(
        form: Mapping[str, str], url: str = CALLBACK, token: str = TOKEN
    ) -> WebhookRequest:
        return WebhookRequest(
            url=url,
            headers={
                "content-type": "application/x-www-form-urlencoded; charset=utf-8",
                HEADER.lower(): signature(token, url, form.items()),
            },
            body=urlencode(form).encode(),
        )

    return make
