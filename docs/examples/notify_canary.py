"""A strategy for notify-core: the last member goes first once in a hundred messages."""

from collections.abc import Sequence
from random import Random

from notify_core import hookimpl
from notify_core.routing.pool import Member
from notify_core.routing.strategy import Strategy

EVERY = 100


def canary_order(
    members: Sequence[Member], count: int | None, _: Random, /
) -> tuple[Sequence[Member], int]:
    """Return the members as they are written, or with the last one first."""
    count = (count or 0) + 1
    if count < EVERY:
        return members, count
    return (members[-1], *members[:-1]), 0


CANARY = Strategy(
    name="canary",
    summary="The last one goes first once in a hundred messages.",
    order=canary_order,
)


@hookimpl
def notify_register_strategies() -> list[Strategy]:
    """Offer the strategy `canary`."""
    return [CANARY]
