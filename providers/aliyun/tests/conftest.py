"""A vendor on loopback that answers as told, and an account that calls it.

The golden files are the vendor's own samples, with digits where its pages print stars.
The `.request` files are signed by the vendor's library alibabacloud-openapi-util 0.2.4.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from notify_aliyun.provider import AliyunProvider
from notify_aliyun.provider_type import ALIYUN

from notify_core.http import HttpClient
from notify_core.model.channel import Channel, Kind
from notify_core.model.recipient import Phone
from notify_core.provider import Account, BoundTemplate, Submission
from notify_core.secret import Secret
from notify_core.testing.faults import local_session

#: As in the vendor's example of a signature.
SECRET = "YourAccessKeySecret"  # noqa: S105 (a placeholder of the vendor's pages)
NONCE = "3156853299f313e23d1673dc12e1703d"
NOW = datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC)
MAINLAND = Phone("+8613900001234", "86", "CN")
_FIXTURES = Path(__file__).parent / "fixtures"


@attrs.define
class Vendor:
    """Answers as told and keeps what it was asked."""

    url: str = ""
    #: Each request as HTTP writes it, header names in lower case.
    asked: list[str] = attrs.field(factory=list)
    status: int = 200
    body: bytes = b"{}"

    def answers(self, body: str | bytes, status: int = 200) -> None:
        self.body = body if isinstance(body, bytes) else body.encode()
        self.status = status

    async def handle(self, request: web.Request) -> web.Response:
        head = [f"{request.method} {request.raw_path} HTTP/1.1"]
        head += [f"{name.lower()}: {text}" for name, text in request.headers.items()]
        assert await request.read() == b""
        self.asked.append("\n".join(head))
        return web.Response(
            status=self.status, body=self.body, content_type="application/json"
        )


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    vendor = Vendor()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", vendor.handle)
    server = TestServer(app)
    # Without its log: it would show the URL, which belongs to the vendor's side.
    await server.start_server(access_log=None)
    vendor.url = str(server.make_url("")).rstrip("/")
    yield vendor
    await server.close()


@pytest.fixture
def settings() -> Callable[..., dict[str, Any]]:
    """Make settings as the core does: the schema's defaults, secrets wrapped."""

    def make(**given: Any) -> dict[str, Any]:
        properties = ALIYUN.settings_schema["properties"]
        defaults = {k: v["default"] for k, v in properties.items() if "default" in v}
        least = {
            "access_key_id": "YourAccessKeyId",
            "access_key_secret": Secret(SECRET),
        }
        return defaults | least | {"sign_name": "阿里云"} | given

    return make


@pytest.fixture
async def account(
    vendor: Vendor, settings: Callable[..., dict[str, Any]]
) -> AsyncIterator[Callable[..., AliyunProvider]]:
    """Make an account that calls `vendor`, with the time and nonce of the examples."""
    async with local_session() as session:

        def make(now: datetime = NOW, **given: Any) -> AliyunProvider:
            made = Account(
                name="aliyun-test",
                settings=settings(**{"base_url": vendor.url} | given),
                http=HttpClient(session, lambda: now),
                now=lambda: now,
            )
            return AliyunProvider(made, nonce=lambda: NONCE)

        yield make


@pytest.fixture
def submission() -> Callable[..., Submission]:
    """Make a submission of the vendor's own example."""

    def make(**given: Any) -> Submission:
        params = (("name", "张三"), ("number", "1390000"))
        facts: dict[str, Any] = {
            "message": "01K",
            "reference": "abcdefgh",
            "recipient": MAINLAND,
            "channel": Channel.SMS,
            "kind": Kind.NOTICE,
            "template": BoundTemplate(id="SMS_15305", params=params),
        }
        return Submission(**facts | given)

    return make


@pytest.fixture
def golden() -> Callable[[str], bytes]:
    """Read a golden file."""
    return lambda name: (_FIXTURES / name).read_bytes()
