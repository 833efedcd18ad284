"""What every provider must do."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

import attrs
from notify_twilio.codes import ACCEPTED
from notify_twilio.provider_type import TWILIO
from notify_twilio.signatures import HEADER, signature

from notify_core.model.webhook import WebhookRequest
from notify_core.secret import Secret
from notify_core.testing import HttpAnswer, HttpProviderContract

SID = "AC" + "a" * 32
TOKEN = "2f1c6e3b0d9a4857"  # noqa: S105 (of the tests)
MESSAGE = "SM" + "b" * 32
URL = "https://n.example/webhooks/contract/token?reference=01K"
FORM = "application/x-www-form-urlencoded"


def push(fields: Mapping[str, str]) -> WebhookRequest:
    headers = {"Content-Type": FORM, HEADER: signature(TOKEN, URL, fields.items())}
    return WebhookRequest(url=URL, headers=headers, body=urlencode(fields).encode())


class TestTwilio(HttpProviderContract):
    provider_type = TWILIO
    signature_header = HEADER
    balance_answer = HttpAnswer(body=b'{"balance": "0.05", "currency": "USD"}')
    pushes = (
        push(
            {
                "AccountSid": SID,
                "ErrorCode": "30003",
                "MessageSid": MESSAGE,
                "MessageStatus": "undelivered",
                "To": "+8613800138000",
            }
        ),
        push({"Body": "no", "From": "+8613800138000", "MessageSid": MESSAGE}),
    )

    def settings(self, base_url: str) -> Mapping[str, Any]:
        return {
            "base_url": base_url,
            "account_sid": SID,
            "auth_token": Secret(TOKEN),
            "sender": "+15005550006",
        }

    def answer(self, code: str) -> HttpAnswer:
        if code == ACCEPTED:
            told: Mapping[str, Any] = {"sid": MESSAGE, "status": "queued"}
            return HttpAnswer(status=201, body=json.dumps(told).encode())
        told = {"code": int(code), "message": "…", "status": 400}
        return HttpAnswer(status=400, body=json.dumps(told).encode())

    def extended(self, request: WebhookRequest) -> WebhookRequest:
        more = {**dict(parse_qsl(request.body.decode())), "Unheard": "of"}
        return attrs.evolve(push(more), url=request.url)


class TestTwilioWithAnApiKey(TestTwilio):
    def settings(self, base_url: str) -> Mapping[str, Any]:
        key = {"api_key_sid": "SK" + "c" * 32, "api_key_secret": Secret("9d4e71aa")}
        return {**super().settings(base_url), **key}
