"""A vendor, and a provider that does it justice."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from yarl import URL

from notify_core.errors import ProviderUnavailable, WebhookRejected
from notify_core.http import HttpResponse
from notify_core.model.attempt import Answer
from notify_core.model.channel import Channel
from notify_core.model.outcome import Reason, Scope
from notify_core.model.receipt import Balance, Receipt
from notify_core.model.status import AttemptState
from notify_core.model.webhook import Push, WebhookRefusal, WebhookReply, WebhookRequest
from notify_core.provider import (
    Account,
    Capabilities,
    Code,
    ProviderType,
    ReceiptMode,
    Submission,
    TextMode,
    coded_answer,
)
from notify_core.secret import Secret
from notify_core.testing import HttpAnswer, HttpProviderContract
from notify_core.transmission import RequestLost, Timeouts, Wire

# A vendor, and a provider that does it justice.


def tomorrow(now: datetime) -> datetime:
    return now + timedelta(days=1)


CODES = {
    "ok": Code(reason=Reason.NONE, text="accepted"),
    "key": Code(reason=Reason.AUTH_FAILED, text="no such key"),
    "cap": Code(
        reason=Reason.RECIPIENT_RATE_LIMITED, text="enough for today", retry_at=tomorrow
    ),
    "sig": Code(reason=Reason.SENDER_REJECTED, scope=Scope.UNIT, text="no such sender"),
}


#: What reading a push of another shape may raise.
_ODD = (ValueError, LookupError, TypeError, OverflowError, RecursionError)


class Acme:
    """A provider that keeps the contract."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.url = URL(account.settings["base_url"])
        self.token: Secret = account.settings["token"]

    async def submit(self, submission: Submission) -> Answer:
        return await self.send(submission, submission.wire)

    async def send(self, submission: Submission, wire: Wire) -> Answer:
        told = {"to": submission.recipient.address, "text": submission.text}
        return await self.account.http.submit(
            self.url / "send",
            json.dumps(told).encode(),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.token.reveal()}"},
            timeouts=submission.timeouts,
            wire=wire,
            read=self.read,
        )

    def read(self, response: HttpResponse) -> Answer | None:
        told = response.json_object() or {}
        code, number = told.get("code"), told.get("id")
        if not isinstance(code, str):
            return None
        return coded_answer(
            CODES.get(code), code, text=None, provider_id=number, now=self.account.now()
        )

    async def balance(self) -> Balance:
        try:
            response = await self.account.http.post(
                self.url / "left", b"", content_type="text/plain", timeouts=Timeouts()
            )
        except RequestLost as lost:
            raise ProviderUnavailable(str(lost)) from lost
        left = (response.json_object() or {}).get("left")
        if not isinstance(left, int):
            raise ProviderUnavailable(f"HTTP {response.status} without a number")
        return Balance(amount=Decimal(left), unit="messages")

    def parse_webhook(self, request: WebhookRequest) -> Push:
        try:
            event = self.receipt(json.loads(request.body))
        except _ODD as error:
            why = "no receipt"
            raise WebhookRejected(WebhookRefusal.MALFORMED, why) from error
        return Push(events=(event,), reply=WebhookReply())

    def receipt(self, told: Mapping[str, Any]) -> Receipt:
        return Receipt(
            state=AttemptState(told["state"]),
            provider_id=told["id"],
            recipient=f"+{int(told['to'])}",
            at=datetime.fromtimestamp(told["at"], UTC),
        )

    async def aclose(self) -> None:
        """Release nothing."""


SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "base_url": {"type": "string"},
        "token": {"type": "string", "minLength": 1, "writeOnly": True},
        "region": {"type": "string", "default": "CN"},
    },
    "required": ["base_url", "token"],
    "additionalProperties": False,
}
CAPABILITIES = Capabilities(
    channels=frozenset({Channel.SMS}),
    text=TextMode.FREE,
    receipts=ReceiptMode.PUSH,
    balance=True,
)
ACME = ProviderType(
    name="acme",
    summary="A vendor of the tests.",
    capabilities=CAPABILITIES,
    settings_schema=SCHEMA,
    create=Acme,
    account_key=lambda settings: str(settings["region"]),
    codes=CODES,
)


class AcmeContract(HttpProviderContract):
    provider_type = ACME
    balance_answer = HttpAnswer(body=b'{"left": 5}')
    pushes = (
        b'{"state": "delivered", "id": "1", "to": "8613800138000", "at": 1767268800}',
    )

    def settings(self, base_url: str) -> Mapping[str, Any]:
        return {"base_url": base_url, "token": Secret("t0ken-of-the-tests")}

    def answer(self, code: str) -> HttpAnswer:
        return HttpAnswer(body=json.dumps({"code": code, "id": "1"}).encode())
