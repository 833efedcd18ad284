"""What a strict receiver checks, in its order.

Written apart from the provider's own code, and checked against the vectors and the
library of Standard Webhooks. The scheme fixes what is checked and not the statuses of
a refusal: those are a choice.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from notify_webhook.emulator.settings import Settings, key_of

_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_ID, _TIME, _SIGNATURES = "webhook-id", "webhook-timestamp", "webhook-signature"


@attrs.frozen(kw_only=True)
class Call:
    """One request, as it came."""

    endpoint: str
    #: By name in lower case.
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    #: Unix seconds by the receiver's clock.
    now: float
    settings: Settings = attrs.field(repr=False)

    def header(self, name: str) -> str:
        """Return a header, empty if it is not there."""
        return self.headers.get(name, "")

    @property
    def id(self) -> str:
        """What the sender calls the message."""
        return self.header(_ID)

    @property
    def document(self) -> dict[str, Any] | None:
        """The body as a JSON object; None if it is none."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None


@attrs.frozen
class Refusal:
    """Why a request is not taken."""

    #: The HTTP status.
    status: int
    text: str


def known_endpoint(call: Call) -> Refusal | None:
    """404, 410."""
    settings = call.settings
    if call.endpoint in settings.gone:
        return Refusal(410, "this endpoint wants no more")
    if settings.endpoints and call.endpoint not in settings.endpoints:
        return Refusal(404, "there is no such endpoint")
    return None


def json_sent(call: Call) -> Refusal | None:
    """415."""
    media = call.header("content-type").partition(";")[0].strip().lower()
    return None if media == "application/json" else Refusal(415, "send JSON")


def headers_given(call: Call) -> Refusal | None:
    """400."""
    for name in (_ID, _TIME, _SIGNATURES):
        if not call.header(name):
            return Refusal(400, f"{name} is missing")
    return None


def clock_right(call: Call) -> Refusal | None:
    """400, 401: what was recorded once must not be played again later."""
    written = call.header(_TIME)
    if not _TIMESTAMP.fullmatch(written):
        return Refusal(400, f"{_TIME} is no whole number of seconds")
    age = call.now - int(written)
    if abs(age) > call.settings.tolerance:
        return Refusal(401, f"{_TIME} is too {'old' if age > 0 else 'new'}")
    return None


def signature_right(call: Call) -> Refusal | None:
    """401."""
    signed = f"{call.id}.{call.header(_TIME)}.".encode() + call.body
    given = call.header(_SIGNATURES).encode().split(b" ")
    for secret in call.settings.secrets:
        digest = hmac.new(key_of(secret), signed, hashlib.sha256).digest()
        wanted = b"v1," + b64encode(digest)
        if any(hmac.compare_digest(wanted, one) for one in given):
            return None
    return Refusal(401, f"no {_SIGNATURES} fits")


def body_well_formed(call: Call) -> Refusal | None:
    """400, 422."""
    document = call.document
    if document is None:
        return Refusal(400, "the body is no JSON object")
    wanted = set(call.settings.members) or document.keys()
    if missing := sorted(wanted - document.keys()):
        return Refusal(422, f"the body has no {', '.join(missing)}")
    if unknown := sorted(document.keys() - wanted):
        return Refusal(422, f"the body has unknown members: {', '.join(unknown)}")
    return None


CHECKS: tuple[Callable[[Call], Refusal | None], ...] = (
    known_endpoint,
    json_sent,
    headers_given,
    clock_right,
    signature_right,
    body_well_formed,
)


def refusal_of(call: Call) -> Refusal | None:
    """Return the first check's refusal, or None."""
    for check in CHECKS:
        if refusal := check(call):
            return refusal
    return None
