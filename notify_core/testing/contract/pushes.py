"""The contract's third part: what a vendor pushes is read or refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, cast
from urllib.parse import parse_qsl, urlencode

import attrs

from notify_core.errors import WebhookRejected
from notify_core.model.masking import masked
from notify_core.model.receipt import InboundMessage, Receipt, TemplateReview
from notify_core.model.webhook import Push, WebhookRequest
from notify_core.provider import Provider, SupportsWebhook
from notify_core.testing.contract.subject import NOWHERE, Subject

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
_ODD_TEXTS = ("", "\x00", "-1", "x", "9" * 400, "2026-13-32 25:61:61")
_NO_TEXTS: tuple[Any, ...] = (None, True, -1, 1e300, [], [[]], {}, {"a": None})
_ADDRESS = re.compile(r"\+[1-9]\d{6,14}|[^\s@]+@[^\s@]+")


class PushContract(Subject):
    """Holds trivially for a provider that is pushed nothing."""

    #: Genuine pushes, one of each sort: whole requests, or bodies that were posted.
    pushes: ClassVar[Sequence[WebhookRequest | bytes]] = ()

    #: The header that carries the vendor's signature; None: it signs nothing.
    signature_header: ClassVar[str | None] = None

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
            reads_pushes = isinstance(unit.provider, SupportsWebhook)
        assert reads_pushes == bool(self.pushes)

    async def test_a_genuine_push_is_read_and_acknowledged(self) -> None:
        """Times carry a zone; addresses stand as in `Recipient.address`."""
        async with self.account(NOWHERE) as unit:
            read = [_parsed(unit.provider, request) for request in self._requests()]
        for push in read:
            assert push is not None, "refused"
            assert push.events
            assert 200 <= push.reply.status < 300  # noqa: PLR2004 (any 2xx)
            for event in push.events:
                assert all(at.tzinfo is not None for at in _times(event)), event
                assert _ADDRESS.fullmatch(_address(event) or "+1000000"), event

    async def test_an_unknown_field_in_a_push_is_tolerated(self) -> None:
        """Vendors add fields without telling."""
        async with self.account(NOWHERE) as unit:
            for request in self._requests():
                more = _parsed(unit.provider, self.extended(request))
                assert more == _parsed(unit.provider, request)

    async def test_an_unreadable_push_is_refused(self) -> None:
        """With `WebhookRejected`, and nothing else."""
        async with self.account(NOWHERE) as unit:
            for request in self._requests():
                for body in _UNREADABLE:
                    spoilt = attrs.evolve(request, body=body)
                    assert _parsed(unit.provider, spoilt) is None, body[:50]

    async def test_a_damaged_push_is_read_or_refused(self) -> None:
        """Whatever is missing or odd, nothing but `WebhookRejected` comes of it."""
        async with self.account(NOWHERE) as unit:
            for request in self._requests():
                for body in _damaged(request.body):
                    _parsed(unit.provider, attrs.evolve(request, body=body))

    async def test_a_push_without_the_signature_or_with_a_wrong_one_is_refused(
        self,
    ) -> None:
        """Where the vendor signs; and so is a signed push at another address."""
        if self.signature_header is None:
            return
        async with self.account(NOWHERE) as unit:
            for request in self._requests():
                good = request.headers[self.signature_header]
                for bad in (None, "", good[1:], good + good):
                    forged = self._signed(request, bad)
                    assert _parsed(unit.provider, forged) is None, bad
                moved = attrs.evolve(request, url=f"{request.url}&moved=1")
                assert _parsed(unit.provider, moved) is None

    async def test_pushes_mean_the_same_in_any_order_and_any_number(self) -> None:
        """A vendor repeats what it is not sure of, and overtakes itself."""
        async with self.account(NOWHERE) as unit:
            requests = list(self._requests())
            first = [_parsed(unit.provider, request) for request in requests]
            back = [_parsed(unit.provider, request) for request in reversed(requests)]
            again = [_parsed(unit.provider, request) for request in requests]
        assert None not in again
        assert first == list(reversed(back)) == again

    def _signed(self, request: WebhookRequest, value: str | None) -> WebhookRequest:
        rest = {k: v for k, v in request.headers.items() if k != self.signature_header}
        signed = {} if value is None else {self.signature_header or "": value}
        return attrs.evolve(request, headers={**rest, **signed})

    def _requests(self) -> Iterator[WebhookRequest]:
        for push in self.pushes:
            if isinstance(push, WebhookRequest):
                yield push
            else:
                yield WebhookRequest(url=f"{NOWHERE}/webhooks/contract", body=push)


def _parsed(provider: Provider, request: WebhookRequest) -> Push | None:
    """Return what is read; None when it is refused, in words that tell no address."""
    try:
        return cast("SupportsWebhook", provider).parse_webhook(request)
    except WebhookRejected as refused:
        shown = str(refused)
    assert masked(shown) == shown
    return None


def _damaged(body: bytes) -> Iterator[bytes]:
    """Yield the push cut short, and with each field left out or of an odd value."""
    for end in range(0, len(body), max(1, len(body) // _CUTS)):
        yield body[:end]
    if body.startswith(b"{"):
        for changed in _changed(json.loads(body), _ODD_TEXTS + _NO_TEXTS):
            yield json.dumps(changed).encode()
    else:
        for changed in _changed(dict(parse_qsl(body.decode("latin-1"))), _ODD_TEXTS):
            yield urlencode(changed).encode()


def _changed(fields: dict[str, Any], odd: Sequence[Any]) -> Iterator[dict[str, Any]]:
    for name in fields:
        yield {other: value for other, value in fields.items() if other != name}
        for value in odd:
            yield {**fields, name: value}


def _times(event: object) -> Iterator[Any]:
    for name in ("at", "submitted_at"):
        if (at := getattr(event, name, None)) is not None:
            yield at


def _address(event: Receipt | InboundMessage | TemplateReview) -> str | None:
    match event:
        case Receipt():
            return event.recipient
        case InboundMessage():
            return event.sender
    return None
