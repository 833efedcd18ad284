"""Records many messages for a worker, in one step where nothing stands in the way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import cast

import attrs

from notify_core.dispatch.entered import Entered
from notify_core.dispatch.ledger import Ledger
from notify_core.dispatch.sending import Sending
from notify_core.errors import InvalidMessage, NotifyError
from notify_core.model.message import Message
from notify_core.outbox.port import Addition, DurableOutbox, Entry
from notify_core.outbox.record import Record

_Entered = Entered | InvalidMessage

#: Messages that are checked before others have a turn.
AT_ONCE = 20


@attrs.frozen
class Batch:
    """One call that records many messages."""

    _sending: Sending
    _ledger: Ledger

    async def enqueue(self, messages: Iterable[Message]) -> list[Record | NotifyError]:
        """Record the messages; for each its record, or what is wrong with it.

        Raises:
            StoreUnavailable: The store is away; nothing was recorded.
        """
        entered = await self._entered(messages)
        ready = [
            one
            for one in entered
            if isinstance(one, Entered) and one.admission.barred is None
        ]
        added = iter(await self._added(ready))
        told = [self._told(one, added) for one in entered]
        barred = [one for one in told if isinstance(one, Entered)]
        ends = iter(await asyncio.gather(*map(self._barred, barred)))
        return [next(ends) if isinstance(one, Entered) else one for one in told]

    async def _entered(self, messages: Iterable[Message]) -> list[_Entered]:
        entered: list[_Entered] = []
        for message in messages:
            try:
                entered.append(self._sending.entered(message))
            except InvalidMessage as error:
                entered.append(error)
            if not len(entered) % AT_ONCE:
                await asyncio.sleep(0)
        return entered

    async def _added(self, ready: list[Entered]) -> list[Addition | NotifyError]:
        entries = [Entry(record=one.ready, takes=one.takes) for one in ready]
        outbox = cast("DurableOutbox", self._ledger.outbox)
        try:
            return await outbox.add_all(entries) if entries else []
        except asyncio.CancelledError:
            withdrawn = (self._ledger.withdraw(entry.record) for entry in entries)
            await asyncio.gather(*withdrawn)
            raise

    def _told(
        self, entered: _Entered, added: Iterator[Addition | NotifyError]
    ) -> Record | NotifyError | Entered:
        """Return what came of a message; as it was entered where a policy bars it."""
        if isinstance(entered, NotifyError) or entered.admission.barred is not None:
            return entered
        addition = next(added)
        if isinstance(addition, NotifyError):
            return addition
        return self._sending.queued(entered, addition)

    async def _barred(self, entered: Entered) -> Record | NotifyError:
        try:
            return await self._sending.barred.add(entered)
        except NotifyError as error:
            return error
