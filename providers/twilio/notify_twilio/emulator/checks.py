"""Twilio's checks, and the numbers that always fail one.

The order is a choice, except that the account comes first. Parameters that nobody
knows are ignored, as the dictionary says of 20001.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from notify_twilio.emulator.calls import Call

Check = Callable[[Call], str | None]

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_LONGEST_WAIT = 36_000
#: https://www.twilio.com/docs/iam/test-credentials#test-sms-messages
_MAGIC_TO = {
    "+15005550001": "21211",
    "+15005550002": "21612",
    "+15005550003": "21408",
    "+15005550004": "21610",
    "+15005550009": "21614",
}
_MAGIC_FROM = {
    "+15005550001": "21212",
    "+15005550007": "21606",
    "+15005550008": "21611",
}


def account_known(call: Call) -> str | None:
    """20003: wrong credentials, or those of another or a suspended account."""
    return None if call.account else "20003"


def recipient_given(call: Call) -> str | None:
    """21604."""
    return None if call.field("To") else "21604"


def sender_given(call: Call) -> str | None:
    """21603."""
    given = call.field("From") or call.field("MessagingServiceSid")
    return None if given else "21603"


def body_given(call: Call) -> str | None:
    """21602; 21619 with a Messaging Service."""
    if call.field("Body"):
        return None
    return "21619" if call.field("MessagingServiceSid") else "21602"


def sender_known(call: Call) -> str | None:
    """The magic senders; 21606, 21701."""
    sender, service = call.field("From"), call.field("MessagingServiceSid")
    account = call.known_account().settings
    if sender in _MAGIC_FROM:
        return _MAGIC_FROM[sender]
    if service and service not in account.services:
        return "21701"
    return "21606" if sender and sender not in account.senders else None


def recipient_valid(call: Call) -> str | None:
    """21211, 21266."""
    to = call.field("To")
    if not _E164.fullmatch(to):
        return "21211"
    return "21266" if to == call.field("From") else None


def recipient_reachable(call: Call) -> str | None:
    """The magic recipients; 21408, 21610."""
    to, account = call.field("To"), call.known_account()
    if to in _MAGIC_TO:
        return _MAGIC_TO[to]
    if to.startswith(account.settings.regions_off):
        return "21408"
    return "21610" if account.has_opted_out(to) else None


def body_short(call: Call) -> str | None:
    """21617."""
    return "21617" if len(call.field("Body")) > call.settings.max_length else None


def callback_valid(call: Call) -> str | None:
    """21609: no whole address, or an underscore in the host."""
    url = call.field("StatusCallback")
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return "21609"
    host = parts.hostname or ""
    is_url = parts.scheme in {"http", "https"} and host and "_" not in host
    return None if is_url else "21609"


def validity_valid(call: Call) -> str | None:
    """21624: no whole number of seconds up to ten hours."""
    given = call.field("ValidityPeriod")
    if not given:
        return None
    is_number = given.isascii() and given.isdigit()
    return None if is_number and 1 <= int(given) <= _LONGEST_WAIT else "21624"


CHECKS: tuple[Check, ...] = (
    account_known,
    recipient_given,
    sender_given,
    body_given,
    sender_known,
    recipient_valid,
    recipient_reachable,
    body_short,
    callback_valid,
    validity_valid,
)


def refusal_of(call: Call) -> str | None:
    """Return the code of the first check that fails, or None."""
    for check in CHECKS:
        if code := check(call):
            return code
    return None
