"""What the core asks of a place where messages live."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import attrs

from notify_core.errors import NotifyError
from notify_core.model.receipt import Receipt
from notify_core.model.status import Status
from notify_core.outbox.inbound import Inbound, InboundFilter, InboundPage
from notify_core.outbox.listing import MessageFilter, Page
from notify_core.outbox.record import Record
from notify_core.outbox.retention import Retention
from notify_core.policy.take import NOTHING_REFUSED, Refused, Take


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
    #: Whether receipts are parked that name its last attempt; None: nobody looked.
    #: False only where whoever parks one later finds the attempt, and takes it up.
    has_parked: bool | None = None


@attrs.frozen(kw_only=True)
class Addition:
    """What came of recording a message."""

    #: The message recorded before under its idempotency key; nothing was added then.
    known: Record | None = None
    #: The takes for which there was no room; nothing was added or taken then.
    refused: Refused = NOTHING_REFUSED


#: Recorded, and everything taken.
ADDED = Addition()


@attrs.frozen(kw_only=True)
class Hold:
    """A taking that no message made: it keeps a counter taken, as a suppression."""

    counter: str
    #: When it was made, with time zone.
    at: datetime
    #: When it ends, with time zone; None: when it is released.
    until: datetime | None = None
    #: For people: the masked address.
    shown: str = ""
    #: Why: `opted_out`, `blocked by the vendor`, what an operator wrote.
    why: str = ""


@attrs.frozen(kw_only=True)
class Pause:
    """A provider that is left alone until it is resumed."""

    #: Name of the configured provider.
    provider: str
    #: For people: what who paused it wrote.
    why: str
    #: Since when, with time zone.
    at: datetime


class Outbox(Protocol):
    """Where messages live.

    Every method may raise `StoreUnavailable`. A change is one step: nobody sees half.
    A record is stored as `at_rest` has it: what `get` returns of a verification code
    that came to its end says no more what the code was. `Change.after` still does.
    """

    #: Whether messages survive the process.
    durable: bool

    async def add(
        self, record: Record, takes: tuple[Take, ...] = (), at: datetime | None = None
    ) -> Addition:
        """Record a message and take from its counters: all of it, or nothing.

        Args:
            record: The message as it stands.
            takes: What it takes. It is given back when the record closes with
                nothing possibly delivered.
            at: The time at which it takes, with time zone: that of the end of a
                deferral, else None for the time of acceptance.

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

    async def keep_inbound(self, kept: Inbound, hold: Hold | None = None) -> bool:
        """Keep a reply; tell whether it is new.

        One with the same `identity` is the same push again, and is kept once.

        Args:
            kept: The reply.
            hold: What follows from it, kept in the same step if the reply is new.
        """
        ...

    async def inbound(self, asked: InboundFilter) -> InboundPage:
        """Return the replies that are asked for, newest first, a page at a time.

        Newest by the time of receipt, then by the order of keeping. A page is full,
        or the last.
        """
        ...

    async def hold(self, hold: Hold) -> None:
        """Keep a counter taken; a hold on the same counter is replaced."""
        ...

    async def release(self, counter: str) -> bool:
        """End a hold; tell whether there was one."""
        ...

    async def holds(self, at: datetime, prefix: str = "") -> list[Hold]:
        """Return the holds that stand at that time, oldest first.

        Args:
            at: The time, with time zone.
            prefix: How the names of their counters begin.
        """
        ...

    async def refused(self, takes: tuple[Take, ...], at: datetime) -> Refused:
        """Return those of the takes for which there is no room; nothing is taken."""
        ...

    async def unsettled(self) -> list[str]:
        """Return the ids of messages that may have been sent, and nobody knows yet."""
        ...

    async def messages(self, asked: MessageFilter) -> Page:
        """Return the messages that are asked for, newest first, a page at a time.

        Newest by the time of acceptance, then by the order of recording. A page is
        full, or the last.
        """
        ...

    async def counts(self) -> Mapping[Status, int]:
        """Return how many messages are in each status, of those that are not final."""
        ...

    async def pause(self, provider: str, why: str, at: datetime) -> None:
        """Leave a provider alone, in every process that shares the outbox.

        Of a provider that is paused already, the reason and time are replaced. The
        class `Pausing` has this and the next two, made of `hold`.
        """
        ...

    async def resume(self, provider: str) -> bool:
        """Use a provider again; tell whether it was paused."""
        ...

    async def paused(self) -> list[Pause]:
        """Return the pauses, oldest first."""
        ...

    async def erase(self, retention: Retention, now: datetime, limit: int) -> int:
        """Erase what was kept long enough: so many records at most, of all kinds.

        A message whose `next_stage` is due, `Retention.span` after its deadline, is
        replaced by what `erased` makes of it, or removed at `Stage.ROW`. Parked
        receipts and replies are removed `Retention.content` after they came.

        Returns:
            How many; with fewer than the limit, nothing is left to do now.
        """
        ...

    async def forget(self, address: str) -> int:
        """Erase one person: what is recorded of messages to an address, now.

        Each record becomes what `forgotten` makes of it, and is found by the address
        no more; parked receipts that name the address, and replies from it, are
        removed. Holds stay: they know only a hash. It is done in steps of bounded size.

        Args:
            address: Normalised, as `Recipient.address`.

        Returns:
            How many messages were to it.
        """
        ...


