"""What the core asks of a place where messages live."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import attrs

from notify_core.model.receipt import Receipt
from notify_core.outbox.record import Record


@attrs.frozen(kw_only=True)
class Found:
    """An attempt of a recorded message."""

    record: Record
    #: The attempt's number.
    number: int


@attrs.frozen(kw_only=True)
class Parked:
    """A receipt that matched nothing yet."""

    provider: str
    account: str
    receipt: Receipt
    #: When it came, with time zone.
    received_at: datetime


@attrs.frozen
class Change:
    """A record before and after a change."""

    before: Record
    after: Record


class Outbox(Protocol):
    """Where messages live.

    Every method may raise `StoreUnavailable`. A change is one step: nobody sees half.
    """

    #: Whether messages survive the process.
    durable: bool

    async def add(self, record: Record) -> Record | None:
        """Record a message; return the one that has its idempotency key, if any.

        Raises:
            IdempotencyConflict: That one says something else.
            InvalidMessage: Its id is that of another message.
        """
        ...

    async def change(self, message: str, to: Callable[[Record], Record]) -> Change:
        """Apply a pure function to a record.

        Raises:
            KeyError: No such message.
        """
        ...

    async def get(self, message: str) -> Record | None:
        """Return a record by the message's id."""
        ...

    async def by_provider_id(self, account: str, provider_id: str) -> Found | None:
        """Return the attempt that the vendor knows by this id."""
        ...

    async def by_reference(self, account: str, reference: str) -> Found | None:
        """Return the last attempt at the account that we gave this reference."""
        ...

    async def open_unknown(self, account: str, address: str) -> list[Found]:
        """Return the attempts to this address whose answer was lost."""
        ...

    async def park(self, parked: Parked) -> None:
        """Keep a receipt that matches nothing yet."""
        ...

    async def take_parked(
        self,
        account: str,
        *,
        provider_id: str | None,
        reference: str | None,
        address: str | None,
    ) -> list[Parked]:
        """Remove and return the parked receipts that name any of these."""
        ...

    async def unsettled(self) -> list[str]:
        """Return the ids of messages that may have been sent, and nobody knows yet."""
        ...
