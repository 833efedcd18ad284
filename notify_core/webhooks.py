"""A vendor's push: who may make it, what it says, and the answer it wants."""

from __future__ import annotations

from ipaddress import ip_address

import attrs

from notify_core.clock import Clock
from notify_core.config.snapshot import WebhookSettings
from notify_core.dispatch.ledger import Ledger
from notify_core.errors import StoreUnavailable, WebhookRejected
from notify_core.http import MAX_BODY
from notify_core.model.event import (
    InboundReceived,
    PluginFailed,
    TemplateReviewed,
    WebhookRefused,
)
from notify_core.model.receipt import InboundMessage, Receipt, TemplateReview
from notify_core.model.webhook import (
    Push,
    WebhookRefusal,
    WebhookReply,
    WebhookRequest,
)
from notify_core.outbox.inbound import Inbound
from notify_core.outbox.port import Hold
from notify_core.policy.policy import NamedPolicy
from notify_core.policy.suppression import says_stop
from notify_core.provider import SupportsWebhook
from notify_core.receipts import Receipts, checked
from notify_core.suppressions import Suppressions
from notify_core.unit import Unit, Units

PushedEvent = Receipt | InboundMessage | TemplateReview

#: The metric's label for a name that no provider has.
UNKNOWN_PROVIDER = "unknown"

_STATUS = {
    WebhookRefusal.NOT_CONFIGURED: 404,
    WebhookRefusal.BAD_TOKEN: 403,
    WebhookRefusal.SOURCE_NOT_ALLOWED: 403,
    WebhookRefusal.BAD_SIGNATURE: 403,
    WebhookRefusal.MALFORMED: 400,
    WebhookRefusal.TOO_LARGE: 413,
}


@attrs.frozen(kw_only=True)
class Webhooks:
    """Takes the vendors' pushes, whatever server received them."""

    units: Units
    ledger: Ledger
    receipts: Receipts
    suppressions: Suppressions
    clock: Clock
    #: Every policy of every route: which words mean stop is theirs to say.
    policies: tuple[NamedPolicy, ...]

    async def receive(self, provider: str, request: WebhookRequest) -> WebhookReply:
        """Store what a push says and return the answer that the vendor wants.

        A refused push gets a 4xx; one that could not be stored a 503, so that the
        vendor pushes it again.
        """
        try:
            unit, push = self._read(provider, request)
            for event in push.events:
                await self._take(unit, event)
        except WebhookRejected as refused:
            known = provider if provider in self.units else UNKNOWN_PROVIDER
            self.ledger.observe(WebhookRefused(provider=known, refusal=refused.refusal))
            why = str(refused).encode(errors="replace")
            return WebhookReply(status=_STATUS[refused.refusal], body=why)
        except StoreUnavailable:
            return WebhookReply(status=503, body=b"not stored; push it again")
        return push.reply

    def _read(self, provider: str, request: WebhookRequest) -> tuple[Unit, Push]:
        unit = self.units.get(provider)
        settings = unit.settings.webhook if unit else None
        parser = unit.provider if unit else None
        if unit is None or settings is None or not isinstance(parser, SupportsWebhook):
            why = "no pushes are taken here"
            raise WebhookRejected(WebhookRefusal.NOT_CONFIGURED, why)
        _check_caller(request, settings)
        return unit, self._parsed(unit, parser, request)

    def _parsed(
        self, unit: Unit, parser: SupportsWebhook, request: WebhookRequest
    ) -> Push:
        try:
            return _checked(parser.parse_webhook(request))
        except WebhookRejected:
            raise
        except Exception as error:
            kind = type(error).__name__
            plugin = unit.settings.type.name
            self.ledger.observe(
                PluginFailed(plugin=plugin, hook="parse_webhook", error=kind)
            )
            why = "this push cannot be read"
            raise WebhookRejected(WebhookRefusal.MALFORMED, why) from error

    async def _take(self, unit: Unit, event: PushedEvent) -> None:
        name = unit.settings.name
        match event:
            case Receipt():
                await self.receipts.take(unit.settings, event)
            case InboundMessage():
                await self._take_reply(unit, event)
            case TemplateReview():
                self.ledger.observe(
                    TemplateReviewed(
                        provider=name,
                        template_id=event.template_id,
                        approved=event.approved,
                        text=event.text,
                    )
                )

    async def _take_reply(self, unit: Unit, said: InboundMessage) -> None:
        """Keep a reply, and tell of it unless the push was made before."""
        name = unit.settings.name
        message = await self._replied_to(unit, said)
        stop = self._stop(name, said)
        if stop is not None and not said.can_be_told_apart:
            await self.ledger.outbox.hold(stop)
        kept = Inbound(
            provider=name,
            account=unit.settings.account,
            inbound=said,
            message=message,
            received_at=self.clock.now(),
        )
        if await self.ledger.outbox.keep_inbound(kept, stop):
            self.ledger.observe(
                InboundReceived(provider=name, inbound=said, message=message)
            )

    def _stop(self, provider: str, said: InboundMessage) -> Hold | None:
        """Return what notes that the sender wants no more; None: they do not say so."""
        if not says_stop(said.text, [named.policy for named in self.policies]):
            return None
        return self.suppressions.stop(said.sender, why=f"replied stop to {provider}")

    async def _replied_to(self, unit: Unit, inbound: InboundMessage) -> str | None:
        if inbound.provider_id is None:
            return None
        account = unit.settings.account
        found = await self.ledger.outbox.by_provider_id(account, inbound.provider_id)
        return found.record.message.id if found else None


def _checked(push: Push) -> Push:
    """Return a push whose events can all be taken, or none of them is."""
    return attrs.evolve(push, events=tuple(map(_checked_event, push.events)))


def _checked_event(event: PushedEvent) -> PushedEvent:
    if isinstance(event, InboundMessage):
        return _checked_reply(event)
    return event if isinstance(event, TemplateReview) else checked(event)


def _checked_reply(said: InboundMessage) -> InboundMessage:
    if said.at is not None and said.at.utcoffset() is None:
        raise ValueError("a time without a time zone")
    # Half of a surrogate pair is no text that a store can keep.
    return attrs.evolve(said, text=said.text.encode(errors="replace").decode())


def _check_caller(request: WebhookRequest, settings: WebhookSettings) -> None:
    """Refuse who does not know the token or calls from elsewhere."""
    # What a server makes of bytes that are no text cannot be compared as it is.
    given = (request.token or "").encode(errors="replace").decode()
    # Every token is compared, so that the time tells nothing about which fits.
    fits = [token.matches(given) for token in settings.tokens]
    if not any(fits):
        raise WebhookRejected(WebhookRefusal.BAD_TOKEN, "wrong token")
    if settings.allow_from and not _is_allowed(request.source, settings):
        why = "source address not allowed"
        raise WebhookRejected(WebhookRefusal.SOURCE_NOT_ALLOWED, why)
    if len(request.body) > MAX_BODY:
        raise WebhookRejected(WebhookRefusal.TOO_LARGE, "body too large")


def _is_allowed(source: str | None, settings: WebhookSettings) -> bool:
    try:
        address = ip_address(source or "")
    except ValueError:
        return False
    # A server that listens on both families sees ::ffff:192.0.2.1.
    plain = getattr(address, "ipv4_mapped", None) or address
    return any(plain in network for network in settings.allow_from)
