"""A message that was found fit to be sent."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import attrs

from notify_core.model.channel import Kind
from notify_core.model.message import Content, Message
from notify_core.model.recipient import Recipient


class Facts(Protocol):
    """What routes and policies decide by: a `CheckedMessage`, or the record of one."""

    @property
    def message(self) -> Message:
        """The message as the caller gave it."""
        ...

    @property
    def recipient(self) -> Recipient:
        """Whom it is for, normalised."""
        ...

    @property
    def kind(self) -> Kind:
        """What it is for: the message's own kind, or its template's."""
        ...

    @property
    def text(self) -> str | None:
        """The rendered text; None where a template has none of its own."""
        ...

    @property
    def content(self) -> Content | None:
        """Rendered subject and HTML, or what the caller wrote; None: only a text."""
        ...

    @property
    def accepted_at(self) -> datetime:
        """When it was accepted, with time zone."""
        ...


@attrs.frozen(kw_only=True)
class CheckedMessage:
    """A message with its address normalised, its kind known and its text rendered."""

    message: Message
    recipient: Recipient
    #: The message's own, or its template's.
    kind: Kind
    #: When it was accepted, with time zone.
    accepted_at: datetime
    #: The rendered text; None where a template has none of its own.
    text: str | None = attrs.field(default=None, repr=False)
    #: Rendered subject and HTML, or what the caller wrote; None: only a text.
    content: Content | None = attrs.field(default=None, repr=False)
