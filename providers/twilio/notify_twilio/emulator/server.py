"""The Twilio emulator: the Messages and Balance resources on one real HTTP server."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from decimal import Decimal
from itertools import count
from typing import ClassVar

from aiohttp import web

from notify_core.model.segments import count_segments
from notify_core.testing.emulator import (
    Arrival,
    Emulator,
    Push,
    PushRequest,
    Reply,
    Report,
)
from notify_twilio.emulator.accounts import Account
from notify_twilio.emulator.answers import balance_of, refused
from notify_twilio.emulator.calls import Call, read_call
from notify_twilio.emulator.checks import account_known
from notify_twilio.emulator.forms import reply_form, status_form
from notify_twilio.emulator.orders import TwilioOrder
from notify_twilio.emulator.settings import Settings

_ACCOUNT = "/2010-04-01/Accounts/{sid}"


class TwilioEmulator(Emulator):
    """Twilio's messages and balance.

    Args:
        settings: Every account and limit.
        clock: Unix seconds.
        sleep: Waits before status callbacks and the tries of a push.
    """

    title = "Twilio emulator"
    code_form: ClassVar[str] = "201|[1-9][0-9]{4}"

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.settings = settings or Settings()
        self.push_schedule = self.settings.push_delays
        self.push_timeout = self.settings.push_timeout
        self.receipt_delay = self.settings.receipt_delay
        self._sids = count(1)
        #: Where to report each message, by its SID.
        self._callbacks: OrderedDict[str, str] = OrderedDict()
        #: The accounts by SID, as they are now.
        self.accounts = self._fresh_accounts()
        super().__init__(clock=clock, sleep=sleep, keep=self.settings.keep)

    # What the base asks for.

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """Return the resources, and errors in JSON for everything beside them."""
        return [
            web.post(f"{_ACCOUNT}/Messages.json", self.create_message),
            web.get(f"{_ACCOUNT}/Balance.json", self.tell_balance),
            web.route("*", f"{_ACCOUNT}/Messages.json", self.refuse_method),
            web.route("*", f"{_ACCOUNT}/Balance.json", self.refuse_method),
            web.route("*", "/2010-04-01/{rest:.*}", self.refuse_path),
        ]

    def receipt_for(self, arrival: Arrival) -> str:
        """Return what the setting `receipt` says, if there is where to say it."""
        has_url = arrival.id in self._callbacks or self.settings.push_url
        return self.settings.receipt if has_url else "none"

    def receipt_request(self, report: Report) -> PushRequest | None:
        """Return the status callback, to the message's own URL if it has one."""
        url = self._callbacks.get(report.id) or self.settings.push_url
        if not url:
            return None
        account = self._account_of(report.arrival).settings
        sender = report.arrival.sender if report.arrival else account.senders[0]
        return status_form(url, account, report, sender)

    def reply_request(self, reply: Reply, about: Arrival | None) -> PushRequest | None:
        """Return the incoming message."""
        if not self.settings.push_url:
            return None
        account = self._account_of(about).settings
        to = about.sender if about else account.senders[0]
        sid = f"SM{next(self._sids):032x}"
        return reply_form(self.settings.push_url, account, reply, sid=sid, to=to)

    async def push_reply(self, to: str, text: str) -> Push:
        """Push an answer; a keyword in it opts the handset out or in.

        Raises:
            LookupError: No URL is configured.
        """
        about = self.arrivals.find(to=to)
        push = await super().push_reply(to, text)
        self._account_of(about).hear(about.to if about else to, text)
        return push

    async def reset(self) -> None:
        """Forget everything; balances and opt-outs are as at the start."""
        await super().reset()
        self._callbacks.clear()
        self.accounts = self._fresh_accounts()

    # Twilio's paths.

    async def create_message(self, request: web.Request) -> web.StreamResponse:
        """Take a message."""
        if self.faults.closes_unread():
            return self.drop_unread(request)
        call = await self._call(request)
        order = TwilioOrder(
            to=(call.field("To"),),
            text=call.field("Body"),
            call=call,
            accept=self._accept,
        )
        return await self.answer(request, order)

    async def tell_balance(self, request: web.Request) -> web.Response:
        """Tell what is left."""
        call = await self._call(request)
        code = account_known(call)
        return refused(code, call) if code else balance_of(call)

    async def refuse_method(self, request: web.Request) -> web.Response:
        """20004."""
        return refused("20004", await self._call(request))

    async def refuse_path(self, request: web.Request) -> web.Response:
        """20404."""
        return refused("20404", await self._call(request))

    async def _call(self, request: web.Request) -> Call:
        return await read_call(request, self.accounts, self.clock(), self.settings)

    def _accept(self, call: Call) -> Arrival:
        account, sid = call.known_account(), f"SM{next(self._sids):032x}"
        text = call.field("Body")
        segments = count_segments(text)
        account.balance -= segments * Decimal(self.settings.price)
        if url := call.field("StatusCallback"):
            self._callbacks[sid] = url
            if len(self._callbacks) > self.settings.keep:
                self._callbacks.popitem(last=False)
        return Arrival(
            id=sid,
            to=call.field("To"),
            text=text,
            at=call.now,
            account=account.settings.sid,
            sender=call.field("From") or account.settings.senders[0],
            segments=segments,
        )

    # Accounts.

    def _fresh_accounts(self) -> dict[str, Account]:
        return {
            settings.sid: Account(settings, self.settings.keep)
            for settings in self.settings.accounts
        }

    def _account_of(self, arrival: Arrival | None) -> Account:
        first = next(iter(self.accounts.values()))
        return self.accounts.get(arrival.account, first) if arrival else first
