"""What a message would be billed as, told before anything is sent."""

from __future__ import annotations

from decimal import Decimal

import attrs

from notify_core.config.snapshot import ProviderSettings
from notify_core.model.channel import Channel
from notify_core.model.segments import Encoding, count_segments, encoding_of
from notify_core.provider import Submission


@attrs.frozen(kw_only=True)
class Estimate:
    """What one provider would bill for one message, as far as can be told."""

    #: Billable parts.
    segments: int
    #: The alphabet of the text; None for what is no SMS, or has no text here.
    encoding: Encoding | None = None
    #: Parts times the configured price; None without one.
    cost: Decimal | None = None
    #: ISO 4217 code of the cost.
    currency: str | None = None


def estimate(provider: ProviderSettings, submission: Submission) -> Estimate:
    """Return what *provider* would bill for *submission*; nothing is asked or sent."""
    segments, price = billed_segments(provider, submission), provider.price
    is_sms = submission.channel is Channel.SMS and submission.text is not None
    return Estimate(
        segments=segments,
        encoding=encoding_of(submission.text or "") if is_sms else None,
        cost=None if price is None else price.per_segment * segments,
        currency=None if price is None else price.currency,
    )


def billed_segments(provider: ProviderSettings, submission: Submission) -> int:
    """Return the billable parts: by the provider's own count, else by the standard's.

    What is no SMS is one. Where the text of a template is not known here, the values
    of its variables are counted.
    """
    own = provider.type.segments
    if own is not None:
        return int(own(provider.settings, submission))
    if submission.channel is not Channel.SMS:
        return 1
    text, template = submission.text, submission.template
    if text is None and template is not None:
        text = "".join([value for _, value in template.params])
    return count_segments(text or "")
