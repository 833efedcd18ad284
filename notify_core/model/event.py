"""What observers are told: a closed union of facts, addresses masked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import get_args

import attrs

from notify_core.model.attempt import Attempt
from notify_core.model.channel import Channel, Kind
from notify_core.model.health import HealthState, HealthUnit
from notify_core.model.outcome import Reason
from notify_core.model.receipt import Balance, InboundMessage
from notify_core.model.result import Exclusion
from notify_core.model.status import AttemptState, Status
from notify_core.model.verdict import Verdict
from notify_core.model.webhook import WebhookRefusal


class Match(StrEnum):
    """How a receipt found its attempt."""

    #: By the vendor's id.
    ID = "id"
    #: By our reference.
    REFERENCE = "reference"
    #: By recipient and time, for an attempt whose answer was lost.
    INFERRED = "inferred"
    #: Not yet: it is kept and tried again.
    PARKED = "parked"
    #: The id matches and the recipient does not: refused.
    MISMATCH = "mismatch"
    #: It matches an attempt that had its final receipt already.
    LATE = "late"


@attrs.frozen(kw_only=True)
class Accepted:
    """A message was checked and recorded."""

    #: The message's id.
    message: str
    #: How the message travels.
    channel: Channel
    #: What the message is for.
    kind: Kind
    #: The recipient, masked.
    recipient: str


@attrs.frozen(kw_only=True)
class Admitted:
    """A policy of the route had more to say than yes."""

    #: Id of the message.
    message: str
    #: Name of the route that it took.
    route: str
    #: Name of the policy.
    policy: str
    #: What is done with the message.
    verdict: Verdict
    #: Why; None with `allow`.
    reason: Reason | None = None
    #: With `defer`: when it goes, with time zone.
    until: datetime | None = None
    #: For people: the rule that decided.
    why: str = ""
    #: With `allow`: the pool or provider that gets it in place of the route's.
    instead: str | None = None


@attrs.frozen(kw_only=True)
class Planned:
    """The providers that may take a message were put in order."""

    #: Id of the message.
    message: str
    #: Name of the route that it took.
    route: str
    #: Eligible providers, first first.
    providers: tuple[str, ...]
    #: The others, each with why.
    excluded: tuple[Exclusion, ...]


@attrs.frozen(kw_only=True)
class Attempted:
    """One request to one provider ended."""

    #: Id of the message.
    message: str
    #: The attempt, as it ended.
    attempt: Attempt


@attrs.frozen(kw_only=True)
class FailedOver:
    """The message goes on to another provider."""

    #: Id of the message.
    message: str
    #: Name of the provider that is left.
    provider: str
    #: Name of the provider that is asked next.
    to: str
    #: Why the first one was left.
    reason: Reason


@attrs.frozen(kw_only=True)
class Settled:
    """A message's status changed: a run ended, or a receipt or a query said more."""

    #: Id of the message.
    message: str
    #: How the message travels.
    channel: Channel
    #: What the message is for.
    kind: Kind
    #: Name of the route that it took.
    route: str
    #: Where the message stands now.
    status: Status
    #: Nothing more is done.
    final: bool
    #: What it was before; None when this is the first.
    previous: Status | None = None
    #: Whether the previous one was final.
    previous_final: bool = False
    #: Why it stands there; None when there is nothing to explain.
    reason: Reason | None = None
    #: The message's own, given back.
    metadata: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    #: Seconds since the message was accepted.
    duration: float


@attrs.frozen(kw_only=True)
class ReceiptMatched:
    """A delivery report came, and where it went."""

    #: Name of the configured provider.
    provider: str
    #: What the receipt says.
    state: AttemptState
    #: How its attempt was found.
    match: Match
    #: The message that it belongs to; None when parked or refused.
    message: str | None = None
    #: Seconds from the attempt's start to the receipt.
    latency: float | None = None


@attrs.frozen(kw_only=True)
class InboundReceived:
    """A person replied."""

    #: Name of the configured provider.
    provider: str
    #: What was said, and by whom: the only event that carries a full address.
    inbound: InboundMessage
    #: Id of our message that it replies to, where the vendor tells.
    message: str | None = None


@attrs.frozen(kw_only=True)
class TemplateReviewed:
    """A vendor approved or refused a template."""

    #: Name of the configured provider.
    provider: str
    #: The vendor's template id.
    template_id: str
    #: Whether it may be used now.
    approved: bool
    #: The vendor's words.
    text: str | None = None


@attrs.frozen(kw_only=True)
class BalanceRead:
    """A provider told its balance."""

    #: Name of the configured provider.
    provider: str
    #: What is left.
    balance: Balance
    #: When it was told, with time zone.
    at: datetime


@attrs.frozen(kw_only=True)
class OutboxRead:
    """An outbox that survives its process told what is in it."""

    #: How many messages are in each status, of those that are not final.
    messages: Mapping[Status, int]
    #: Seconds for which the message has been due that waits for a worker longest.
    oldest_age: float
    #: When it was told, with time zone.
    at: datetime


@attrs.frozen(kw_only=True)
class ProviderStateChanged:
    """A provider, or one of its senders or templates, is left alone or used again."""

    #: Name of the configured provider.
    provider: str
    #: What it is about.
    unit: HealthUnit
    #: The sender, masked, or the template id; None: the provider as a whole, or the
    #: account's own sender.
    name: str | None = None
    #: Whether it is used now.
    state: HealthState
    #: Why it is not; None when it is.
    reason: Reason | None = None
    #: When its rest ends, with time zone; None unless it rests.
    until: datetime | None = None


@attrs.frozen(kw_only=True)
class WebhookRefused:
    """A push was refused."""

    #: Name of the configured provider.
    provider: str
    #: Why.
    refusal: WebhookRefusal


@attrs.frozen(kw_only=True)
class PluginFailed:
    """A plugin's hook raised; the delivery went on."""

    #: The plugin's name.
    plugin: str
    #: Name of the hook that raised.
    hook: str
    #: The exception's class name; its text may carry data.
    error: str


@attrs.frozen(kw_only=True)
class Opened:
    """A notifier started with a configuration."""

    #: Hash of the configuration.
    config: str
    #: Names of the configured providers.
    providers: tuple[str, ...]
    #: When, with time zone.
    at: datetime


@attrs.frozen(kw_only=True)
class ConfigReloaded:
    """Another configuration was taken over, or refused: then nothing changed."""

    #: Hash of the configuration in use now.
    config: str
    #: Hash of the one in use before.
    previous: str
    #: Whether it was taken over.
    ok: bool
    #: What is wrong with a refused one, each with its place.
    problems: tuple[str, ...] = ()
    #: Names of the configured providers.
    providers: tuple[str, ...]
    #: Names of those that the new one left out.
    removed: tuple[str, ...] = ()
    #: When, with time zone.
    at: datetime


Event = (
    Accepted
    | Admitted
    | Planned
    | Attempted
    | FailedOver
    | Settled
    | ReceiptMatched
    | InboundReceived
    | TemplateReviewed
    | BalanceRead
    | OutboxRead
    | ProviderStateChanged
    | WebhookRefused
    | PluginFailed
    | Opened
    | ConfigReloaded
)

#: The name of each in JSON, which its property `type` says: `failed_over`.
EVENT_TYPES: Mapping[type, str] = {
    cls: re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
    for cls in get_args(Event)
}
