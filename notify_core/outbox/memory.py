"""Messages in this process's memory: nothing survives it, and nothing is set up."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable

import attrs

from notify_core.errors import IdempotencyConflict, InvalidMessage, Problem
from notify_core.model.attempt import Attempt
from notify_core.model.message import Message
from notify_core.outbox.port import Change, Found, Parked
from notify_core.outbox.record import Record, is_open

#: Messages kept for receipts to come; the oldest that are not being sent go first.
KEPT_MESSAGES = 20_000
#: Receipts kept that matched nothing yet.
KEPT_RECEIPTS = 10_000

_Key = tuple[str, str]

_USED_ID = Problem(
    pointer="/id",
    message="is that of a message sent before: make a new Message for another one",
)


class MemoryOutbox:
    """Keeps the last messages, for hosts that want no durability, and for tests."""

    #: Whether messages survive the process.
    durable = False

    def __init__(self, keep: int = KEPT_MESSAGES) -> None:
        self._keep = keep
        self._records: OrderedDict[str, Record] = OrderedDict()
        self._by_provider_id: dict[_Key, tuple[str, int]] = {}
        self._by_reference: dict[_Key, tuple[str, int]] = {}
        self._unknown: defaultdict[_Key, set[tuple[str, int]]] = defaultdict(set)
        self._by_idempotency_key: dict[str, str] = {}
        self._parked = _Parking()

    async def add(self, record: Record) -> Record | None:
        """Record a message; return the one that has its idempotency key, if any.

        Raises:
            IdempotencyConflict: That one says something else.
            InvalidMessage: Its id is that of another message.
        """
        key, message = record.message.idempotency_key, record.message.id
        known = self._records.get(self._by_idempotency_key.get(key or "", ""))
        if known is not None:
            return _same(known, record.message)
        if message in self._records:
            raise InvalidMessage([_USED_ID])
        if key is not None:
            self._by_idempotency_key[key] = message
        self._records[message] = record
        for attempt in record.attempts:
            self._index(record, attempt)
        if len(self._records) > self._keep:
            self._forget_oldest()
        return None

    async def change(self, message: str, to: Callable[[Record], Record]) -> Change:
        """Apply a pure function to a record."""
        before = self._records[message]
        after = self._records[message] = to(before)
        dropped = before.attempts[len(after.attempts) :]
        for attempt in dropped:
            self._drop(after, attempt)
        for attempt in after.attempts:
            number = attempt.number
            known = before.attempts[number - 1 : number]
            if dropped or not known or known[0] is not attempt:
                self._index(after, attempt)
        return Change(before, after)

    async def get(self, message: str) -> Record | None:
        """Return a record by the message's id."""
        return self._records.get(message)

    async def by_provider_id(self, account: str, provider_id: str) -> Found | None:
        """Return the attempt that the vendor knows by this id."""
        return self._found(self._by_provider_id.get((account, provider_id)))

    async def by_reference(self, account: str, reference: str) -> Found | None:
        """Return the last attempt at the account that we gave this reference."""
        return self._found(self._by_reference.get((account, reference)))

    async def open_unknown(self, account: str, address: str) -> list[Found]:
        """Return the attempts to this address whose answer was lost."""
        places = self._unknown.get((account, address), ())
        return [found for place in sorted(places) if (found := self._found(place))]

    async def park(self, parked: Parked) -> None:
        """Keep a receipt that matches nothing yet."""
        self._parked.add(parked)

    async def take_parked(
        self,
        account: str,
        *,
        provider_id: str | None,
        reference: str | None,
        address: str | None,
    ) -> list[Parked]:
        """Remove and return the parked receipts that name any of these."""
        return self._parked.take(account, (provider_id, reference, address))

    async def unsettled(self) -> list[str]:
        """Return the ids of messages that may have been sent, and nobody knows yet."""
        return [
            key
            for key, record in self._records.items()
            if record.is_unsettled or not record.is_closed
        ]

    def _found(self, place: tuple[str, int] | None) -> Found | None:
        if place is None or (record := self._records.get(place[0])) is None:
            return None
        return Found(record=record, number=place[1])

    def _index(self, record: Record, attempt: Attempt) -> None:
        place = (record.message.id, attempt.number)
        if attempt.provider_id is not None:
            self._by_provider_id[attempt.account, attempt.provider_id] = place
        if attempt.reference is not None:
            self._by_reference[attempt.account, attempt.reference] = place
        unknown = (attempt.account, record.recipient.address)
        if is_open(attempt):
            self._unknown[unknown].add(place)
        elif self._unknown:
            self._discard_unknown(unknown, place)

    def _drop(self, record: Record, attempt: Attempt) -> None:
        """Find an attempt no more; what another one took over stays."""
        place = (record.message.id, attempt.number)
        for places, name in (
            (self._by_provider_id, attempt.provider_id),
            (self._by_reference, attempt.reference),
        ):
            key = (attempt.account, name or "")
            if places.get(key) == place:
                del places[key]
        self._discard_unknown((attempt.account, record.recipient.address), place)

    def _discard_unknown(self, key: _Key, place: tuple[str, int]) -> None:
        places = self._unknown.get(key)
        if places is not None:
            places.discard(place)
            if not places:
                del self._unknown[key]

    def _forget_oldest(self) -> None:
        for key, record in self._records.items():
            if record.is_closed:
                self._forget(key, record)
                return

    def _forget(self, key: str, record: Record) -> None:
        del self._records[key]
        for attempt in record.attempts:
            self._drop(record, attempt)
        if record.message.idempotency_key is not None:
            self._by_idempotency_key.pop(record.message.idempotency_key, None)


def _same(known: Record, message: Message) -> Record:
    if attrs.evolve(known.message, id=message.id) != message:
        raise IdempotencyConflict(
            f"idempotency key of message {known.message.id} used again for other "
            "content: give each message a key of its own"
        )
    return known


class _Parking:
    """Receipts that wait for their message, found by what they name."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[int, Parked] = OrderedDict()
        self._places: defaultdict[_Key, set[int]] = defaultdict(set)
        self._next = 0

    def add(self, parked: Parked) -> None:
        self._next += 1
        self._waiting[self._next] = parked
        for key in _keys(parked):
            self._places[key].add(self._next)
        if len(self._waiting) > KEPT_RECEIPTS:
            self._remove(next(iter(self._waiting)))

    def take(self, account: str, names: tuple[str | None, ...]) -> list[Parked]:
        if not self._waiting:
            return []
        keys = [(account, name) for name in names if name is not None]
        places = sorted({p for key in keys for p in self._places.get(key, ())})
        return [self._remove(place) for place in places]

    def _remove(self, place: int) -> Parked:
        parked = self._waiting.pop(place)
        for key in _keys(parked):
            self._places[key].discard(place)
            if not self._places[key]:
                del self._places[key]
        return parked


def _keys(parked: Parked) -> list[_Key]:
    receipt = parked.receipt
    names = (receipt.provider_id, receipt.reference, receipt.recipient)
    return [(parked.account, name) for name in names if name is not None]
