"""The vendor's checks. Their order is a choice: no page tells it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from hmac import compare_digest

from notify_aliyun.emulator.calls import Call
from notify_aliyun.emulator.codes import Refusal
from notify_aliyun.emulator.limits import Sending
from notify_aliyun.emulator.signatures import (
    canonical_request,
    must_be_signed,
    payload_hash,
    signature,
)

Check = Callable[[Call], Refusal | None]

_MAINLAND = re.compile(r"(?:\+86|0086|86|\+)?(1[3-9][0-9]{9})")
_ABROAD = re.compile(r"[1-9][0-9]{6,14}")
_DAY = re.compile(r"[0-9]{8}")
_MOST_NUMBERS = 1_000
_MOST_ROWS = 50
_VERSION = "2017-05-25"
_PROOF = {"Credential", "SignedHeaders", "Signature"}
_HEADERS = {
    "host",
    "x-acs-action",
    "x-acs-content-sha256",
    "x-acs-date",
    "x-acs-signature-nonce",
    "x-acs-version",
}

#: (those that must be there, those that may) of each operation.
PARAMS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "SendSms": (
        ("PhoneNumbers", "SignName", "TemplateCode"),
        ("TemplateParam", "OutId", "SmsUpExtendCode"),
    ),
    "QuerySendDetails": (
        ("PhoneNumber", "SendDate", "PageSize", "CurrentPage"),
        ("BizId",),
    ),
}


# The gateway.


def operation_known(call: Call) -> Refusal | None:
    """InvalidVersion, InvalidAction.NotFound."""
    if call.header("x-acs-version") != _VERSION:
        return Refusal("InvalidVersion")
    return None if call.action in PARAMS else Refusal("InvalidAction.NotFound")


def signature_complete(call: Call) -> Refusal | None:
    """IncompleteSignature: a part or a signed header is missing."""
    if set(call.proof) != _PROOF or not set(call.headers) >= _HEADERS:
        return Refusal("IncompleteSignature")
    signed = set(call.proof["SignedHeaders"].split(";"))
    covered = must_be_signed(call.headers) <= signed
    return None if covered else Refusal("IncompleteSignature")


def key_known(call: Call) -> Refusal | None:
    """InvalidAccessKeyId.NotFound."""
    known = call.proof["Credential"] in call.accounts
    return None if known else Refusal("InvalidAccessKeyId.NotFound")


def time_right(call: Call) -> Refusal | None:
    """InvalidTimeStamp.Format, InvalidTimeStamp.Expired."""
    try:
        told = datetime.strptime(call.header("x-acs-date"), "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return Refusal("InvalidTimeStamp.Format")
    seconds = told.replace(tzinfo=UTC).timestamp()
    if abs(call.now - seconds) > call.settings.window:
        return Refusal("InvalidTimeStamp.Expired")
    return None


def signature_right(call: Call) -> Refusal | None:
    """SignatureDoesNotMatch: the gateway's words end with the whole request."""
    secret = call.known_account().settings.access_key_secret
    given = call.proof["Signature"].encode("utf-8", "replace")
    is_right = compare_digest(given, signature(call, secret).encode())
    if is_right and call.header("x-acs-content-sha256") == payload_hash(call):
        return None
    echo = f" server string to sign is:{canonical_request(call)}"
    return Refusal("SignatureDoesNotMatch", echo=echo)


def nonce_new(call: Call) -> Refusal | None:
    """SignatureNonceUsed."""
    is_new = call.nonces.take(call.header("x-acs-signature-nonce"))
    return None if is_new else Refusal("SignatureNonceUsed")


def params_complete(call: Call) -> Refusal | None:
    """Missing…; isv.INVALID_PARAMETERS for one that nobody documents."""
    needed, allowed = PARAMS[call.action]
    for name in needed:
        if not call.param(name):
            return Refusal(f"Missing{name}", f"{name} is mandatory for this action.")
    unknown = set(call.params) - {*needed, *allowed}
    return Refusal("isv.INVALID_PARAMETERS") if unknown else None


_GATEWAY: tuple[Check, ...] = (
    signature_complete,
    operation_known,
    key_known,
    time_right,
    signature_right,
    nonce_new,
)


# SendSms.


def numbers_right(call: Call) -> Refusal | None:
    """isv.MOBILE_COUNT_OVER_LIMIT, isv.MOBILE_NUMBER_ILLEGAL."""
    if len(call.numbers) > _MOST_NUMBERS:
        return Refusal("isv.MOBILE_COUNT_OVER_LIMIT")
    if all(mainland(n) or _ABROAD.fullmatch(n) for n in call.numbers):
        return None
    return Refusal("isv.MOBILE_NUMBER_ILLEGAL")


