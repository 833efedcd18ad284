"""A vendor's push, whatever server received it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import attrs

from notify_core.model.receipt import InboundMessage, Receipt, TemplateReview


class WebhookRefusal(StrEnum):
    """Why a push was refused."""

    #: No such provider, or it has no `webhook` section.
    NOT_CONFIGURED = "not_configured"
    #: The address carries no token, or a wrong one.
    BAD_TOKEN = "bad_token"  # noqa: S105 (a word, not a secret)
    #: The source address is not on the list.
    SOURCE_NOT_ALLOWED = "source_not_allowed"
    #: The vendor's signature does not fit.
    BAD_SIGNATURE = "bad_signature"
    #: The body is not what the vendor documents.
    MALFORMED = "malformed"
    #: The body is larger than 1 MiB.
    TOO_LARGE = "too_large"


@attrs.frozen(kw_only=True)
class WebhookRequest:
    """One HTTP request of a vendor to us."""

    #: Upper case.
    method: str = "POST"
    #: The public address that the vendor called, with its query.
    url: str = attrs.field(repr=False)
    #: Header names are matched without regard to case by `header()`.
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    #: As received.
    body: bytes = attrs.field(default=b"", repr=False)
    #: The peer's IP address; None when the server does not tell.
    source: str | None = None
    #: The secret part of the path.
    token: str | None = attrs.field(default=None, repr=False)

    def header(self, name: str) -> str | None:
        """Return the value of a header, whatever its case."""
        wanted = name.lower()
        return next((v for k, v in self.headers.items() if k.lower() == wanted), None)


@attrs.frozen(kw_only=True)
class WebhookReply:
    """The exact answer that the vendor wants."""

    #: HTTP status.
    status: int = 200
    #: As sent.
    body: bytes = b""
    #: Of the body.
    content_type: str = "text/plain; charset=utf-8"


@attrs.frozen(kw_only=True)
class Push:
    """What one request of a vendor says."""

    #: Everything told, in order; empty for a push that calls for nothing.
    events: tuple[Receipt | InboundMessage | TemplateReview, ...]
    #: The answer to give once the events are stored.
    reply: WebhookReply
