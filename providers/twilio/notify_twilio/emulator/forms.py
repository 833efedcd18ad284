"""Twilio's requests to its customer: forms with a signature."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urldefrag, urlencode

from notify_core.testing.emulator import PushRequest, Reply, Report
from notify_twilio.emulator.settings import AccountSettings
from notify_twilio.signatures import HEADER, signature

#: The base's word for a failure: this status, and this code.
_FAILED = ("undelivered", "30008")
_WITH_DATE = {"delivered", "undelivered"}


def status_form(
    url: str, account: AccountSettings, report: Report, sender: str
) -> PushRequest:
    """Return the status callback that *report* calls for."""
    status, code = _status(report.outcome)
    fields = {
        "AccountSid": account.sid,
        "ApiVersion": "2010-04-01",
        "From": sender,
        "MessageSid": report.id,
        "MessageStatus": status,
        "SmsSid": report.id,
        "SmsStatus": status,
        "To": report.to,
    }
    if code:
        fields["ErrorCode"] = code
    if status in _WITH_DATE:
        fields["RawDlrDoneDate"] = _done_date(report.at)
    return _form("receipt", url, account, fields)


def reply_form(
    url: str, account: AccountSettings, reply: Reply, *, sid: str, to: str
) -> PushRequest:
    """Return the incoming message that *reply* is."""
    fields = {
        "AccountSid": account.sid,
        "ApiVersion": "2010-04-01",
        "Body": reply.text,
        "From": reply.to,
        "MessageSid": sid,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "To": to,
    }
    return _form("reply", url, account, fields)


def _status(outcome: str) -> tuple[str, str]:
    if outcome == "failed":
        return _FAILED
    return ("undelivered", outcome) if outcome.isdigit() else (outcome, "")


def _form(
    kind: str, url: str, account: AccountSettings, fields: Mapping[str, str]
) -> PushRequest:
    called = urldefrag(url).url
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        HEADER: signature(account.auth_token, called, fields.items()),
    }
    handset = fields["To"] if kind == "receipt" else fields["From"]
    return PushRequest(
        kind=kind,
        url=called,
        headers=headers,
        body=urlencode(fields).encode(),
        message=fields["MessageSid"],
        to=handset,
    )


def _done_date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%y%m%d%H%M")
