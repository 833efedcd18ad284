"""A vendor for tests, brought by a plugin as any other: HTTP, emulator, demo.

Three provider types: `acme` speaks JSON over HTTP and tells no balance; `fake` answers
as its settings say; `broke` does not tell the balance that it should.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

import attrs
import msgspec
from aiohttp import web
from yarl import URL

from notify_core import Answer, Outcome, Reason, WebhookRequest, hookimpl
from notify_core.errors import ProviderUnavailable
from notify_core.http import HttpResponse
from notify_core.model.channel import Channel
from notify_core.model.webhook import Push
from notify_core.provider import (
    Account,
    Capabilities,
    ProviderType,
    ReceiptMode,
    Submission,
    TextMode,
)
from notify_core.testing import FakeProvider, FakeVendor
from notify_core.testing.emulator import (
    Arrival,
    Emulator,
    Order,
    PushRequest,
    Report,
    Verdict,
    structure,
)

_SETTINGS = {
    "type": "object",
    "properties": {
        "base_url": {"type": "string"},
        "key": {"type": "string", "writeOnly": True},
    },
    "required": ["base_url", "key"],
}


class AcmeProvider:
    """Posts `{to, text}` and reads `{id}` or `{error}`."""

    def __init__(self, account: Account) -> None:
        self._http = account.http
        self._url = URL(account.settings["base_url"]) / "send"

    async def submit(self, submission: Submission) -> Answer:
        to = submission.recipient.address
        body = msgspec.json.encode({"to": to, "text": submission.text})
        return await self._http.submit(
            self._url,
            body,
            content_type="application/json",
            timeouts=submission.timeouts,
            wire=submission.wire,
            read=_read,
        )

    def parse_webhook(self, request: WebhookRequest) -> Push:
        return FakeProvider().parse_webhook(request)

    async def aclose(self) -> None:
        """Nothing is open."""


def _read(response: HttpResponse) -> Answer | None:
    told = response.json_object()
    if told is None:
        return None
    if "id" in told:
        return Answer(outcome=Outcome.ACCEPTED, provider_id=told["id"])
    return Answer(
        outcome=Outcome.REJECTED, reason=Reason.CONTENT_REJECTED, code=told["error"]
    )


@attrs.frozen(kw_only=True)
class AcmeOptions:
    """Options of the emulator."""

    push_url: str = ""
    refused: str = "spam"


@attrs.define(kw_only=True)
class AcmeOrder(Order):
    """One message."""

    refused: str

    def process(self, *, by_magic: bool) -> Verdict:
        if self.refused in self.text:
            return self.force("E7")
        arrival = Arrival(id="A1", to=self.to[0], text=self.text, at=0)
        response = web.json_response({"id": "A1"})
        return Verdict(code="ok", response=response, arrivals=(arrival,))

    def force(self, code: str) -> Verdict:
        return Verdict(code=code, response=web.json_response({"error": code}))


class AcmeEmulator(Emulator):
    """The vendor."""

    title = "acme"

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = structure(options, AcmeOptions, "settings")
        super().__init__()

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        return [web.post("/send", self._send)]

    async def _send(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        order = AcmeOrder(
            to=(asked["to"],), text=asked["text"], refused=self._options.refused
        )
        return await self.answer(request, order)

    def receipt_request(self, report: Report) -> PushRequest | None:
        told = {"id": report.id, "state": report.outcome, "to": report.to}
        return PushRequest(
            kind="receipt", url=self._options.push_url, body=msgspec.json.encode(told)
        )


ACME = ProviderType(
    name="acme",
    summary="A vendor for tests.",
    capabilities=Capabilities(
        channels=frozenset({Channel.SMS}),
        text=TextMode.FREE,
        receipts=ReceiptMode.PUSH,
    ),
    settings_schema=_SETTINGS,
    create=AcmeProvider,
    account_key=lambda _: "acme",
    emulator="notify_acme:AcmeEmulator",
    demo=files("notify_acme") / "demo",
)


def _broke(account: Account) -> FakeProvider:
    provider = FakeProvider(account.name)
    provider.left = ProviderUnavailable("HTTP 500 without a balance")
    return provider


@hookimpl
def notify_register_providers() -> list[ProviderType]:
    """Offer the three."""
    return [ACME, FakeVendor().type, FakeVendor("broke", create=_broke).type]
