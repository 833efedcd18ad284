"""Writes answers as Twilio does: an HTTP status that means something, and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime

import msgspec
from aiohttp import web

from notify_core.testing.emulator import Arrival
from notify_twilio.codes import CODES
from notify_twilio.emulator.calls import Call

_JSON = {"Content-Type": "application/json"}
#: Of the codes that are not 400.
_STATUSES = {
    "20003": 401,
    "20004": 405,
    "20006": 403,
    "20403": 403,
    "20404": 404,
    "20429": 429,
    "20500": 500,
    "20503": 503,
    "70051": 403,
}
#: What the service says, where it is not the dictionary's title.
_WORDS = {
    "20003": "Authenticate",
    "20404": "The requested resource {path} was not found",
    "20500": "Internal Server Error",
    "20503": "Service unavailable",
    "21211": "Invalid 'To' Phone Number: {to}",
}


def words_of(code: str, call: Call) -> str:
    """Return the words for a code; they may carry the number."""
    known = CODES.get(code)
    words = _WORDS.get(code) or (known.text if known else "Unknown error")
    return words.format(path=call.path, to=call.field("To"))


def refused(code: str, call: Call) -> web.Response:
    """Return the error for a code."""
    status = _STATUSES.get(code, 400)
    headers = dict(_JSON)
    if code == "20429":
        headers["Retry-After"] = str(call.settings.retry_after)
    told = {
        "code": int(code),
        "message": words_of(code, call),
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return _answer(told, status, headers)


def created(call: Call, arrival: Arrival) -> web.Response:
    """Return the message that was created."""
    service = call.field("MessagingServiceSid") or None
    sid = arrival.account
    uri = f"/2010-04-01/Accounts/{sid}/Messages/{arrival.id}"
    at = format_datetime(datetime.fromtimestamp(int(call.now), UTC))
    told = {
        "account_sid": sid,
        "api_version": "2010-04-01",
        "body": arrival.text,
        "date_created": at,
        "date_sent": None,
        "date_updated": at,
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": call.field("From") or None,
        "messaging_service_sid": service,
        "num_media": "0",
        "num_segments": "0" if service else str(arrival.segments),
        "price": None,
        "price_unit": None,
        "sid": arrival.id,
        "status": "accepted" if service else "queued",
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": arrival.to,
        "uri": f"{uri}.json",
    }
    return _answer(told, 201, _JSON)


def balance_of(call: Call) -> web.Response:
    """Return what is left."""
    account = call.known_account()
    told = {
        "account_sid": account.settings.sid,
        "balance": str(account.balance),
        "currency": account.settings.currency,
    }
    return _answer(told, 200, _JSON)


def _answer(
    told: Mapping[str, object], status: int, headers: Mapping[str, str]
) -> web.Response:
    return web.Response(body=msgspec.json.encode(told), status=status, headers=headers)
