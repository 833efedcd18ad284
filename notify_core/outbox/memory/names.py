"""By which names attempts are found, in this process's memory."""

from __future__ import annotations

from collections import defaultdict

from notify_core.model.attempt import Attempt
from notify_core.outbox.record import Erased, Record, is_open

#: A message and the number of one of its attempts.
Place = tuple[str, int]
#: An account, and a name in its scope.
_Key = tuple[str, str]


class Names:
    """Finds attempts by what vendors name them.

    Attributes:
        by_provider_id: The attempt that the vendor knows by an id.
        by_reference: The last attempt that we gave a reference.
        unknown: The attempts to an address whose answer was lost.
    """

    def __init__(self) -> None:
        self.by_provider_id: dict[_Key, Place] = {}
        self.by_reference: dict[_Key, Place] = {}
        self.unknown: defaultdict[_Key, set[Place]] = defaultdict(set)

    def add(self, record: Record, attempt: Attempt) -> None:
        """Find an attempt by its names, as it stands now."""
        place = (record.message.id, attempt.number)
        if attempt.provider_id is not None:
            self.by_provider_id[attempt.account, attempt.provider_id] = place
        if attempt.reference is not None:
            self.by_reference[attempt.account, attempt.reference] = place
        unknown = (attempt.account, record.recipient.address)
        if is_open(attempt) and record.erased is not Erased.ADDRESS:
            self.unknown[unknown].add(place)
        elif self.unknown:
            self._discard_unknown(unknown, place)

    def drop(self, record: Record, attempt: Attempt) -> None:
        """Find an attempt no more; what another one took over stays."""
        place = (record.message.id, attempt.number)
        for places, name in (
            (self.by_provider_id, attempt.provider_id),
            (self.by_reference, attempt.reference),
        ):
            key = (attempt.account, name or "")
            if places.get(key) == place:
                del places[key]
        self._discard_unknown((attempt.account, record.recipient.address), place)

    def _discard_unknown(self, key: _Key, place: Place) -> None:
        places = self.unknown.get(key)
        if places is not None:
            places.discard(place)
            if not places:
                del self.unknown[key]
