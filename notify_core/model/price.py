"""What an account pays for a part of a message."""

from __future__ import annotations

from decimal import Decimal

import attrs


@attrs.frozen(kw_only=True)
class Price:
    """A price for each part, as the configuration states it."""

    #: For one billable part.
    per_segment: Decimal
    #: ISO 4217 code: `CNY`.
    currency: str
