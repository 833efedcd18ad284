"""What to say to one recipient on one channel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs

from notify_core.model.channel import Channel, Importance, Kind
from notify_core.model.identifier import new_id
from notify_core.model.masking import masked


@attrs.frozen(kw_only=True)
class Content:
    """A text written by the caller, for messages without a template."""

    #: The text itself, or the plain alternative of an e-mail.
    text: str = attrs.field(repr=False)
    #: An e-mail's subject line.
    subject: str | None = attrs.field(default=None, repr=False)
    #: An e-mail's HTML alternative.
    html: str | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True)
class Message:
    """What to say to one recipient on one channel: the unit of work and of status.

    Either *template* (with *params*) or *content* is given.
    """

    #: The address as the caller wrote it: `+8613800138000`, `a@b.example`.
    to: str = attrs.field(repr=masked)
    #: How it travels.
    channel: Channel = Channel.SMS
    #: What it is for; None: its template's kind, or `notice` without a template.
    kind: Kind | None = None
    #: Name of a template in the configuration.
    template: str | None = None
    #: The template's parameters, checked against its JSON Schema.
    params: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    #: The text itself, instead of a template.
    content: Content | None = None
    #: Wanted signature, sender id or from-address; None: the provider's own.
    sender: str | None = None
    #: BCP 47 language tag, `zh-CN`: which of a template's texts is sent.
    locale: str | None = None
    #: How much it matters, to routes and policies.
    importance: Importance = Importance.NORMAL
    #: For routing and limits; never sent.
    labels: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    #: Given back with events; never sent.
    metadata: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    #: Vendor options by provider type, each validated by the type's schema.
    extra: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict, repr=False)
    #: Name of a route, instead of what the routing tree would choose.
    route: str | None = None
    #: The same key and content give the first result instead of a second message.
    idempotency_key: str | None = None
    #: Not to be sent earlier; with time zone.
    not_before: datetime | None = None
    #: From acceptance (or *not_before*) on; a message not sent by then expires.
    validity: timedelta | None = None
    #: Ours, sortable by time: 26 characters (ULID).
    id: str = attrs.field(factory=new_id)
