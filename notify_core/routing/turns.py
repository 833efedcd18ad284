"""The order in which a pool's providers are tried, and whose turn it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from random import Random

from notify_core.routing.pool import Member, Pool
from notify_core.routing.strategy import State


class Turns:
    """What strategies remember, for one process.

    A pool has a turn of its own at each place of the order: those that it takes as
    the first choice and those that it takes as a later one do not disturb each other.
    A pool that a reload leaves as it is keeps its turns.
    """

    def __init__(self) -> None:
        self._states: dict[tuple[Pool, int], State] = {}

    def preview(self) -> Turns:
        """Return turns that go on from these and leave them where they are."""
        preview = Turns()
        preview._states.update(self._states)
        return preview

    def keep(self, pools: Iterable[Pool]) -> None:
        """Forget the turns of all other pools, after a reload."""
        kept = set(pools)
        self._states = {k: state for k, state in self._states.items() if k[0] in kept}

    def order(
        self, pool: Pool, members: Sequence[Member], place: int, random: Random
    ) -> Sequence[Member]:
        """Put members in the pool's order, and pass the turn on.

        Args:
            pool: Whose strategy decides.
            members: Those of the pool that can take the message.
            place: How many providers go before the pool.
            random: Where chance comes from.
        """
        if len(members) <= 1:
            return members
        key = pool, place
        state = self._states.get(key)
        found, follows = pool.strategy.order(members, state, random)
        if follows is not state:
            self._states[key] = follows
        return found


def ordered_providers(
    pool: Pool, eligible: Collection[str], turns: Turns, random: Random
) -> tuple[str, ...]:
    """Return each eligible provider of a pool once, first first.

    Args:
        pool: The route's.
        eligible: Names of the providers that can take the message.
        turns: Whose turn it is; `turns.preview()` to leave it where it is.
        random: Where chance comes from.
    """
    if pool.is_fixed:
        return tuple([name for name in pool.possible if name in eligible])
    found: list[str] = []
    left = {name for name in pool.possible if name in eligible}
    _place(pool, left, found, turns, random)
    return tuple(found)


def _place(
    pool: Pool, left: set[str], found: list[str], turns: Turns, random: Random
) -> None:
    """Move providers from *left* to *found*, in the pool's order."""
    able = [m for m in pool.members if not left.isdisjoint(m.possible)]
    for member in turns.order(pool, able, len(found), random):
        if member.pool:
            _place(member.pool, left, found, turns, random)
        elif member.name in left:
            left.remove(member.name)
            found.append(member.name)
