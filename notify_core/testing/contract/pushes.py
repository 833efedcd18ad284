"""The contract's third part: what a vendor pushes is read or refused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, ClassVar, cast

import attrs

from notify_core.errors import WebhookRejected
from notify_core.model.receipt import InboundMessage, Receipt, TemplateReview
from notify_core.model.webhook import Push, WebhookRequest
from notify_core.provider import SupportsWebhook
from notify_core.testing.contract.subject import NOWHERE, Subject

Event = Receipt | InboundMessage | TemplateReview

_UNREADABLE = (
    b"",
    b"\x00",
    b"\xff\xfe\xfd",
    b"hello",
    b"{",
    b"null",
    b"[]",
    b"[" * 100_000,
    b"<html><body>Sorry.</body></html>",
    b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>',
    b"a=" + b"x" * 1_000_000,
)
_CUTS = 40


class PushContract(Subject):
    """Holds trivially for a provider that is pushed nothing."""

    #: Genuine pushes, one of each sort: whole requests, or bodies that were posted.
    pushes: ClassVar[Sequence[WebhookRequest | bytes]] = ()

    def extended(self, request: WebhookRequest) -> WebhookRequest:
        """Return the same push with one more field, which nobody documents."""
        if request.body.startswith(b"{"):
            body = json.dumps({**json.loads(request.body), "unheard_of": "1"}).encode()
        else:
            body = request.body + b"&unheard_of=1"
        return attrs.evolve(request, body=body)

    async def test_there_is_an_example_of_what_is_pushed(self) -> None:
        """Else the other tests of pushes would show nothing."""
        async with self.account(NOWHERE) as unit:
            assert isinstance(unit.provider, SupportsWebhook) == bool(self.pushes)

    async def test_a_genuine_push_is_read_and_acknowledged(self) -> None:
        """Times carry a zone; addresses stand as in `Recipient.address`."""
        async for provider, request in self._pushed():
            push = provider.parse_webhook(request)
            assert push.events
            assert 200 <= push.reply.status < 300  # noqa: PLR2004 (any 2xx)
            for event in push.events:
                assert all(at.tzinfo is not None for at in _times(event)), event
                assert _is_normal(_address(event)), "an address as the vendor wrote it"

    async def test_an_unknown_field_in_a_push_is_tolerated(self) -> None:
        """Vendors add fields without telling."""
        async for provider, request in self._pushed():
            more = provider.parse_webhook(self.extended(request))
            assert more == provider.parse_webhook(request)

    async def test_an_unreadable_push_is_refused(self) -> None:
        """With `WebhookRejected`, and nothing else."""
        async for provider, request in self._pushed():
            for body in _UNREADABLE:
                spoilt = attrs.evolve(request, body=body)
                assert _parsed(provider, spoilt) is None, body[:50]

    async def test_a_damaged_push_is_read_or_refused(self) -> None:
        """Whatever is missing, no other exception comes, and none tells a number."""
        async for provider, request in self._pushed():
            for spoilt in _damaged(request):
                _parsed(provider, spoilt)

    async def _pushed(self) -> AsyncIterator[tuple[SupportsWebhook, WebhookRequest]]:
        async with self.account(NOWHERE) as unit:
            for push in self.pushes:
                whole = isinstance(push, WebhookRequest)
                request = push if whole else WebhookRequest(url=NOWHERE, body=push)
                yield cast("SupportsWebhook", unit.provider), request
