"""One Twilio account: submits, asks for the balance, reads pushes."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from yarl import URL

from notify_core.errors import ProviderUnavailable
from notify_core.http import HttpResponse
from notify_core.model.attempt import Answer
from notify_core.model.receipt import Balance
from notify_core.model.webhook import Push, WebhookRequest
from notify_core.provider import (
    Account,
    Settings,
    Submission,
    coded_answer,
    refused_question,
)
from notify_core.secret import Secret
from notify_twilio.answers import read_created, read_refused
from notify_twilio.codes import ACCEPTED, CODES
from notify_twilio.webhooks import callback_with, parse_push

_FORM = "application/x-www-form-urlencoded"
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,12})?")
_CURRENCY = re.compile(r"[A-Za-z]{3}")
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
#: A message's options, and Twilio's parameters for them.
_OPTIONS = {
    "validity_period": "ValidityPeriod",
    "smart_encoded": "SmartEncoded",
    "risk_check": "RiskCheck",
}


class TwilioProvider:
    """One configured account of Twilio."""

    def __init__(self, account: Account) -> None:
        settings = account.settings
        self._name = account.name
        self._http = account.http
        self._now = account.now
        self._sender: str | None = settings.get("sender")
        self._callback_url = account.callback_url
        self._authorization = _authorization(settings)
        #: With which Twilio may sign.
        self._tokens: tuple[Secret, ...] = tuple(
            settings[name]
            for name in ("auth_token", "secondary_auth_token")
            if name in settings
        )
        base = settings["base_url"].rstrip("/")
        resources = f"{base}/2010-04-01/Accounts/{settings['account_sid']}"
        self._messages_url = URL(f"{resources}/Messages.json")
        self._balance_url = URL(f"{resources}/Balance.json")

    async def submit(self, submission: Submission) -> Answer:
        """Make one request to create a message and say what Twilio said."""
        return await self._http.submit(
            self._messages_url,
            urlencode(self._fields(submission)).encode(),
            content_type=_FORM,
            headers=self._headers(),
            timeouts=submission.timeouts,
            wire=submission.wire,
            read=self._read_submit,
        )

    async def balance(self) -> Balance:
        """Ask what is left on the account, in its currency.

        Raises:
            ProviderUnavailable: No usable answer, or a refusal.
        """
        fields = await self._ask(self._balance_url)
        amount, currency = str(fields.get("balance")), str(fields.get("currency"))
        if not (_NUMBER.fullmatch(amount) and _CURRENCY.fullmatch(currency)):
            raise self._unavailable("the answer has no `balance` with a `currency`")
        return Balance(amount=Decimal(amount), unit=currency.upper())

    def parse_webhook(self, request: WebhookRequest) -> Push:
        """Read a push: a status callback or an incoming message.

        Raises:
            WebhookRejected: Twilio did not sign it, or it is none of them.
        """
        return parse_push(request, self._tokens)

    async def aclose(self) -> None:
        """Release nothing: the session is the core's."""

    def _headers(self) -> Mapping[str, str]:
        return {"Authorization": self._authorization.reveal()}

    def _fields(self, submission: Submission) -> Mapping[str, str]:
        # `refusal` has seen that there is a sender and a text.
        sender = submission.sender or self._sender or ""
        field = "MessagingServiceSid" if _SERVICE.fullmatch(sender) else "From"
        fields = {
            "To": submission.recipient.address,
            field: sender,
            "Body": submission.text or "",
        }
        if self._callback_url is not None:
            url = self._callback_url.reveal()
            fields["StatusCallback"] = callback_with(url, submission.reference)
        return fields | {
            _OPTIONS[name]: _written(value) for name, value in submission.extra.items()
        }

    def _read_submit(self, response: HttpResponse) -> Answer | None:
        now = self._now()
        if created := read_created(response):
            return coded_answer(
                CODES.get(ACCEPTED),
                ACCEPTED,
                text=created.status,
                provider_id=created.sid,
                now=now,
            )
        refused = read_refused(response)
        if refused is None:
            return None
        return coded_answer(
            CODES.get(refused.code),
            refused.code,
            text=refused.text,
            now=now,
        )

    async def _ask(self, url: URL) -> Mapping[str, Any]:
        """Ask for a resource and return it."""
        try:
            response = await self._http.ask("GET", url, headers=self._headers())
        except ProviderUnavailable as lost:
            raise self._unavailable(str(lost)) from None
        if refused := read_refused(response):
            known = CODES.get(refused.code)
            why = refused_question(known, refused.code, refused.text)
            raise self._unavailable(why)
        fields = response.json_object() if response.status == 200 else None  # noqa: PLR2004 (OK)
        if fields is None:
            why = f"HTTP {response.status} with an answer that Twilio does not document"
            raise self._unavailable(why)
        return fields

    def _unavailable(self, why: str) -> ProviderUnavailable:
        return ProviderUnavailable(f"provider {self._name!r}: balance: {why.rstrip()}")


def _authorization(settings: Settings) -> Secret:
    """Return the value of the header: the API key's, else the account's own."""
    if "api_key_sid" in settings:
        user, password = settings["api_key_sid"], settings["api_key_secret"]
    else:
        user, password = settings["account_sid"], settings["auth_token"]
    pair = f"{user}:{password.reveal()}".encode()
    return Secret(f"Basic {b64encode(pair).decode()}")


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
