"""What operators do with an outbox: look, count, pause, suppress, forget."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import cast

from notify_core.clock import Clock
from notify_core.config.snapshot import Snapshot
from notify_core.dispatch.engine import Engine
from notify_core.errors import ConfigurationError
from notify_core.model.channel import Channel
from notify_core.model.recipient import parse_recipient
from notify_core.model.status import Status
from notify_core.names import nearest
from notify_core.outbox.inbound import InboundFilter, InboundPage
from notify_core.outbox.keeper import oldest_age
from notify_core.outbox.listing import MessageFilter, Page
from notify_core.outbox.paging import MOST_AT_ONCE
from notify_core.outbox.port import DurableOutbox, Outbox, Pause
from notify_core.outbox.record import Record
from notify_core.suppressions import Suppressed

#: Messages that may still be withdrawn.
_WAITING = (Status.CREATED, Status.DEFERRED)


class Operations:
    """The part of a `Notifier` that operators use."""

    snapshot: Snapshot
    _outbox: Outbox
    _clock: Clock

    def _require_open(self) -> Engine:
        raise NotImplementedError

    async def messages(self, asked: MessageFilter) -> Page:
        """Return the messages that are asked for, newest first, a page at a time."""
        return await self._outbox.messages(asked)

    async def record(self, message: str) -> Record | None:
        """Return all that is kept of a message by its id; None when nothing is."""
        return await self._outbox.get(message)

    async def dead_letters(self, limit: int = 50, cursor: str | None = None) -> Page:
        """Return what could not be done, newest first; `dead_letter` tells why.

        Args:
            limit: Messages on a page.
            cursor: Where the page before ended.

        Raises:
            ValueError: The limit or the cursor is none.
        """
        asked = MessageFilter(dead=True, limit=limit, cursor=cursor)
        return await self._outbox.messages(asked)

    async def inbound(self, asked: InboundFilter) -> InboundPage:
        """Return the replies that are asked for, newest first, a page at a time."""
        return await self._outbox.inbound(asked)

    async def counts(self) -> Mapping[Status, int]:
        """Return how many messages are in each status, of those that are not final."""
        return await self._outbox.counts()

    async def oldest_age(self) -> float:
        """Return for how many seconds a message has waited for a worker.

        Of the one that has been due longest; 0 where none is due, or no outbox keeps
        them.
        """
        if not self._outbox.durable:
            return 0.0
        outbox = cast("DurableOutbox", self._outbox)
        return oldest_age(await outbox.next_due(), self._clock.now())

    async def pause(self, provider: str, why: str) -> None:
        """Leave a provider alone, in every process that shares the outbox.

        Args:
            provider: Name of the configured provider.
            why: For people.

        Raises:
            ConfigurationError: No provider of that name is configured.
        """
        if provider not in self.snapshot.providers:
            known = nearest(provider, self.snapshot.providers)
            raise ConfigurationError(f"no provider {provider!r}; {known}")
        await self._outbox.pause(provider, why, self._clock.now())
        await self._require_open().pauses.look()

    async def resume(self, provider: str) -> bool:
        """Use a provider again; tell whether it was paused."""
        was_paused = await self._outbox.resume(provider)
        await self._require_open().pauses.look()
        return was_paused

    async def paused(self) -> list[Pause]:
        """Return the providers that are paused, oldest first."""
        return await self._outbox.paused()

    async def suppress(
        self,
        to: str,
        *,
        channel: Channel = Channel.SMS,
        why: str,
        until: datetime | None = None,
    ) -> None:
        """Send nothing more to an address, wherever the policy `suppression` holds.

        Args:
            to: The address, as a message would have it.
            channel: What kind of address it is.
            why: For people who read the list.
            until: When it ends, with time zone; None: when it is taken off the list.

        Raises:
            ValueError: There is no such address, or *until* is over or has no zone.
            StoreUnavailable: It could not be stored.
        """
        address = self._address(to, channel)
        await self._require_open().suppressions.suppress(address, why=why, until=until)

    async def unsuppress(self, to: str, *, channel: Channel = Channel.SMS) -> bool:
        """Take an address off the suppression list; tell whether it was on it.

        Raises:
            ValueError: There is no such address.
        """
        return await self._require_open().suppressions.unsuppress(
            self._address(to, channel)
        )

    async def suppressed(
        self, to: str | None = None, *, channel: Channel = Channel.SMS
    ) -> list[Suppressed]:
        """Return the suppression list, oldest first, with addresses masked.

        Args:
            to: Only what is on it of this address; None: all.
            channel: What kind of address it is.

        Raises:
            ValueError: There is no such address.
        """
        address = None if to is None else self._address(to, channel)
        return await self._require_open().suppressions.suppressed(address)

    async def forget(self, to: str, *, channel: Channel = Channel.SMS) -> int:
        """Erase one person, and withdraw what waits to be sent to them.

        That the person said stop stays known, by a hash of the address.

        Args:
            to: The address, as a message would have it.
            channel: What kind of address it is.

        Returns:
            How many messages were to them.

        Raises:
            ValueError: There is no such address.
        """
        engine, address = self._require_open(), self._address(to, channel)
        async for message in self._waiting(address):
            await engine.cancel(message)
        await engine.suppressions.forget(address)
        return await self._outbox.forget(address)

    def _address(self, to: str, channel: Channel) -> str:
        return parse_recipient(channel, to, self.snapshot.region).address

    async def _waiting(self, address: str) -> AsyncIterator[str]:
        for status in _WAITING:
            cursor: str | None = None
            while True:
                asked = MessageFilter(
                    status=status, address=address, limit=MOST_AT_ONCE, cursor=cursor
                )
                page = await self._outbox.messages(asked)
                for record in page.records:
                    yield record.message.id
                if page.cursor is None:
                    break
                cursor = page.cursor
