"""`notify routes show`: the tree, and where each route leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs
import click

from notify_core.cli.options import config_option, examples, existing, json_option
from notify_core.cli.output import faint, heading, plain, write
from notify_core.config import load
from notify_core.plugins import Plugins
from notify_core.routing.pool import Member, Pool
from notify_core.routing.tree import PlacedRoute


@attrs.frozen(kw_only=True)
class ShownRoute:
    """One route of the tree."""

    name: str
    #: Name of the route above; None for the root.
    parent: str | None
    #: 0 for the root.
    depth: int
    #: What a message has to be like, by field, addresses masked.
    match: Mapping[str, str]
    pool: str
    strategy: str
    #: Every provider that the pool reaches.
    providers: tuple[str, ...]
    policy: str
    free_text: bool
    by_name: bool
    #: Name of the route in which each setting is written; a default has none.
    origins: Mapping[str, str]
    #: The pool with its members.
    picture: str

    @classmethod
    def of(cls, placed: PlacedRoute) -> ShownRoute:
        """Describe a route."""
        route = placed.route
        return cls(
            name=route.name,
            parent=placed.parent,
            depth=placed.depth,
            match=_match(placed),
            pool=route.pool.name,
            strategy=route.pool.strategy.name,
            providers=route.pool.providers,
            policy=route.policy.name,
            free_text=route.free_text,
            by_name=route.by_name,
            origins=dict(placed.origins),
            picture=_pool(route.pool),
        )

    def lines(self, branch: str, stem: str) -> Iterator[str]:
        """Yield the text for people, below the lines of the tree."""
        conditions = (f"{field} {wanted}" for field, wanted in self.match.items())
        said = "; ".join(conditions) or "everything" + (" else" if self.depth else "")
        yield f"{faint(branch)}{heading(self.name)}  {plain(said)}"
        named = "" if self.by_name else ", not by name"
        free = ", free texts" if self.free_text else ""
        told = f"to {self.picture}, policy {self.policy}{free}{named}"
        yield f"{faint(stem)}    {faint(told)}"


@click.command(
    "show",
    short_help="Show the tree of routes.",
    epilog=examples("notify routes show", "notify routes show --json"),
)
@config_option
@json_option
def command(config: str, *, as_json: bool) -> None:
    """Show every route with its conditions, its pool and its policy set.

    Below a route the first that matches wins; what none matches stays.
    """
    snapshot = load(existing(config), Plugins())
    shown = [ShownRoute.of(placed) for placed in snapshot.routes.routes]
    write({"routes": shown}, _picture(shown), as_json=as_json)


def _match(placed: PlacedRoute) -> Mapping[str, str]:
    match: dict[str, str] = {}
    for condition in placed.match.conditions:
        before = match.get(condition.field)
        told = str(condition)
        match[condition.field] = told if before is None else f"{before} and {told}"
    return match


def _pool(pool: Pool) -> str:
    members = ", ".join(map(_member, pool.members))
    if members == pool.name:
        return pool.name
    return f"{pool.name} ({pool.strategy.name}: {members})"


def _member(member: Member) -> str:
    name = _pool(member.pool) if member.pool else member.name
    return name if member.weight == 1 else f"{name} x{member.weight}"


def _picture(shown: Sequence[ShownRoute]) -> Iterator[str]:
    for index, route in enumerate(shown):
        goes_on = [_goes_on(shown, index, depth) for depth in range(1, route.depth + 1)]
        above = "".join("│  " if more else "   " for more in goes_on[:-1])
        branch = "" if not goes_on else "├─ " if goes_on[-1] else "└─ "
        stem = "" if not goes_on else "│  " if goes_on[-1] else "   "
        yield from route.lines(above + branch, above + stem)
    if len(shown) > 1:
        yield faint("Below a route the first that matches wins.")


def _goes_on(shown: Sequence[ShownRoute], index: int, depth: int) -> bool:
    """Tell whether another route of that depth comes below the same one."""
    for later in shown[index + 1 :]:
        if later.depth <= depth:
            return later.depth == depth
    return False
