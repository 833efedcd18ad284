"""The units that anything is held against, and what is told when that changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from notify_core.model.event import Event, ProviderStateChanged
from notify_core.model.health import HealthState
from notify_core.routing.health.condition import Condition
from notify_core.routing.health.rest import Rest
from notify_core.routing.health.unit_key import PROVIDER, UnitKey

#: Senders and templates of one provider that anything is held against: a caller may
#: name any sender. Beyond that the oldest is forgotten, and the vendor says it again.
MOST_UNITS = 1000


class Register:
    """Every unit that is not well, by provider; who is well is not in it.

    Args:
        observe: Told each change of a unit's state.
    """

    def __init__(self, observe: Callable[[Event], None]) -> None:
        self._observe = observe
        self._unwell: dict[str, dict[UnitKey, Condition]] = {}

    def __contains__(self, provider: str) -> bool:
        return provider in self._unwell

    def __iter__(self) -> Iterator[str]:
        return iter(self._unwell)

    def find(self, provider: str, key: UnitKey) -> Condition | None:
        """Return how a unit is; None: it is well."""
        return self._unwell.get(provider, {}).get(key)

    def resting(self, provider: str, keys: Iterable[UnitKey]) -> Iterator[Condition]:
        """Yield those of the units that rest, or are tried after a rest."""
        for key in keys:
            condition = self.find(provider, key)
            if condition is not None and condition.rest is not None:
                yield condition

    def enrol(self, provider: str, key: UnitKey) -> Condition:
        """Return how a unit is, of which something bad was heard."""
        units = self._unwell.setdefault(provider, {})
        if key not in units:
            units[key] = Condition()
            named = [other for other in units if other != PROVIDER]
            if len(named) > MOST_UNITS:
                self.discharge(provider, named[0])
        return units[key]

    def lay(self, provider: str, condition: Condition, rest: Rest) -> None:
        """Put a unit to rest, or change the rest that it has."""
        before, condition.rest = condition.rest, rest
        was_probed, condition.is_probed = condition.is_probed, False
        if before is None or was_probed or before.reason is not rest.reason:
            self._tell(provider, rest.key, HealthState.RESTING, rest)

    def probe(self, provider: str, condition: Condition) -> None:
        """Note that the rest of a unit has ended, and that a message tries it."""
        rest = condition.rest
        if rest is not None and not condition.is_probed:
            condition.is_probed = True
            self._tell(provider, rest.key, HealthState.PROBING, rest)

    def discharge(self, provider: str, key: UnitKey) -> None:
        """Hold nothing against a unit any more."""
        units = self._unwell[provider]
        condition = units.pop(key)
        condition.free()
        if not units:
            del self._unwell[provider]
        if condition.rest is not None:
            self._tell(provider, key, HealthState.OK, None)

    def discharge_all(self, provider: str) -> None:
        """Hold nothing against a provider any more."""
        for key in tuple(self._unwell.get(provider, ())):
            self.discharge(provider, key)

    def strike(self, provider: str) -> None:
        """Forget a provider that there is no more, and tell nobody."""
        for condition in self._unwell.pop(provider, {}).values():
            condition.free()

    def _tell(
        self, provider: str, key: UnitKey, state: HealthState, rest: Rest | None
    ) -> None:
        until = rest.until if rest and state is HealthState.RESTING else None
        self._observe(
            ProviderStateChanged(
                provider=provider,
                unit=key.unit,
                name=key.told(),
                state=state,
                reason=rest.reason if rest else None,
                until=until,
            )
        )
