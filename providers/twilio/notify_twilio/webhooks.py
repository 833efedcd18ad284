"""Reads Twilio's requests to us: status callbacks and incoming messages.

Sources: https://www.twilio.com/docs/messaging/guides/track-outbound-message-status and
https://www.twilio.com/docs/messaging/guides/webhook-request. Neither tells a time with
a zone: `RawDlrDoneDate` is "a passthrough" in whatever zone the carrier has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, quote, urlsplit

import msgspec

from notify_core.errors import WebhookRejected
from notify_core.model.outcome import Reason
from notify_core.model.receipt import InboundMessage, Receipt
from notify_core.model.status import AttemptState
from notify_core.model.webhook import (
    Push,
    WebhookRefusal,
    WebhookReply,
    WebhookRequest,
)
from notify_core.secret import Secret
from notify_twilio.codes import CODES, EXPIRED
from notify_twilio.signatures import HEADER, has_its_hash, is_signed

#: "Your response … should have an HTTP status code of 200 (OK). No response content
#: is required."
_TAKEN = WebhookReply()
#: TwiML that sends nothing back.
_NO_REPLY = WebhookReply(
    body=b'<?xml version="1.0" encoding="UTF-8"?><Response></Response>',
    content_type="text/xml; charset=utf-8",
)
_MOST_FIELDS = 200
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
#: The query parameter of our callback URL that says which message it is about.
_REFERENCE = "reference"

#: Those that tell more than the answer to the request did, and what they tell. With a
#: lost answer the first ones say that there was one.
_STATES: Mapping[str, AttemptState] = {
    "accepted": AttemptState.ACCEPTED,
    "queued": AttemptState.ACCEPTED,
    "sending": AttemptState.ACCEPTED,
    "sent": AttemptState.SENT,
    "delivered": AttemptState.DELIVERED,
    "read": AttemptState.DELIVERED,
    "undelivered": AttemptState.UNDELIVERED,
    "failed": AttemptState.UNDELIVERED,
}

Fields = Mapping[str, str]
Tokens = Sequence[Secret]


def callback_with(url: str, reference: str) -> str:
    """Return the callback URL of one message: Twilio calls it as it is, and signs it.

    So a receipt is matched to a message whose SID never arrived.
    """
    mark = "&" if "?" in url else "?"
    return f"{url}{mark}{_REFERENCE}={quote(reference, safe='')}"


def parse_push(request: WebhookRequest, tokens: Tokens) -> Push:
    """Return what a request says that one of *tokens* signed.

    Raises:
        WebhookRejected: None of them did, or it is neither of the two.
    """
    fields = _verified(request, tokens)
    if "MessageStatus" in fields:
        return Push(events=_receipts(fields, request.url), reply=_TAKEN)
    if "Body" in fields:
        return Push(events=_messages(fields), reply=_NO_REPLY)
    raise _malformed("the push has neither MessageStatus nor Body")


# What was signed.


def _verified(request: WebhookRequest, tokens: Tokens) -> Fields:
    kind = (request.header("Content-Type") or "").partition(";")[0].strip().lower()
    if request.method == "GET":
        return _verified_query(request, tokens)
    if kind == "application/json":
        return _verified_json(request, tokens)
    return _verified_form(request, tokens)


def _verified_query(request: WebhookRequest, tokens: Tokens) -> Fields:
    _require(is_signed(tokens, request.header(HEADER), request.url))
    return dict(_pairs(urlsplit(request.url).query))


def _verified_form(request: WebhookRequest, tokens: Tokens) -> Fields:
    pairs = _pairs(request.body.decode(errors="replace"))
    _require(is_signed(tokens, request.header(HEADER), request.url, pairs))
    return dict(pairs)


def _verified_json(request: WebhookRequest, tokens: Tokens) -> Fields:
    signed = is_signed(tokens, request.header(HEADER), request.url)
    _require(signed & has_its_hash(request.url, request.body))
    try:
        told = msgspec.json.decode(request.body, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _malformed("the push is no JSON object") from error
    return {name: value for name, value in told.items() if isinstance(value, str)}


def _require(is_genuine: bool) -> None:
    if not is_genuine:
        why = "the signature does not fit: check auth_token and webhook.public_url"
        raise WebhookRejected(WebhookRefusal.BAD_SIGNATURE, why)


def _pairs(encoded: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(encoded, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise _malformed("the push has too many fields") from error


# What it says.


def _receipts(fields: Fields, url: str) -> tuple[Receipt, ...]:
    status = fields["MessageStatus"]
    if status not in _STATES:
        return ()  # of a kind that calls for nothing, or not known yet
    state, code = _STATES[status], fields.get("ErrorCode") or None
    reason = Reason.NONE
    if state is AttemptState.UNDELIVERED:
        state, reason = _end(code)
    known = CODES.get(code or "")
    receipt = Receipt(
        state=state,
        reason=reason,
        provider_id=_required(fields, "MessageSid"),
        reference=dict(_pairs(urlsplit(url).query)).get(_REFERENCE) or None,
        recipient=_address(fields.get("To", "")),
        code=code or status,
        text=known.words(None) if known else None,
    )
    return (receipt,)


def _end(code: str | None) -> tuple[AttemptState, Reason]:
    if code == EXPIRED:
        return AttemptState.EXPIRED, Reason.EXPIRED
    if code is None:
        return AttemptState.UNDELIVERED, Reason.CARRIER_REJECTED
    known = CODES.get(code)
    return AttemptState.UNDELIVERED, known.reason if known else Reason.UNMAPPED


def _messages(fields: Fields) -> tuple[InboundMessage, ...]:
    sender = _address(_required(fields, "From"))
    if sender is None:
        return ()  # a short code, an alphanumeric sender: nobody whom we wrote to
    message = InboundMessage(
        sender=sender, text=fields["Body"], provider_id=_required(fields, "MessageSid")
    )
    return (message,)


def _required(fields: Fields, name: str) -> str:
    if value := fields.get(name):
        return value
    raise _malformed(f"the push lacks {name}")


def _malformed(message: str) -> WebhookRejected:
    return WebhookRejected(WebhookRefusal.MALFORMED, message)


def _address(written: str) -> str | None:
    return written if _E164.fullmatch(written) else None
