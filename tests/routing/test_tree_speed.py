"""How many siblings there are costs a message nothing."""

from time import perf_counter
from typing import Any

import pytest

from notify_core.routing.relation import relations
from notify_core.routing.shadowing import reach
from notify_core.routing.tree import RoutingTree
from tests.routing.trees import facts, tree


def by_tenant(count: int) -> list[dict[str, Any]]:
    return [
        {"name": f"r{n}", "match": {"kind": "otp", "labels.tenant": f"t{n}"}}
        for n in range(count)
    ]


def by_beginning(count: int) -> list[dict[str, Any]]:
    return [
        {"name": f"r{n}", "match": {"recipient": {"prefix": f"+86138{n:04}"}}}
        for n in range(count)
    ]


def seconds(given: RoutingTree) -> float:
    """Return the best time of several, over messages that find a route and not."""
    asked = [facts(labels={"tenant": tenant}) for tenant in ("t5", "none")]

    def once() -> float:
        begun = perf_counter()
        for _ in range(50):
            for message in asked:
                given.choose(message)
        return perf_counter() - begun

    return min(once() for _ in range(10))


@pytest.mark.parametrize("siblings", [by_tenant, by_beginning])
def test_10_000_siblings_cost_at_most_three_times_what_10_do(siblings: Any) -> None:
    few, many = tree(*siblings(10)), tree(*siblings(10_000))

    assert seconds(many) <= 3 * seconds(few)


def by_pattern(count: int) -> list[dict[str, Any]]:
    return [
        {"name": f"r{n}", "match": {"labels.tenant": {"regex": f"^t{n}-"}}}
        for n in range(count)
    ]


def seconds_to_check(given: RoutingTree) -> float:
    known = relations({})

    def once() -> float:
        begun = perf_counter()
        assert not reach(given.routes, known).unreached
        return perf_counter() - begun

    return min(once() for _ in range(3))


def test_to_check_siblings_that_cannot_be_indexed_takes_no_square_of_time() -> None:
    few, many = tree(*by_pattern(100)), tree(*by_pattern(1_000))

    assert seconds_to_check(many) <= 60 * seconds_to_check(few)
