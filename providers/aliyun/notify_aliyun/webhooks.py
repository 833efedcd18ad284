"""Reads the vendor's pushes: delivery receipts, replies, template reviews.

Sources: "SmsReport", https://help.aliyun.com/zh/sms/developer-reference/smsreport-2;
"SmsUp", https://help.aliyun.com/zh/sms/developer-reference/smsup-http;
"TemplateSmsReport", https://help.aliyun.com/document_detail/120999.htm;
"SignSmsReport", https://help.aliyun.com/document_detail/120998.html, which is taken and
tells nothing here.
A push is a JSON array without a signature and without an account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any

import msgspec

from notify_aliyun.codes import delivery
from notify_aliyun.phones import address
from notify_aliyun.times import vendor_time
from notify_core.errors import WebhookRejected
from notify_core.model.receipt import InboundMessage, Receipt, TemplateReview
from notify_core.model.webhook import (
    Push,
    WebhookRefusal,
    WebhookReply,
    WebhookRequest,
)

#: What the vendor shows; it checks that the status is 200 and `code` a number.
_REPLY = WebhookReply(
    body='{"code": 0, "msg": "接收成功"}'.encode(), content_type="application/json"
)
_APPROVED, _UNDER_REVIEW = "approved", "approving"
_STATUSES = (_APPROVED, _UNDER_REVIEW, "rejected")

Item = Mapping[str, Any]
#: What an item tells: nothing for a step that is no news, None when it cannot be read.
Told = tuple[Receipt | InboundMessage | TemplateReview, ...] | None


def parse_push(request: WebhookRequest) -> Push:
    """Return what a push says.

    Items of it that cannot be read are passed over: refusing them would lose the
    others too, for the vendor pushes the whole again and then gives up.

    Raises:
        WebhookRejected: It is no array of items, or none of them can be read.
    """
    readable = [
        told for item in _items(request.body) if (told := _told(item)) is not None
    ]
    if not readable:
        raise _malformed("the push has no receipt, reply or review that can be read")
    return Push(events=tuple(chain.from_iterable(readable)), reply=_REPLY)


def _items(body: bytes) -> list[Item]:
    try:
        items = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _malformed("the push is no JSON") from error
    if not isinstance(items, list):
        raise _malformed("the push is no array")
    return [item for item in items if isinstance(item, dict)]


def _told(item: Item) -> Told:
    # Every kind of push has fields that the others lack.
    read = next((read for field, read in _READERS.items() if field in item), None)
    return read(item) if read else None


def _receipt(item: Item) -> Told:
    provider_id, reference = _text(item, "biz_id"), _text(item, "out_id")
    success, code = item["success"], _text(item, "err_code")
    if not (provider_id or reference) or not isinstance(success, bool):
        return None
    state, reason = delivery(code or "", delivered=success)
    receipt = Receipt(
        state=state,
        reason=reason,
        provider_id=provider_id,
        reference=reference,
        recipient=address(_text(item, "phone_number") or ""),
        code=code,
        text=_text(item, "err_msg"),
        at=vendor_time(item.get("report_time")),
        submitted_at=vendor_time(item.get("send_time")),
    )
    return (receipt,)


def _reply(item: Item) -> Told:
    sender = address(_text(item, "phone_number") or "")
    if sender is None:
        return None
    reply = InboundMessage(
        sender=sender,
        text=_text(item, "content") or "",
        provider_id=_text(item, "sequence_id"),
        at=vendor_time(item.get("send_time")),
    )
    return (reply,)


def _review(item: Item) -> Told:
    template_id, status = _text(item, "template_code"), _text(item, "template_status")
    if template_id is None or status not in _STATUSES:
        return None
    if status == _UNDER_REVIEW:
        return ()
    review = TemplateReview(
        template_id=template_id,
        approved=status == _APPROVED,
        text=_text(item, "reason"),
    )
    return (review,)


def _signature_review(_: Item) -> Told:
    return ()


_READERS: Mapping[str, Callable[[Item], Told]] = {
    "success": _receipt,
    "dest_code": _reply,
    "template_status": _review,
    "sign_status": _signature_review,
}


def _text(item: Item, name: str) -> str | None:
    """Return a text or a whole number as text; None when there is none."""
    value = item.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).strip() or None


def _malformed(message: str) -> WebhookRejected:
    return WebhookRejected(WebhookRefusal.MALFORMED, message)
