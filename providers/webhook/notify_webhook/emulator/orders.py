"""A request as the base of all emulators sees it."""

from __future__ import annotations

import json

import attrs
from aiohttp import web

from notify_core.testing.emulator import Arrival, Order, Verdict
from notify_webhook.emulator.checks import Call, Refusal, refusal_of

_TAKEN = 204
_SUCCESSES = range(200, 300)
_WAITING = {429, 503}


class Delivery(Arrival):
    """A document that arrived."""

    @property
    def login_code(self) -> str:
        """Nothing: a document is full of numbers."""
        return ""


@attrs.define(kw_only=True)
class WebhookOrder(Order):
    """One request to an endpoint."""

    call: Call
    #: The message came before and is dropped.
    is_duplicate: bool

    def process(self, *, by_magic: bool) -> Verdict:
        """Check the request, and take or refuse it."""
        refusal = refusal_of(self.call)
        return self._refused(refusal) if refusal else self._taken(_TAKEN)

    def force(self, code: str) -> Verdict:
        """Answer with this status, whatever the request is; 2xx takes it."""
        status = int(code)
        if status in _SUCCESSES:
            return self._taken(status)
        return self._refused(Refusal(status, "as scripted"))

    def _taken(self, status: int) -> Verdict:
        arrivals = () if self.is_duplicate else (self._arrival(),)
        return Verdict(
            code=str(status),
            text="known already" if self.is_duplicate else "taken",
            response=web.Response(status=status),
            arrivals=arrivals,
        )

    def _refused(self, refusal: Refusal) -> Verdict:
        response = web.Response(status=refusal.status, text=f"{refusal.text}\n")
        if refusal.status in _WAITING:
            wait = self.call.settings.retry_after
            response.headers["Retry-After"] = str(wait)
        return Verdict(code=str(refusal.status), text=refusal.text, response=response)

    def _arrival(self) -> Arrival:
        return Delivery(
            id=self.call.id,
            to=self.call.endpoint,
            text=_readable(self.call),
            at=self.call.now,
            reference=self.call.id,
            channel="webhook",
        )


def _readable(call: Call) -> str:
    document = call.document
    if document is None:
        return call.body.decode(errors="replace")
    return json.dumps(document, ensure_ascii=False, indent=2)