def sign_filed(call: Call) -> Refusal | None:
    """isv.SMS_SIGNATURE_ILLEGAL."""
    filed = call.known_account().settings.signs
    return (
        None
        if call.param("SignName") in filed
        else Refusal("isv.SMS_SIGNATURE_ILLEGAL")
    )


def template_filed(call: Call) -> Refusal | None:
    """isv.SMS_TEMPLATE_ILLEGAL, and templates for the wrong side of the border."""
    call.template = call.known_account().templates.get(call.param("TemplateCode"))
    if call.template is None:
        return Refusal("isv.SMS_TEMPLATE_ILLEGAL")
    if call.template.abroad and any(map(mainland, call.numbers)):
        return Refusal("isv.DOMESTIC_NUMBER_NOT_SUPPORTED")
    if not call.template.abroad and not all(map(mainland, call.numbers)):
        return Refusal("isv.MOBILE_NUMBER_ILLEGAL")
    return None


def values_fit(call: Call) -> Refusal | None:
    """isv.INVALID_JSON_PARAM, isv.TEMPLATE_MISSING_PARAMETERS and others."""
    template = call.known_template()
    values = _values(call.param("TemplateParam") or "{}")
    if values is None:
        return Refusal("isv.INVALID_JSON_PARAM")
    if not all(values.get(name) for name in template.variables):
        return Refusal("isv.TEMPLATE_MISSING_PARAMETERS")
    if any(len(values[name]) > template.max_length for name in template.variables):
        return Refusal("isv.PARAM_LENGTH_LIMIT")
    call.text = template.fill(values)
    return None


def numbers_not_blocked(call: Call) -> Refusal | None:
    """isv.BLACK_KEY_CONTROL_LIMIT."""
    blocked = set(call.known_account().settings.blacklist)
    numbers = {mainland(number) or number for number in call.numbers}
    return Refusal("isv.BLACK_KEY_CONTROL_LIMIT") if blocked & numbers else None


def within_limits(call: Call) -> Refusal | None:
    """isv.BUSINESS_LIMIT_CONTROL, which holds in the mainland only."""
    limits = call.known_account().limits
    refusals = (limits.refusal(sending) for sending in sendings(call))
    return next((refusal for refusal in refusals if refusal), None)


def balance_enough(call: Call) -> Refusal | None:
    """isv.AMOUNT_NOT_ENOUGH."""
    enough = call.known_account().balance >= len(call.numbers)
    return None if enough else Refusal("isv.AMOUNT_NOT_ENOUGH")


# QuerySendDetails.


def question_right(call: Call) -> Refusal | None:
    """isv.INVALID_PARAMETERS."""
    size, page = call.param("PageSize"), call.param("CurrentPage")
    right = (
        _DAY.fullmatch(call.param("SendDate"))
        and size.isdecimal()
        and 1 <= int(size) <= _MOST_ROWS
        and page.isdecimal()
        and int(page) >= 1
    )
    return None if right else Refusal("isv.INVALID_PARAMETERS")


_CHECKS: dict[str, tuple[Check, ...]] = {
    "SendSms": (
        params_complete,
        numbers_right,
        sign_filed,
        template_filed,
        values_fit,
        numbers_not_blocked,
        within_limits,
        balance_enough,
    ),
    "QuerySendDetails": (params_complete, question_right),
}


def refusal_of(call: Call) -> Refusal | None:
    """Return the first check's refusal, or None."""
    checks = (*_GATEWAY, *_CHECKS.get(call.action, ()))
    refusals = (check(call) for check in checks)
    return next((refusal for refusal in refusals if refusal), None)


def mainland(number: str) -> str | None:
    """Return the eleven digits of a number of the mainland; None for any other."""
    found = _MAINLAND.fullmatch(number)
    return found[1] if found else None


def sendings(call: Call) -> list[Sending]:
    """Return the messages as the limits see them: those to the mainland."""
    template = call.known_template()
    return [
        Sending(
            number=number,
            sign=call.param("SignName"),
            template=template.code,
            is_otp=template.kind == "otp",
            now=call.now,
        )
        for number in map(mainland, call.numbers)
        if number
    ]


def _values(text: str) -> dict[str, str] | None:
    try:
        values = json.loads(text)
    except ValueError:
        return None
    if not isinstance(values, dict):
        return None
    return values if all(isinstance(v, str) for v in values.values()) else None
