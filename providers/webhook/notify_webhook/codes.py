"""What a receiver's HTTP status means; its answer's body means nothing.

Source: Standard Webhooks 1.0.0, spec/standard-webhooks.md of the repository
standard-webhooks/standard-webhooks, "Delivery success and failure"; 413 by RFC 9110,
15.5.14. For what stands not here the core's rules for statuses hold: 3xx is not
followed, 429 and a 503 with Retry-After say when to come back, and after another 5xx
nobody knows what was done.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from notify_core.http import HttpResponse
from notify_core.model.attempt import Answer
from notify_core.model.outcome import Reason
from notify_core.provider import Code, coded_answer

#: Stands for every 2xx: "successful if it was responded to with a 2xx status code".
TAKEN = Code(reason=Reason.NONE, text="Success.")

CODES: Mapping[str, Code] = {
    "http 200": TAKEN,
    "http 410": Code(
        reason=Reason.RECIPIENT_INVALID,
        text="no longer interested in receiving webhooks from this source",
        advice="remove the endpoint from the settings",
    ),
    "http 413": Code(
        reason=Reason.CONTENT_INVALID,
        text="Content Too Large",
        advice="shorten the message, or the endpoint's body",
    ),
}

_SUCCESSES = range(200, 300)


def answer_of(response: HttpResponse, now: datetime) -> Answer | None:
    """Return what a receiver's answer means; None where the core's rules hold."""
    code = f"http {response.status}"
    known = TAKEN if response.status in _SUCCESSES else CODES.get(code)
    if known is None:
        return None
    return coded_answer(known, code, text=None, now=now)