@attrs.frozen(kw_only=True)
class Lease:
    """Who works on a message, and until when nobody else does."""

    #: The worker, different for each; see `new_owner`.
    owner: str
    #: With time zone; renewed while the work goes on.
    until: datetime


@attrs.frozen(kw_only=True)
class Claimed:
    """A message that is this worker's until its lease ends."""

    record: Record
    #: Number of the run: each claim has a higher one than all before.
    epoch: int


@attrs.frozen(kw_only=True)
class Entry:
    """One message of a batch, as `add` takes it."""

    record: Record
    takes: tuple[Take, ...] = ()
    at: datetime | None = None


class LeaseLost(Exception):
    """A later run has the message: this one's write was refused."""


class DurableOutbox(Outbox, Protocol):
    """An outbox that survives its process, and the queue of what is due in it.

    A message is due at its record's `work_at`. Who claims it starts a run: nobody else
    gets the message while the lease lasts. The lease ends with the work, when a change
    leaves the record closed or deferred; else by itself, and the message is due again.
    """

    async def add(
        self,
        record: Record,
        takes: tuple[Take, ...] = (),
        at: datetime | None = None,
        lease: Lease | None = None,
    ) -> Addition:
        """Record a message, claimed at once (its run is number 1) if a lease is given.

        Raises:
            IdempotencyConflict: That one says something else.
            InvalidMessage: Its id is that of another message.
        """
        ...

    async def add_all(self, entries: Sequence[Entry]) -> list[Addition | NotifyError]:
        """Record many messages in one step, each as `add` would, in this order.

        Returns:
            For each what came of it, or what `add` would have raised.
        """
        ...

    async def change(
        self, message: str, to: Callable[[Record], Record], epoch: int | None = None
    ) -> Change:
        """Apply a pure function to a record; it may be called twice, in any thread.

        Args:
            message: Its id.
            to: The function.
            epoch: The number of the run that writes. None for facts that are true
                whoever has the message: a receipt, the late answer of an attempt.

        Raises:
            KeyError: No such message.
            LeaseLost: It was claimed since by a later run.
        """
        ...

    async def claim(self, lease: Lease, now: datetime, limit: int) -> list[Claimed]:
        """Take messages that are due, important ones first, four to one."""
        ...

    async def renew(self, runs: Mapping[str, int], lease: Lease) -> set[str]:
        """Prolong the leases of runs, given by message and epoch.

        Returns:
            The messages that are still the runs' own.
        """
        ...

    async def hand_back(self, message: str, epoch: int) -> None:
        """Give a message back untouched: it is due again at once."""
        ...

    async def next_due(self) -> datetime | None:
        """Return when the next message or lease is due; None: nothing is ahead."""
        ...

    async def wait(self, seconds: float) -> None:
        """Return when there may be something new to claim, or the time is over."""
        ...

    async def aclose(self) -> None:
        """Write what was given, and close; twice is harmless."""
        ...
