"""What a provider can do."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

import attrs

from notify_core.model.channel import Channel


class TextMode(StrEnum):
    """Which texts a provider takes."""

    #: Any text.
    FREE = "free"
    #: Texts that match a template filed with the vendor.
    APPROVED = "approved"
    #: None: only template ids with parameters.
    NONE = "none"


class ReceiptMode(StrEnum):
    """How delivery reports come."""

    #: They do not.
    NONE = "none"
    #: The vendor calls us.
    PUSH = "push"
    #: We ask the vendor.
    POLL = "poll"


class SenderMode(StrEnum):
    """Who decides on the sender."""

    #: The message may name one.
    FREE = "free"
    #: The account has its own.
    FIXED = "fixed"


class QueryMode(StrEnum):
    """How a submission can be looked up at the vendor."""

    #: It cannot.
    NONE = "none"
    #: By our reference.
    REFERENCE = "reference"
    #: By recipient and time.
    RECIPIENT = "recipient"


@attrs.frozen(kw_only=True)
class Capabilities:
    """What a provider can do. The core refuses the rest before anything is sent."""

    channels: frozenset[Channel]
    text: TextMode
    #: It takes the vendor's template id with parameters.
    templates: bool = False
    receipts: ReceiptMode = ReceiptMode.NONE
    #: A receipt may be matched by recipient and time when no answer came.
    receipt_match_recipient: bool = False
    #: It reports replies of recipients.
    inbound: bool = False
    sender: SenderMode = SenderMode.FREE
    #: With a fixed sender: its name, where the settings tell it.
    sender_name: str | None = None
    #: ISO 3166 alpha-2 codes of the destinations served; None: all.
    countries: frozenset[str] | None = None
    #: It tells what is left on the account.
    balance: bool = False
    query: QueryMode = QueryMode.NONE
    #: How long the vendor recognises our reference and does not send twice.
    idempotent_reference: timedelta | None = None
