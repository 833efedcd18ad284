"""What a provider does: one method that submits, others where it can more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

import attrs

from notify_core.http import HttpClient
from notify_core.model.attempt import Answer, Attempt
from notify_core.model.receipt import Balance, Receipt
from notify_core.model.recipient import Recipient
from notify_core.model.webhook import Push, WebhookRequest
from notify_core.provider.submission import Submission
from notify_core.secret import Secret


@attrs.frozen(kw_only=True)
class Account:
    """What a provider is built from: one configured account."""

    #: The configured name.
    name: str
    #: Validated by the type's schema, defaults filled in, secrets as `Secret`.
    settings: Mapping[str, Any] = attrs.field(repr=False)
    http: HttpClient = attrs.field(repr=False)
    #: Where the vendor is to push, token included, for vendors that are told with
    #: each message; None: the configuration has no public address for it.
    callback_url: Secret | None = None
    #: The time, with time zone.
    now: Callable[[], datetime] = attrs.field(repr=False)


@runtime_checkable
class Provider(Protocol):
    """One configured account of a vendor."""

    async def submit(self, submission: Submission) -> Answer:
        """Make one request, never repeated, and say what the vendor said.

        Wire faults are answers too: `HttpClient.submit` makes them.
        """
        ...

    async def aclose(self) -> None:
        """Release what the provider itself opened; the session is not its own."""
        ...


@runtime_checkable
class SupportsBalance(Protocol):
    """Declared by `Capabilities.balance`."""

    async def balance(self) -> Balance:
        """Ask what is left.

        Raises:
            ProviderUnavailable: No usable answer, or a refusal; says which.
        """
        ...


@runtime_checkable
class SupportsQuery(Protocol):
    """Declared by `Capabilities.query`."""

    async def query(self, attempt: Attempt, recipient: Recipient) -> Receipt | None:
        """Ask what became of an attempt; None when the vendor does not know yet."""
        ...


@runtime_checkable
class SupportsWebhook(Protocol):
    """Declared by `Capabilities.receipts` `push` or `Capabilities.inbound`."""

    def parse_webhook(self, request: WebhookRequest) -> Push:
        """Read one push; token and source were checked before.

        Raises:
            WebhookRejected: The signature does not fit, or the body is unreadable.
        """
        ...
