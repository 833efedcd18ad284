"""A strategy: the order in which a pool's members are tried, as a pure function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import TYPE_CHECKING, Any, Protocol

import attrs

if TYPE_CHECKING:
    from notify_core.routing.pool import Member

#: What a strategy remembers from one order to the next: a value, never changed but
#: replaced. None at first.
State = Any


class Order(Protocol):
    """Puts members in order."""

    def __call__(
        self, members: Sequence[Member], state: State, random: Random, /
    ) -> tuple[Sequence[Member], State]:
        """Return each of the members once, first first, and the state that follows.

        Args:
            members: Those that can take the message, two or more, as they are written.
            state: What the last call returned for this pool; None at first.
            random: Where chance comes from.
        """
        ...


@attrs.frozen(kw_only=True)
class Strategy:
    """What a plugin offers, and what each built-in strategy is."""

    #: As `strategy` names it.
    name: str
    #: One sentence for lists.
    summary: str
    #: Whether members may have a weight. One of weight 0 is not in the list at all.
    weighs: bool = False
    order: Order = attrs.field(repr=False)


def guarded(strategy: Strategy, failed: Callable[[Exception], None]) -> Strategy:
    """Return a stranger's strategy whose faults lose no message.

    Members stay as they are written when it raises, or gives something else than each
    of them once; *failed* is told.
    """

    def order(
        members: Sequence[Member], state: State, random: Random, /
    ) -> tuple[Sequence[Member], State]:
        try:
            found, follows = strategy.order(members, state, random)
            _require_the_same(found, members)
        except Exception as error:  # noqa: BLE001 (a stranger's code must not lose a message)
            failed(error)
            return members, state
        return found, follows

    return attrs.evolve(strategy, order=order)


def _require_the_same(found: Sequence[Member], members: Sequence[Member]) -> None:
    if sorted(map(id, found)) != sorted(map(id, members)):
        raise ValueError("an order holds each of the members once")
