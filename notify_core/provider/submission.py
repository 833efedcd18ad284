"""What a provider is asked to send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from notify_core.model.channel import Channel, Kind
from notify_core.model.message import Content
from notify_core.model.recipient import Recipient
from notify_core.transmission import Timeouts, Wire


@attrs.frozen(kw_only=True)
class BoundTemplate:
    """A template as one provider knows it, with this message's values."""

    #: The vendor's template id.
    id: str
    #: (the vendor's parameter name, value) in the vendor's order.
    params: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False)


@attrs.frozen(kw_only=True)
class Submission:
    """One message, rendered for one provider."""

    #: Our id of the message.
    message: str
    #: What the vendor may call it; the same in every repetition.
    reference: str
    recipient: Recipient
    channel: Channel
    kind: Kind
    #: The rendered text; None where only the template id is sent.
    text: str | None = attrs.field(default=None, repr=False)
    #: Subject and HTML of an e-mail.
    content: Content | None = attrs.field(default=None, repr=False)
    #: The vendor's template; None when the text is sent.
    template: BoundTemplate | None = None
    sender: str | None = None
    #: The message's options for this provider type.
    extra: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    timeouts: Timeouts = attrs.field(factory=Timeouts)
    #: Notes when the request began to be written.
    wire: Wire = attrs.field(factory=Wire, eq=False, repr=False)
