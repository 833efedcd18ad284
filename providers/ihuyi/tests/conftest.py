"""A vendor on loopback that answers as told, and an account that calls it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import attrs
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from notify_ihuyi.provider import IhuyiProvider
from notify_ihuyi.provider_type import IHUYI

from notify_core.http import HttpClient, new_session
from notify_core.model.channel import Channel, Kind
from notify_core.model.recipient import Phone
from notify_core.provider import Account, Submission
from notify_core.secret import Secret

API_KEY = "1q784322ba1d9bb88d50cf5cdfd89k7d"
#: The `time` of the test vectors.
NOW = datetime.fromtimestamp(1451544941, UTC)
TEXT = "您的验证码是：2546。请不要把验证码泄露给其他人。"
MAINLAND = Phone("+8613800138000", "86", "CN")
_FIXTURES = Path(__file__).parent / "fixtures"


@attrs.frozen
class Asked:
    """One request as the vendor received it."""

    target: str
    content_type: str
    raw: str
    form: dict[str, str]


@attrs.define
class Vendor:
    """Answers as told and keeps what it was asked."""

    url: str = ""
    asked: list[Asked] = attrs.field(factory=list)
    status: int = 200
    content_type: str = "application/json"
    body: bytes = b"{}"

    def answers(self, body: str | bytes, status: int = 200, kind: str = "json") -> None:
        self.body = body if isinstance(body, bytes) else body.encode()
        self.status = status
        self.content_type = f"application/{kind}"

    async def handle(self, request: web.Request) -> web.Response:
        raw = (await request.read()).decode("ascii")
        form = dict(parse_qsl(raw, keep_blank_values=True, strict_parsing=True))
        self.asked.append(Asked(request.path_qs, request.content_type, raw, form))
        return web.Response(
            status=self.status, body=self.body, content_type=self.content_type
        )


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
        properties = IHUYI.settings_schema["properties"]
        defaults = {k: v["default"] for k, v in properties.items() if "default" in v}
        return defaults | {"api_id": "test", "api_key": Secret(API_KEY)} | given

    return make


@pytest.fixture
async def account(
    vendor: Vendor, settings: Callable[..., dict[str, Any]]
) -> AsyncIterator[Callable[..., IhuyiProvider]]:
    """Make an account that calls `vendor`."""
    async with new_session() as session:

        def make(now: datetime = NOW, **given: Any) -> IhuyiProvider:
            made = IHUYI.create(
                Account(
                    name="ihuyi-test",
                    settings=settings(**{"base_url": vendor.url} | given),
                    http=HttpClient(session),
                    now=lambda: now,
                )
            )
            assert isinstance(made, IhuyiProvider)
            return made

        yield make


@pytest.fixture
def submission() -> Callable[..., Submission]:
    """Make a submission of the vendor's own example text."""

    def make(**given: Any) -> Submission:
        facts: dict[str, Any] = {
            "message": "01K",
            "reference": "01K",
            "recipient": MAINLAND,
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
