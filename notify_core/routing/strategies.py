"""The built-in strategies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING

from notify_core.routing.strategy import State, Strategy

if TYPE_CHECKING:
    from notify_core.routing.pool import Member

Ordered = tuple[Sequence["Member"], State]


def _as_written(members: Sequence[Member], state: State, _: Random, /) -> Ordered:
    return members, state


def _rotated(members: Sequence[Member], state: State, _: Random, /) -> Ordered:
    """Begin with the one that was first the longest ago.

    A mere count would favour some when the members that can take a message change
    from one message to the next.
    """
    been: tuple[str, ...] = state or ()
    first = min(range(len(members)), key=lambda i: _last_turn(been, members[i].name))
    name = members[first].name
    rest = tuple(other for other in been if other != name)
    return (*members[first:], *members[:first]), (*rest, name)


def _last_turn(been: tuple[str, ...], name: str) -> int:
    return been.index(name) if name in been else -1


def _shuffled(members: Sequence[Member], state: State, random: Random, /) -> Ordered:
    """Draw one after the other, each by its weight among those that are left.

    Exponential times in proportion to the weights come in just this order (Efraimidis
    and Spirakis, Weighted random sampling with a reservoir, 2006).
    """
    times = {member.name: random.expovariate(member.weight) for member in members}
    return sorted(members, key=lambda member: times[member.name]), state


def _smooth(members: Sequence[Member], state: State, random: Random, /) -> Ordered:
    """Let the first place go round by weight, as evenly as it can; draw the rest.

    Each gets its weight in credit; who has the most is first and pays for all (nginx,
    `ngx_http_upstream_get_peer` in ngx_http_upstream_round_robin.c).
    """
    credit: dict[str, int] = dict(state or {})
    for member in members:
        credit[member.name] = credit.get(member.name, 0) + member.weight
    first = max(members, key=lambda member: credit[member.name])
    credit[first.name] -= sum(member.weight for member in members)
    rest, _ = _shuffled([m for m in members if m is not first], None, random)
    return (first, *rest), credit


ORDERED = Strategy(name="ordered", summary="As they are written.", order=_as_written)
ROUND_ROBIN = Strategy(
    name="round_robin",
    summary="Each is first in its turn; the rest follows as in a ring.",
    order=_rotated,
)
RANDOM = Strategy(
    name="random",
    summary="Drawn, each by its weight among those that are left.",
    weighs=True,
    order=_shuffled,
)
WEIGHTED = Strategy(
    name="weighted",
    summary="First in turn, as often as the weight says; the rest is drawn by weight.",
    weighs=True,
    order=_smooth,
)

#: By name.
BUILT_IN: Mapping[str, Strategy] = {
    strategy.name: strategy for strategy in (ORDERED, RANDOM, ROUND_ROBIN, WEIGHTED)
}
