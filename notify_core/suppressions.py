"""The suppression list: who gets nothing because of what happened, not of settings."""

from __future__ import annotations

from datetime import datetime

import attrs

from notify_core.clock import Clock
from notify_core.model.masking import masked
from notify_core.outbox.port import Hold, Outbox
from notify_core.outbox.record import ERASED
from notify_core.policy.counter_key import Hashed
from notify_core.policy.suppression import BLOCKED, OPTED_OUT, listed


@attrs.frozen(kw_only=True)
class Suppressed:
    """One address on the suppression list."""

    #: Masked: `+86138****8000`; `erased` where the person was forgotten.
    address: str
    #: What who suppressed it wrote.
    why: str
    #: The person said stop; else somebody blocked the address.
    opted_out: bool
    #: Since when, with time zone.
    at: datetime
    #: When it ends, with time zone; None: when it is taken off the list.
    until: datetime | None = None


@attrs.frozen(kw_only=True)
class Suppressions:
    """Keeps the list in the outbox, as holds on the counters of addresses.

    Every *address* is normalised, as `Recipient.address`. Each method may raise
    `StoreUnavailable`.
    """

    outbox: Outbox
    hashed: Hashed = attrs.field(repr=False)
    clock: Clock

    async def suppress(
        self, address: str, *, why: str, until: datetime | None = None
    ) -> None:
        """Send nothing more to an address, of whatever kind.

        Args:
            address: Whose.
            why: For people who read the list.
            until: When it ends, with time zone; None: when it is taken off the list.

        Raises:
            ValueError: *until* has no time zone, or is over.
        """
        self._check(until)
        blocked = listed(BLOCKED, self.hashed, address)
        await self.outbox.hold(self._held(blocked, address, why, until))

    async def opt_out(self, address: str, *, why: str) -> None:
        """Note that a person said stop; policies may let some kinds through."""
        await self.outbox.hold(self.stop(address, why=why))

    def stop(self, address: str, *, why: str) -> Hold:
        """Return what notes that a person said stop, to be kept in the outbox."""
        return self._held(listed(OPTED_OUT, self.hashed, address), address, why)

    async def unsuppress(self, address: str) -> bool:
        """Take an address off the list; tell whether it was on it."""
        counters = [listed(b, self.hashed, address) for b in (BLOCKED, OPTED_OUT)]
        return any([await self.outbox.release(counter) for counter in counters])

    async def forget(self, address: str) -> None:
        """Keep an address on the list by its hash alone."""
        now = self.clock.now()
        for listing in (BLOCKED, OPTED_OUT):
            counter = listed(listing, self.hashed, address)
            for hold in await self.outbox.holds(now, counter):
                await self.outbox.hold(attrs.evolve(hold, shown=ERASED))

    async def suppressed(self, address: str | None = None) -> list[Suppressed]:
        """Return the list, oldest first, with addresses masked.

        Args:
            address: Only what is on it of this one; None: all.
        """
        return [
            Suppressed(
                address=hold.shown,
                why=hold.why,
                opted_out=hold.counter.startswith(OPTED_OUT),
                at=hold.at,
                until=hold.until,
            )
            for hold in sorted(await self._holds(address), key=lambda hold: hold.at)
        ]

    async def _holds(self, address: str | None) -> list[Hold]:
        now, found = self.clock.now(), []
        for listing in (BLOCKED, OPTED_OUT):
            beginning = listing
            if address is not None:
                beginning = listed(listing, self.hashed, address)
            found += await self.outbox.holds(now, beginning)
        return found

    def _held(
        self, counter: str, address: str, why: str, until: datetime | None = None
    ) -> Hold:
        return Hold(
            counter=counter,
            at=self.clock.now(),
            until=until,
            shown=masked(address),
            why=why,
        )

    def _check(self, until: datetime | None) -> None:
        if until is not None and until.utcoffset() is None:
            raise ValueError("until has no time zone: give one")
        if until is not None and until <= self.clock.now():
            raise ValueError("until is over: give a time that lies ahead")
