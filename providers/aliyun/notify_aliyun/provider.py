"""One Alibaba Cloud account: submits, asks what became of it, reads pushes."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import cast

import attrs
import msgspec
from yarl import URL

from notify_aliyun.answers import Reply, read_reply
from notify_aliyun.codes import ACCEPTED, LIMITED, REPEATED, known_code, limit_ends
from notify_aliyun.details import details_params, read_details
from notify_aliyun.phones import vendor_number
from notify_aliyun.signatures import NO_BODY, Credentials, canonical_query
from notify_aliyun.times import send_dates
from notify_aliyun.webhooks import parse_push
from notify_core.errors import ProviderUnavailable
from notify_core.http import HttpResponse
from notify_core.model.attempt import Answer, Attempt
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.receipt import Receipt
from notify_core.model.recipient import Phone, Recipient
from notify_core.model.webhook import Push, WebhookRequest
from notify_core.provider import (
    Account,
    BoundTemplate,
    Submission,
    coded_answer,
    refused_question,
)

_VERSION = "2017-05-25"
_FORM = "application/x-www-form-urlencoded"


@attrs.frozen(kw_only=True)
class _Call:
    """One signed request, which has no body."""

    url: URL = attrs.field(repr=False)
    headers: Mapping[str, str] = attrs.field(repr=False)


class AliyunProvider:
    """One configured account of Alibaba Cloud SMS.

    Args:
        account: As the core configured it.
        nonce: Makes what no other request may carry.
    """

    def __init__(
        self, account: Account, nonce: Callable[[], str] = secrets.token_hex
    ) -> None:
        settings = account.settings
        self._name = account.name
        self._http = account.http
        self._now = account.now
        self._nonce = nonce
        self._sign_name: str = settings.get("sign_name", "")
        self._endpoint: str = settings["endpoint"]
        self._base = settings.get("base_url", f"https://{self._endpoint}").rstrip("/")
        self._credentials = Credentials(
            access_key_id=settings["access_key_id"],
            access_key_secret=settings["access_key_secret"],
        )

    async def submit(self, submission: Submission) -> Answer:
        """Make one SendSms request and say what the vendor said."""
        call = self._signed("SendSms", self._send_params(submission))
        return await self._http.submit(
            call.url,
            b"",
            content_type=_FORM,
            headers=call.headers,
            timeouts=submission.timeouts,
            wire=submission.wire,
            read=self._read_submit,
        )

    async def query(self, attempt: Attempt, recipient: Recipient) -> Receipt | None:
        """Ask what became of an attempt; None when the vendor does not know it.

        Raises:
            ProviderUnavailable: No usable answer, or a refusal.
        """
        number = vendor_number(cast("Phone", recipient))
        for day in send_dates(attempt.started_at):
            params = details_params(attempt, number, day)
            reply = await self._ask("QuerySendDetails", params)
            if receipt := read_details(reply.fields, attempt):
                return receipt
        return None

    def parse_webhook(self, request: WebhookRequest) -> Push:
        """Read a push: receipts, replies or a template's review.

        Raises:
            WebhookRejected: It is none of them.
        """
        return parse_push(request)

    async def aclose(self) -> None:
        """Release nothing: the session is the core's."""

    def _send_params(self, submission: Submission) -> dict[str, str]:
        # The capabilities say that there is a template, and that it goes to a phone.
        template = cast("BoundTemplate", submission.template)
        phone = cast("Phone", submission.recipient)
        params = {
            "PhoneNumbers": vendor_number(phone),
            "SignName": submission.sender or self._sign_name,
            "TemplateCode": template.id,
            "OutId": submission.reference,
        }
        if template.params:
            values = dict(template.params)
            params["TemplateParam"] = msgspec.json.encode(values).decode()
        return params

    def _signed(self, action: str, params: Mapping[str, str]) -> _Call:
        """Return the request as it is to be written now."""
        query = canonical_query(params)
        signed = {
            "content-type": _FORM,
            "host": self._endpoint,
            "x-acs-action": action,
            "x-acs-content-sha256": NO_BODY,
            "x-acs-date": f"{self._now().astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "x-acs-signature-nonce": self._nonce(),
            "x-acs-version": _VERSION,
        }
        proof = self._credentials.authorization("POST", query, signed, NO_BODY)
        headers = {**signed, "accept": "application/json", "authorization": proof}
        return _Call(url=URL(f"{self._base}/?{query}", encoded=True), headers=headers)

    def _read_submit(self, response: HttpResponse) -> Answer | None:
        reply = read_reply(response)
        if reply is None:
            return None
        if reply.code == REPEATED:
            return Answer(
                outcome=Outcome.UNKNOWN,
                reason=Reason.NO_RESPONSE,
                code=reply.code,
                text="something on the way repeated the request; the answer is lost",
            )
        return self._coded(reply)

    def _coded(self, reply: Reply) -> Answer:
        now, is_limited = self._now(), reply.code == LIMITED
        return coded_answer(
            known_code(reply.code),
            reply.code,
            text=reply.text,
            provider_id=str(reply.fields.get("BizId") or "") or None,
            now=now,
            retry_at=limit_ends(reply.text or "", now) if is_limited else None,
        )

    async def _ask(self, action: str, params: Mapping[str, str]) -> Reply:
        """Ask a question and return the vendor's positive answer."""
        call = self._signed(action, params)
        try:
            response = await self._http.ask(
                "POST", call.url, b"", content_type=_FORM, headers=call.headers
            )
        except ProviderUnavailable as lost:
            raise self._unavailable(action, str(lost)) from None
        reply = read_reply(response)
        if reply is None:
            why = f"HTTP {response.status} with an answer that the vendor does not know"
            raise self._unavailable(action, why)
        if reply.code != ACCEPTED:
            known = known_code(reply.code)
            why = refused_question(known, reply.code, reply.text)
            raise self._unavailable(action, why)
        return reply

    def _unavailable(self, action: str, why: str) -> ProviderUnavailable:
        return ProviderUnavailable(f"provider {self._name!r}: {action}: {why}")
