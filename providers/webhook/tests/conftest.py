"""Receivers on loopback, names that lead where a test wants, and endpoints for them."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import attrs
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from notify_webhook.guard import guarded_session
from notify_webhook.provider import WebhookProvider
from notify_webhook.provider_type import WEBHOOK

from notify_core.http import HttpClient, new_session
from notify_core.model.channel import Channel, Kind
from notify_core.model.recipient import Endpoint
from notify_core.provider import Account, Submission
from notify_core.secret import Secret
from notify_core.testing import FaultServer

#: The secret, and the time, of the Rust library's test vector.
SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"  # noqa: S105 (a published one)
NOW = datetime.fromtimestamp(1649367553, UTC)
TEXT = "您的订单已发货。"
_FIXTURES = Path(__file__).parent / "fixtures"


@attrs.frozen
class Names(AbstractResolver):
    """Names and the addresses that they lead to; there are no others."""

    addresses: Mapping[str, Sequence[str]]

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host not in self.addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [
            ResolveResult(
                hostname=host, host=address, port=port, family=family, proto=0, flags=0
            )
            for address in self.addresses[host]
        ]

    async def close(self) -> None:
        pass


@attrs.frozen
class Request:
    """One request as a receiver read it."""

    line: str
    headers: Mapping[str, str]
    body: bytes


def _read(raw: bytes) -> Request:
    head, _, body = raw.partition(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").split("\r\n")
    pairs = (field.split(": ", 1) for field in fields)
    return Request(line, {name.lower(): value for name, value in pairs}, body)


@pytest.fixture
async def receiver() -> AsyncIterator[FaultServer]:
    """Run a receiver that takes everything."""
    async with FaultServer() as server:
        yield server


@pytest.fixture
def asked(receiver: FaultServer) -> Callable[[], list[Request]]:
    """Return the requests that `receiver` has read."""
    return lambda: [_read(raw) for raw in receiver.requests]


@pytest.fixture
async def guarded() -> AsyncIterator[Callable[..., aiohttp.ClientSession]]:
    """Open a guarded session for which `shop.example` leads to the addresses given."""
    async with AsyncExitStack() as stack:

        def make(*addresses: str, **given: Any) -> aiohttp.ClientSession:
            names = Names({"shop.example": addresses})
            session = guarded_session(resolver=names, **given)
            stack.push_async_callback(session.close)
            return session

        yield make


@pytest.fixture
def endpoint(receiver: FaultServer) -> Callable[..., dict[str, Any]]:
    """Describe an endpoint at `receiver`, which may be private."""

    def make(**given: Any) -> dict[str, Any]:
        usual = {
            "url": f"{receiver.url}/hooks",
            "secret": Secret(SECRET),
            "allow_http": True,
            "allow_private": True,
        }
        return {**usual, **given}

    return make


@pytest.fixture
async def provider(
    endpoint: Callable[..., dict[str, Any]],
) -> AsyncIterator[Callable[..., WebhookProvider]]:
    """Make a provider whose endpoint `orders` is at `receiver`.

    It takes changes of the endpoint, and apart from them `guarded` (its session for
    public addresses), `names` (for its other session) and `settings`.
    """
    async with AsyncExitStack() as stack:

        def make(
            *,
            guarded: aiohttp.ClientSession | None = None,
            names: Mapping[str, Sequence[str]] | None = None,
            settings: Mapping[str, Any] | None = None,
            **changes: Any,
        ) -> WebhookProvider:
            session = new_session(resolver=Names(names or {}))
            stack.push_async_callback(session.close)
            common = WEBHOOK.settings_schema["properties"]["body"]["default"]
            endpoints = {"orders": endpoint(**changes)}
            account = Account(
                name="hooks",
                settings={"body": common, "endpoints": endpoints, **(settings or {})},
                http=HttpClient(session),
                now=lambda: NOW,
            )
            made = WebhookProvider(account, guarded=guarded)
            stack.push_async_callback(made.aclose)
            return made

        yield make


@pytest.fixture
def complaints(endpoint: Callable[..., dict[str, Any]]) -> Callable[..., list[str]]:
    """Return what the type says of settings whose endpoint `orders` is changed."""

    def tell(*, settings: Mapping[str, Any] | None = None, **changes: Any) -> list[str]:
        common = WEBHOOK.settings_schema["properties"]["body"]["default"]
        endpoints = {"orders": endpoint(**changes)}
        whole = {"body": common, "endpoints": endpoints, **(settings or {})}
        assert WEBHOOK.problems is not None
        return [str(problem) for problem in WEBHOOK.problems(whole)]

    return tell


@pytest.fixture
def submission() -> Callable[..., Submission]:
    """Make a submission to the endpoint `orders`."""

    def make(**given: Any) -> Submission:
        facts: dict[str, Any] = {
            "message": "01K0000000000000000000000A",
            "reference": "01K0000000000000000000000A",
            "recipient": Endpoint("orders"),
            "channel": Channel.WEBHOOK,
            "kind": Kind.NOTICE,
            "text": TEXT,
        }
        return Submission(**facts | given)

    return make


@pytest.fixture
def golden() -> Callable[[str], bytes]:
    """Read a golden file, without the line end that it closes with."""
    return lambda name: (_FIXTURES / name).read_bytes().removesuffix(b"\n")
