"""The emulator of Alibaba Cloud SMS: one path on one real HTTP server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from itertools import count
from typing import ClassVar
from urllib.parse import parse_qsl

import attrs
from aiohttp import web

from notify_aliyun.emulator.accounts import Account
from notify_aliyun.emulator.answers import answer
from notify_aliyun.emulator.calls import Call
from notify_aliyun.emulator.checks import refusal_of
from notify_aliyun.emulator.codes import ACCEPTED, Refusal
from notify_aliyun.emulator.details import details
from notify_aliyun.emulator.forms import (
    is_acknowledged,
    receipt_form,
    reply_form,
    review_form,
)
from notify_aliyun.emulator.ledger import Ledger
from notify_aliyun.emulator.nonces import Nonces
from notify_aliyun.emulator.orders import AliyunOrder
from notify_aliyun.emulator.settings import Settings
from notify_aliyun.emulator.signatures import read_proof
from notify_core.testing.emulator import (
    Arrival,
    Emulator,
    Push,
    PushKinds,
    PushRequest,
    Reply,
    Report,
)

_FIRST_SEQUENCE = 1_234_567_890


@attrs.frozen(kw_only=True)
class ReviewCall:
    """What `POST /_emulator/push` takes for the kind `template`."""

    template: str
    approved: bool = True


class AliyunEmulator(Emulator):
    """The operations SendSms and QuerySendDetails of the API 2017-05-25.

    Args:
        settings: Every rule and limit; the default has one account.
        clock: Unix seconds.
        sleep: Waits before receipts and the tries of a push.
    """

    title = "Alibaba Cloud SMS 阿里云短信 emulator"
    code_form: ClassVar[str] = r"[A-Za-z][\w.-]*"

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.settings = settings or Settings()
        self.push_schedule = self.settings.push_delays
        self.receipt_delay = self.settings.receipt_delay
        self._ledger = Ledger()
        self._sequences = count(_FIRST_SEQUENCE)
        self._nonces = Nonces(self.settings.keep)
        #: By AccessKey ID, as they are now.
        self.accounts = self._fresh_accounts()
        super().__init__(clock=clock, sleep=sleep, keep=self.settings.keep)

    # What the base asks for.

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """Return the one path of the vendor's operations."""
        return [web.post("/", self.serve)]

    def receipt_for(self, arrival: Arrival) -> str:
        """Return what the setting `receipt` says."""
        return self.settings.receipt

    def acknowledges(self, status: int, body: bytes) -> bool:
        """Whether the answer is `{"code": 0}`, where any number will do."""
        return is_acknowledged(status, body)

    def receipt_request(self, report: Report) -> PushRequest | None:
        """Return the receipt's push."""
        url = self.settings.push_url
        return receipt_form(url, report) if url else None

    def reply_request(self, reply: Reply, about: Arrival | None) -> PushRequest | None:
        """Return the reply's push."""
        url = self.settings.push_url
        return reply_form(url, reply, next(self._sequences)) if url else None

    def push_kinds(self) -> PushKinds:
        """Add the review of a template to what can be pushed."""
        return {**super().push_kinds(), "template": (ReviewCall, self.push_review)}

    async def push_review(self, template: str, *, approved: bool = True) -> Push:
        """Push the review of a template; return after the first try.

        Raises:
            LookupError: No URL is configured.
        """
        url = self.settings.push_url
        if not url:
            raise LookupError("no URL is configured for reviews: see the settings")
        push = self.pushes.send(review_form(url, template, approved=approved))
        await push.tried()
        return push

    async def reset(self) -> None:
        """Forget everything; balances and limits are as at the start."""
        await super().reset()
        self._nonces.clear()
        self.accounts = self._fresh_accounts()

    # The vendor's path.

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer any operation."""
        action = request.headers.get("x-acs-action")
        if self.faults.closes_unread() and action == "SendSms":
            return self.drop_unread(request)
        call = self._call(request, await request.read())
        if call.action == "SendSms":
            return await self.answer(request, self._order(call))
        if refusal := refusal_of(call):
            return answer(refusal, request.host)
        return answer(Refusal(ACCEPTED), request.host, details(call, self.arrivals))

    def _call(self, request: web.Request, body: bytes) -> Call:
        query = request.rel_url.raw_query_string
        return Call(
            method=request.method,
            params=dict(parse_qsl(query, keep_blank_values=True)),
            headers={name.lower(): text for name, text in request.headers.items()},
            body=body,
            now=self.clock(),
            settings=self.settings,
            accounts=self.accounts,
            nonces=self._nonces,
            proof=read_proof(request.headers.get("authorization", "")),
        )

    def _order(self, call: Call) -> AliyunOrder:
        return AliyunOrder(
            to=call.numbers,
            text=call.param("TemplateParam"),
            template=call.param("TemplateCode"),
            reference=call.param("OutId"),
            call=call,
            ledger=self._ledger,
        )

    def _fresh_accounts(self) -> dict[str, Account]:
        return {
            account.access_key_id: Account(account, self.settings)
            for account in self.settings.accounts
        }
