"""What observers are told: a closed union of facts, none with a full address."""

from __future__ import annotations

from enum import StrEnum

import attrs

from notify_core.model.attempt import Attempt
from notify_core.model.channel import Channel, Kind
from notify_core.model.outcome import Reason
from notify_core.model.receipt import Balance
from notify_core.model.result import Exclusion
from notify_core.model.status import AttemptState, Status
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
    channel: Channel
    kind: Kind
    #: The recipient, masked.
    recipient: str


@attrs.frozen(kw_only=True)
class Planned:
    """The providers that may take a message were put in order."""

    message: str
    route: str
    #: Eligible providers, first first.
    providers: tuple[str, ...]
    #: The others, each with why.
    excluded: tuple[Exclusion, ...]


@attrs.frozen(kw_only=True)
class Attempted:
    """One request to one provider ended."""

    message: str
    attempt: Attempt


@attrs.frozen(kw_only=True)
class FailedOver:
    """The message goes on to another provider."""

    message: str
    #: The provider that is left, and where to.
    provider: str
    to: str
    reason: Reason


@attrs.frozen(kw_only=True)
class Settled:
    """A message's status changed: a run ended, or a receipt or a query said more."""

    message: str
    channel: Channel
    kind: Kind
    route: str
    status: Status
    #: Nothing more is done.
    final: bool
    #: What it was before; None when this is the first.
    previous: Status | None = None
    #: Whether the previous one was final.
    previous_final: bool = False
    reason: Reason | None = None
    #: Seconds since the message was accepted.
    duration: float
    #: Billable parts by provider, counted once, when a provider has taken the message.
    segments: int = 0
    provider: str | None = None


@attrs.frozen(kw_only=True)
class ReceiptMatched:
    """A delivery report came, and where it went."""

    provider: str
    state: AttemptState
    match: Match
    #: The message that it belongs to; None when parked or refused.
    message: str | None = None
    #: Seconds from the attempt's start to the receipt.
    latency: float | None = None


@attrs.frozen(kw_only=True)
class InboundReceived:
    """A person replied."""

    provider: str
    #: The person's address, masked.
    sender: str
    #: The message replied to, where the vendor tells.
    message: str | None = None


@attrs.frozen(kw_only=True)
class TemplateReviewed:
    """A vendor approved or refused a template."""

    provider: str
    template_id: str
    approved: bool
    text: str | None = None


@attrs.frozen(kw_only=True)
class BalanceRead:
    """A provider told its balance."""

    provider: str
    balance: Balance


@attrs.frozen(kw_only=True)
class WebhookRefused:
    """A push was refused."""

    provider: str
    refusal: WebhookRefusal


@attrs.frozen(kw_only=True)
class PluginFailed:
    """A plugin's hook raised; the delivery went on."""

    plugin: str
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


Event = (
    Accepted
    | Planned
    | Attempted
    | FailedOver
    | Settled
    | ReceiptMatched
    | InboundReceived
    | TemplateReviewed
    | BalanceRead
    | WebhookRefused
    | PluginFailed
    | Opened
)
