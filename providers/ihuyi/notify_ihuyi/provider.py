"""One ihuyi account: submits, asks for the balance, files templates, reads pushes."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import cast
from urllib.parse import quote_plus

from yarl import URL

from notify_core.errors import ProviderUnavailable, UnsupportedFeature
from notify_core.http import HttpResponse
from notify_core.model.attempt import Answer
from notify_core.model.receipt import Balance
from notify_core.model.recipient import Phone
from notify_core.model.webhook import Push, WebhookRequest
from notify_core.provider import Account, Submission, coded_answer, refused_question
from notify_ihuyi.answers import Reply, first_id, read_reply
from notify_ihuyi.codes import ACCEPTED, CODES
from notify_ihuyi.passwords import Credentials
from notify_ihuyi.products import PRODUCTS
from notify_ihuyi.webhooks import parse_push

_FORM = "application/x-www-form-urlencoded"
_OK = 200
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,6})?")


class IhuyiProvider:
    """One configured account of ihuyi."""

    def __init__(self, account: Account) -> None:
        settings = account.settings
        self._name = account.name
        self._http = account.http
        self._now = account.now
        self._product = PRODUCTS[settings["product"]]
        self._region: str = settings["region"]
        self._credentials = Credentials(
            api_id=settings["api_id"],
            api_key=settings["api_key"],
            dynamic=settings["password"] == "dynamic",  # noqa: S105 (a mode)
        )
        host, interface = self._product.interface(settings.get("host"))
        base = settings.get("base_url", f"https://{host}").rstrip("/")
        self._urls = {
            method: URL(base + interface.path.format(method=method))
            for method in interface.methods
        }
        api_id = quote_plus(settings["api_id"])
        #: What every request says, encoded.
        self._fixed = f"account={api_id}&format={settings['format']}"

    async def submit(self, submission: Submission) -> Answer:
        """Make one Submit request and say what the vendor said."""
        return await self._http.submit(
            self._urls["Submit"],
            self._submit_body(submission),
            content_type=_FORM,
            timeouts=submission.timeouts,
            wire=submission.wire,
            read=self._read_submit,
        )

    async def balance(self) -> Balance:
        """Ask how many messages are left.

        Raises:
            ProviderUnavailable: No usable answer, or a refusal.
        """
        reply = await self._ask("GetNum", self._credentials.fields(self._now()))
        number = reply.fields.get("num", "").strip()
        if not _NUMBER.fullmatch(number):
            raise self._unavailable("GetNum", "the answer has no number in `num`")
        return Balance(amount=Decimal(number), unit="messages")

    async def add_template(self, text: str) -> str:
        """File a template for approval and return its id.

        The vendor reviews it and pushes the verdict. No dynamic password is
        documented for this method, so it carries the key itself.

        Args:
            text: With `【变量】` where a value stands, and without a signature.

        Raises:
            UnsupportedFeature: The vendor documents no such method for the product.
            ProviderUnavailable: No usable answer, or a refusal.
        """
        if "AddTemplate" not in self._urls:
            raise UnsupportedFeature(self._name, "filing templates")
        fields = f"{self._credentials.static_fields()}&content={quote_plus(text)}"
        reply = await self._ask("AddTemplate", fields)
        template_id = first_id(reply.fields, ("templateid",))
        if template_id is None:
            raise self._unavailable("AddTemplate", "the answer has no templateid")
        return template_id

    def parse_webhook(self, request: WebhookRequest) -> Push:
        """Read a push: a receipt, a reply or a template's review.

        Raises:
            WebhookRejected: It is none of them.
        """
        return parse_push(request, self._product, self._region)

    async def aclose(self) -> None:
        """Release nothing: the session is the core's."""

    def _submit_body(self, submission: Submission) -> bytes:
        # `refusal` has seen that the number can be written.
        phone = cast("Phone", submission.recipient)
        mobile = cast("str", self._product.mobile(phone))
        template = submission.template
        if template is None:
            content, template_field = submission.text or "", ""
        else:
            content = "|".join([value for _, value in template.params])
            template_field = f"&templateid={_encoded(template.id)}"
        credentials = self._credentials.fields(self._now(), mobile, content)
        return (
            f"{self._fixed}&{credentials}&mobile={_encoded(mobile)}"
            f"&content={_encoded(content)}{template_field}"
        ).encode()

    def _read_submit(self, response: HttpResponse) -> Answer | None:
        reply = read_reply(response, "Submit")
        if reply is None or not _is_vendors(reply, response.status):
            return None
        return coded_answer(
            CODES.get(reply.code),
            reply.code,
            text=reply.text,
            provider_id=first_id(reply.fields, self._product.id_fields),
            now=self._now(),
        )

    async def _ask(self, method: str, fields: str) -> Reply:
        """Post a question and return the vendor's positive answer."""
        body = f"{self._fixed}&{fields}".encode()
        try:
            response = await self._http.ask(
                "POST", self._urls[method], body, content_type=_FORM
            )
        except ProviderUnavailable as lost:
            raise self._unavailable(method, str(lost)) from None
        reply = read_reply(response, method)
        if reply is None:
            why = f"HTTP {response.status} with an answer that ihuyi does not document"
            raise self._unavailable(method, why)
        if reply.code != ACCEPTED:
            known = CODES.get(reply.code)
            why = refused_question(known, reply.code, reply.text)
            raise self._unavailable(method, why)
        return reply

    def _unavailable(self, method: str, why: str) -> ProviderUnavailable:
        return ProviderUnavailable(f"provider {self._name!r}: {method}: {why}")


def _encoded(value: str) -> str:
    """Return a form field's value as it is sent; most need no encoding."""
    return value if value.isascii() and value.isalnum() else quote_plus(value)


def _is_vendors(reply: Reply, status: int) -> bool:
    """Tell whether a code is the vendor's own, which answers 200 to everything.

    With another status it may be a gateway's, which repeats the status as a code.
    """
    return status == _OK or (reply.code in CODES and reply.code != str(status))
