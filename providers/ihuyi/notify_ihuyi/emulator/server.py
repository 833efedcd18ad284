"""The ihuyi emulator: the vendor's paths on one real HTTP server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from itertools import count
from typing import ClassVar

import attrs
from aiohttp import web

from notify_core.testing.emulator import (
    Arrival,
    Do,
    Emulator,
    Push,
    PushKinds,
    PushRequest,
    Reply,
    Report,
)
from notify_ihuyi.emulator.accounts import Account
from notify_ihuyi.emulator.answers import answer
from notify_ihuyi.emulator.calls import Call
from notify_ihuyi.emulator.checks import refusal_of
from notify_ihuyi.emulator.codes import ACCEPTED, Refusal
from notify_ihuyi.emulator.fields import read_fields
from notify_ihuyi.emulator.forms import receipt_form, reply_form, template_form
from notify_ihuyi.emulator.ledger import Ledger, refund
from notify_ihuyi.emulator.magic import MagicNumbers
from notify_ihuyi.emulator.orders import IhuyiOrder
from notify_ihuyi.emulator.products import Product, paths
from notify_ihuyi.emulator.settings import Settings
from notify_ihuyi.emulator.templates import Template

_PATHS = paths()
_SUCCESS = b"success"
_DELIVERED = {"delivered", str(ACCEPTED)}
#: The first id of a template filed by AddTemplate.
_FIRST_TEMPLATE = 100_001


@attrs.frozen(kw_only=True)
class AuditCall:
    """What `POST /_emulator/push` takes for the kind `template`."""

    template: str
    approved: bool = True
    account: str = ""


class IhuyiEmulator(Emulator):
    """The vendor ihuyi, products `sms`, `voice`, `vm`, `isms` and `yx`.

    Args:
        settings: Every rule and limit; the default has the vendor's test account.
        clock: Unix seconds.
        sleep: Waits before receipts, audits and the tries of a push.
    """

    title = "ihuyi 互亿无线 emulator"
    code_form: ClassVar[str] = "[0-9]{1,6}"

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
        self._magic = MagicNumbers(self.settings.stall)
        self._ledger = Ledger()
        self._template_ids = count(_FIRST_TEMPLATE)
        #: The accounts by APIID, as they are now.
        self.accounts = self._fresh_accounts()
        super().__init__(clock=clock, sleep=sleep, keep=self.settings.keep)

    # What the base asks for.

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """Return the scripts of the old hosts and the JSON paths of the newer one."""
        return [web.route("*", path, self.serve) for path in _PATHS]

    def magic(self, recipient: str) -> Do | None:
        """Return what always happens to this number."""
        return self._magic.of(recipient)

    def acknowledges(self, status: int, body: bytes) -> bool:
        """Whether the receiver printed `success`, the only answer that counts."""
        return body.strip() == _SUCCESS

    def receipt_for(self, arrival: Arrival) -> str:
        """Return what the setting `receipt` says, if the product has receipts."""
        account = self._account_of(arrival)
        if account.product.receipts and self._url(account, "receipt_url"):
            return self.settings.receipt
        return "none"

    def receipt_request(self, report: Report) -> PushRequest | None:
        """Return the receipt's form; a failed message is refunded."""
        account = self._account_of(report.arrival)
        url = self._url(account, "receipt_url")
        if url and report.arrival and report.outcome not in _DELIVERED:
            refund(account, report.arrival)
        return receipt_form(url, account.product, report) if url else None

    def reply_request(self, reply: Reply, about: Arrival | None) -> PushRequest | None:
        """Return the reply's form.

        Raises:
            LookupError: The product has no replies.
        """
        account = self._account_of(about)
        if not account.product.replies:
            raise LookupError(f"the product {account.product.name} has no replies")
        url = self._url(account, "reply_url")
        return reply_form(url, reply, about.id if about else "0") if url else None

    def push_kinds(self) -> PushKinds:
        """Add the audit of a template to what can be pushed."""
        return {**super().push_kinds(), "template": (AuditCall, self.push_audit)}

    async def reset(self) -> None:
        """Forget everything; balances, templates and blacklists are as at the start."""
        await super().reset()
        self.accounts = self._fresh_accounts()

    # The vendor's paths.

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer any operation on any path."""
        if self.faults.closes_unread() and "Submit" in request.path_qs:
            return self.drop_unread(request)
        call = self._call(request, await read_fields(request))
        match call.operation:
            case "Submit":
                return await self.answer(request, self._order(call))
            case "GetNum":
                return self._get_num(call)
            case _:
                return self._add_template(call)

    def _call(self, request: web.Request, fields: dict[str, str]) -> Call:
        operation, products = _PATHS[request.path]
        product = self._product(request.host, products, fields.get("account", ""))
        account = self.accounts.get(fields.get("account", ""))
        if account and account.product is not product:
            account = None
        return Call(
            operation=operation or _operation(fields, product),
            product=product,
            account=account,
            fields=fields,
            remote=request.remote or "",
            host=request.host,
            as_json=bool(operation) or fields.get("format", "").lower() == "json",
            now=self.clock(),
            settings=self.settings,
            numbers=_numbers(fields.get("mobile", ""), product),
            text=fields.get("content", ""),
        )

    def _product(
        self, host: str, products: tuple[Product, ...], account_id: str
    ) -> Product:
        for product in products:
            if product.host and product.host in host:
                return product
        account = self.accounts.get(account_id)
        if account and account.product in products:
            return account.product
        return products[0]

    def _order(self, call: Call) -> IhuyiOrder:
        return IhuyiOrder(
            to=call.numbers,
            text=call.content,
            template=call.field("templateid"),
            call=call,
            ledger=self._ledger,
        )

    def _get_num(self, call: Call) -> web.Response:
        refusal = refusal_of(call)
        if refusal:
            return answer(call, refusal, "0")
        return answer(call, Refusal(ACCEPTED), str(call.known_account().balance))

    # Templates.

    def _add_template(self, call: Call) -> web.Response:
        refusal = refusal_of(call)
        if refusal:
            return answer(call, refusal, "0")
        account = call.known_account()
        if len(account.templates) >= self.settings.max_templates:
            return answer(call, Refusal(0), "0")
        template = Template(
            id=str(next(self._template_ids)), content=call.content, approved=False
        )
        account.templates[template.id] = template
        if self.settings.audit != "none":
            self.pushes.spawn(self._audit_later(account, template.id))
        return answer(call, Refusal(ACCEPTED), template.id)

    async def _audit_later(self, account: Account, template_id: str) -> None:
        await self.sleep(self.settings.audit_delay)
        self._audit(account, template_id, approved=self.settings.audit == "approve")

    async def push_audit(
        self, template: str, *, approved: bool = True, account: str = ""
    ) -> Push:
        """Approve or refuse a template and push that; return after the first try.

        Raises:
            LookupError: No such template or account, or no URL is configured.
        """
        found = self.accounts.get(account) if account else self._account_of(None)
        if found is None or template not in found.templates:
            raise LookupError(f"the account has no template {template}")
        push = self._audit(found, template, approved=approved)
        if push is None:
            raise LookupError("no URL is configured for templates: see the settings")
        await push.tried()
        return push

    def _audit(
        self, account: Account, template_id: str, *, approved: bool
    ) -> Push | None:
        template = account.templates[template_id]
        account.templates[template_id] = attrs.evolve(template, approved=approved)
        url = self._url(account, "template_url")
        if not url:
            return None
        return self.pushes.send(template_form(url, template_id, approved=approved))

    # Accounts.

    def _fresh_accounts(self) -> dict[str, Account]:
        return {
            settings.id: Account(settings, self.settings)
            for settings in self.settings.accounts
        }

    def _account_of(self, arrival: Arrival | None) -> Account:
        first = next(iter(self.accounts.values()))
        return self.accounts.get(arrival.account, first) if arrival else first

    def _url(self, account: Account, name: str) -> str:
        return str(getattr(account.settings, name)) or self.settings.push_url


def _operation(fields: dict[str, str], product: Product) -> str:
    operation = fields.get("method", "")
    if operation in product.operations:
        return operation
    known = ", ".join(product.operations)
    raise web.HTTPNotFound(text=f"method: expected one of {known}\n")


def _numbers(mobile: str, product: Product) -> tuple[str, ...]:
    return tuple(mobile.split(",")) if product.many else (mobile,)
