"""What vendors tell afterwards: delivery reports, replies, reviews, balances."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import attrs

from notify_core.model.masking import masked
from notify_core.model.outcome import Reason
from notify_core.model.status import AttemptState


@attrs.frozen(kw_only=True)
class Receipt:
    """A delivery report (回执) for one message."""

    #: How far the message got: `delivered`, `undelivered`, `expired` or `sent`; from a
    #: query also `accepted`, which settles an attempt whose answer was lost.
    state: AttemptState
    #: Why it was not delivered; `none` otherwise.
    reason: Reason = Reason.NONE
    #: The vendor's id of the message.
    provider_id: str | None = None
    #: Our reference, where the vendor gives it back.
    reference: str | None = None
    #: The address, normalised as in `Recipient.address`; None: not told.
    recipient: str | None = attrs.field(default=None, repr=lambda to: masked(to or ""))
    #: The vendor's code for the end, `DELIVRD`.
    code: str | None = None
    #: The vendor's words.
    text: str | None = None
    #: When it happened by the vendor's clock, with time zone.
    at: datetime | None = None
    #: When the vendor took the message, where that can be told; with time zone.
    submitted_at: datetime | None = None


@attrs.frozen(kw_only=True)
class Heard:
    """A receipt that told something new, as it is kept with its message."""

    #: Number of the attempt that it speaks of.
    attempt: int
    #: How far the message got.
    state: AttemptState
    #: Why it was not delivered; `none` otherwise.
    reason: Reason = Reason.NONE
    #: The vendor's code for the end.
    code: str | None = None
    #: When it happened by the vendor's clock, with time zone; None: not told.
    at: datetime | None = None
    #: When it came, with time zone.
    received_at: datetime


@attrs.frozen(kw_only=True)
class InboundMessage:
    """A reply (上行) that a person sent."""

    #: Who wrote, E.164 or e-mail.
    sender: str = attrs.field(repr=masked)
    #: What they wrote.
    text: str = attrs.field(repr=False)
    #: The vendor's id; some vendors give the id of the message replied to.
    provider_id: str | None = None
    #: When, by the vendor's clock, with time zone.
    at: datetime | None = None

    @property
    def can_be_told_apart(self) -> bool:
        """Whether a push that is repeated differs from the same words said again."""
        return self.provider_id is not None or self.at is not None


@attrs.frozen(kw_only=True)
class TemplateReview:
    """The vendor approved or refused a template."""

    #: The vendor's template id.
    template_id: str
    #: Whether it may be used now.
    approved: bool
    #: The vendor's words.
    text: str | None = None


@attrs.frozen(kw_only=True)
class Balance:
    """What is left on an account."""

    #: How much.
    amount: Decimal
    #: Of what: `messages`, or an ISO 4217 currency.
    unit: str
