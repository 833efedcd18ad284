"""Reads pools: what is wrong with them, and what they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from notify_core.config.document import Node
from notify_core.config.wording import shown
from notify_core.errors import Problem
from notify_core.names import nearest
from notify_core.routing.pool import Member, Pool
from notify_core.routing.strategies import ORDERED
from notify_core.routing.strategy import Strategy

Strategies = Mapping[str, Strategy]

#: How many pools may stand within each other.
MOST_LEVELS = 10
#: Names of a circle that are shown.
_SHOWN = 12


@attrs.frozen
class Written:
    """A member as it is written: a name, or a mapping with `use`."""

    node: Node

    @property
    def name_node(self) -> Node:
        """Where its name stands."""
        return self.node["use"] if isinstance(self.node.value, dict) else self.node

    @property
    def name(self) -> str:
        """The provider or pool that is meant; empty when there is no text."""
        return self.name_node.text or ""

    @property
    def weight(self) -> int:
        """Its weight; 1 when it has none that can be read."""
        weight = self.node["weight"].value
        return int(weight) if isinstance(weight, int | float) else 1


def written_members(pool: Node) -> list[Written]:
    """Return the members of a pool as they are written."""
    return [Written(node) for node in pool["members"].elements()]


def pool_problems(root: Node, strategies: Strategies) -> Iterator[Problem]:
    """Yield what no schema can say: of names, weights, and pools within pools."""
    providers = root["providers"].names()
    known = providers | root["pools"].names()
    for name, pool in root["pools"].entries():
        if name in providers:
            yield pool.key_problem("has the name of a provider; give it another")
        yield from _name_problems(pool, known)
        yield from _weight_problems(pool, strategies)
    nesting = Nesting.of(root)
    yield from nesting.circles
    yield from nesting.too_deep(root["pools"])


def _name_problems(pool: Node, known: set[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for node in (member.name_node for member in written_members(pool)):
        if node.text is None:
            continue
        if node.text in seen:
            yield node.problem(f"{shown(node.text)} is a member already")
        elif node.text not in known:
            why = f"is no provider or pool; {nearest(node.text, known)}"
            yield node.problem(f"{shown(node.text)} {why}")
        seen.add(node.text)


def _weight_problems(pool: Node, strategies: Strategies) -> Iterator[Problem]:
    name = _strategy_name(pool)
    strategy = strategies.get(name)
    if strategy is None:
        why = f"is no strategy; {nearest(name, strategies)}"
        yield pool["strategy"].problem(f"{shown(name)} {why}")
    elif strategy.weighs:
        yield from _all_weightless(pool)
    else:
        weigh = ", ".join(s.name for s in strategies.values() if s.weighs)
        why = f"has no meaning with strategy {name!r}; those that weigh: {weigh}"
        for member in written_members(pool):
            if "weight" in member.node.names():
                yield member.node["weight"].key_problem(why)


def _strategy_name(pool: Node) -> str:
    text = pool["strategy"].text
    return ORDERED.name if text is None else text


def _all_weightless(pool: Node) -> Iterator[Problem]:
    members = written_members(pool)
    if members and not any(member.weight for member in members):
        why = "have only weights of 0, so that none is ever chosen; raise one"
        yield pool["members"].key_problem(why)


@attrs.frozen
class Nesting:
    """Which pools stand within which."""

    #: The pools within each pool, those within before those around; none of a circle.
    order: Mapping[str, tuple[str, ...]]
    circles: tuple[Problem, ...]

    @classmethod
    def of(cls, root: Node) -> Nesting:
        """Return the nesting of a configuration's pools, whatever is wrong with it."""
        providers = root["providers"].names()
        # A name that stands for both is told of elsewhere.
        pools = {n: pool for n, pool in root["pools"].entries() if n not in providers}
        members = {
            name: [m for m in written_members(pool) if m.name in pools]
            for name, pool in pools.items()
        }
        order: dict[str, tuple[str, ...]] = {}
        circles: list[Problem] = []
        for name in pools:
            _descend(name, members, order, circles)
        return cls(order, tuple(circles))

    def too_deep(self, pools: Node) -> Iterator[Problem]:
        """Yield the pools with too many levels; not those around such a pool."""
        levels: dict[str, int] = {}
        for name, within in self.order.items():
            levels[name] = 1 + max([levels.get(other, 0) for other in within] or [0])
            if levels[name] == MOST_LEVELS + 1:
                why = f"has pools within pools more than {MOST_LEVELS} levels deep"
                yield pools[name].key_problem(why)


def _descend(
    start: str,
    members: Mapping[str, list[Written]],
    order: dict[str, tuple[str, ...]],
    circles: list[Problem],
) -> None:
    """Add a pool to *order*, after those within it, however deep they are."""
    path = {start: iter(members[start])} if start not in order else {}
    while path:
        name, rest = next(reversed(path.items()))
        member = next(rest, None)
        if member is None:
            del path[name]
            order[name] = tuple(within.name for within in members[name])
        elif member.name in path:
            circles.append(_circle(member, list(path)))
        elif member.name not in order:
            path[member.name] = iter(members[member.name])


def _circle(member: Written, path: list[str]) -> Problem:
    circle = [*path[path.index(member.name) :], member.name]
    if len(circle) > _SHOWN:
        circle[_SHOWN // 2 : 1 - _SHOWN // 2] = ["…"]
    why = f"closes a circle of pools: {' → '.join(circle)}"
    return member.name_node.problem(f"{shown(member.name)} {why}")


def compiled_pools(root: Node, strategies: Strategies) -> dict[str, Pool]:
    """Return the pools of a configuration without problems, by name.

    A provider in the place of a pool is a pool of one: they are here too.
    """
    made: dict[str, Pool] = {}
    for name in Nesting.of(root).order:
        pool = root["pools"][name]
        members = [
            Member(name=m.name, pool=made.get(m.name), weight=m.weight)
            for m in written_members(pool)
        ]
        strategy = strategies[_strategy_name(pool)]
        made[name] = Pool(name=name, strategy=strategy, members=tuple(members))
    alone = {name: Pool.of(name, name) for name, _ in root["providers"].entries()}
    return {**alone, **{name: made[name] for name, _ in root["pools"].entries()}}
