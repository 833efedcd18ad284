"""Reads the vendor's pushes: delivery receipts, replies, template reviews.

Source: the vendor's API document v3.3. A push is a form without a signature and
without an account. Its charset is not documented: UTF-8 is assumed, and bytes that are
none cost no receipt. Neither are the codes of failed deliveries: they are kept raw.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from notify_core.errors import WebhookRejected
from notify_core.model.channel import Channel
from notify_core.model.outcome import Reason
from notify_core.model.receipt import InboundMessage, Receipt, TemplateReview
from notify_core.model.recipient import parse_recipient
from notify_core.model.status import AttemptState
from notify_core.model.webhook import (
    Push,
    WebhookRefusal,
    WebhookReply,
    WebhookRequest,
)
from notify_ihuyi.answers import first_id
from notify_ihuyi.codes import ACCEPTED, SHANGHAI
from notify_ihuyi.products import Product

#: The vendor counts any other answer as a failure and gives up after three.
_REPLY = WebhookReply(body=b"success")
_MOST_FIELDS = 50
_TIMED_ID = re.compile(r"([0-9]{10})[0-9]{10}")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_MAINLAND_MOBILE = re.compile(r"(?:(?:\+|00)?86)?(1[0-9]{10})")

Fields = Mapping[str, str]


def parse_push(request: WebhookRequest, product: Product, region: str) -> Push:
    """Return what a push for an account of *product* says.

    Args:
        request: As received.
        product: Whose account it is for; decides how ids and numbers are read.
        region: Country of numbers that are written without a country code.

    Raises:
        WebhookRejected: It is none of the three pushes that the vendor documents.
    """
    fields = _form(request.body)
    # A review has `code` as a receipt does, so the telling fields are asked first.
    if "templateid" in fields:
        return _push(_review(fields))
    if "reply_time" in fields or "content" in fields:
        return _push(_reply(fields, product, region))
    if "code" in fields:
        return _push(_receipt(fields, product, region))
    raise _malformed("the push has none of the fields templateid, content, code")


def _push(event: Receipt | InboundMessage | TemplateReview) -> Push:
    return Push(events=(event,), reply=_REPLY)


def _form(body: bytes) -> Fields:
    try:
        pairs = parse_qsl(
            body.decode(errors="replace"),
            keep_blank_values=True,
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError as error:
        raise _malformed("the push is no form") from error
    return {name: value.strip() for name, value in pairs}


def _receipt(fields: Fields, product: Product, region: str) -> Receipt:
    provider_id = first_id(fields, product.id_fields)
    recipient = _address(fields.get("mobilephone", ""), product, region)
    if provider_id is None and recipient is None:
        raise _malformed("the receipt names neither a message nor a number")
    delivered = _required(fields, "code") == ACCEPTED
    return Receipt(
        state=AttemptState.DELIVERED if delivered else AttemptState.UNDELIVERED,
        reason=Reason.NONE if delivered else Reason.CARRIER_REJECTED,
        provider_id=provider_id,
        recipient=recipient,
        code=fields["code"],
        text=fields.get("msg") or None,
        at=_time(fields.get("report_time", "")),
        submitted_at=_submitted_at(provider_id) if product.id_tells_time else None,
    )


def _reply(fields: Fields, product: Product, region: str) -> InboundMessage:
    sender = _address(_required(fields, "mobilephone"), product, region)
    if sender is None:
        raise _malformed("the reply's mobilephone is no number")
    return InboundMessage(
        sender=sender,
        text=fields.get("content", ""),
        provider_id=first_id(fields, product.id_fields),
        at=_time(fields.get("reply_time", "")),
    )


def _review(fields: Fields) -> TemplateReview:
    return TemplateReview(
        template_id=_required(fields, "templateid"),
        approved=_required(fields, "code") == ACCEPTED,
        text=fields.get("msg") or None,
    )


def _required(fields: Fields, name: str) -> str:
    if value := fields.get(name):
        return value
    raise _malformed(f"the push lacks {name}")


def _malformed(message: str) -> WebhookRejected:
    return WebhookRejected(WebhookRefusal.MALFORMED, message)


def _time(written: str) -> datetime | None:
    """Read `2017-08-02 14:31:51`, the time in Shanghai; None for anything else."""
    try:
        return datetime.strptime(written, "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
    except ValueError:
        return None


def _submitted_at(provider_id: str | None) -> datetime | None:
    """Return the second that an id of 20 digits begins with."""
    timed = _TIMED_ID.fullmatch(provider_id or "")
    return datetime.fromtimestamp(int(timed[1]), UTC) if timed else None


def _address(written: str, product: Product, region: str) -> str | None:
    """Return E.164 as `Phone.address` has it; None when the number cannot be told."""
    number = re.sub(r"[\s-]", "", written)
    if product.countries is None:
        return _international(number)
    if mobile := _MAINLAND_MOBILE.fullmatch(number):
        return f"+86{mobile[1]}"
    try:
        return parse_recipient(Channel.SMS, number, region).address
    except ValueError:
        return None


def _international(number: str) -> str | None:
    candidate = f"+{number.removeprefix('+').removeprefix('00')}"
    return candidate if _E164.fullmatch(candidate) else None
