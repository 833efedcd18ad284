"""Each strategy gives the shares and the order that it promises."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby, permutations
from math import ceil, gcd, prod
from pathlib import Path
from random import Random
from runpy import run_path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notify_core.routing.pool import Member, Pool
from notify_core.routing.strategies import BUILT_IN, RANDOM, ROUND_ROBIN, WEIGHTED
from notify_core.routing.strategy import Strategy, guarded
from notify_core.routing.turns import Turns, ordered_providers

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "notify_canary.py"
#: What chance exceeds once in a thousand, by degrees of freedom.
CHI_SQUARE = {2: 13.82, 5: 20.52}


def pool_of(strategy: Strategy, **weights: int) -> Pool:
    members = tuple(Member(name=n, weight=w) for n, w in weights.items())
    return Pool(name="pool", strategy=strategy, members=members)


def orders(pool: Pool, count: int, seed: int = 1) -> list[tuple[str, ...]]:
    """Return the orders of so many messages that every provider can take."""
    turns, random = Turns(), Random(seed)  # noqa: S311 (repeatable)
    return [
        ordered_providers(pool, pool.providers, turns, random) for _ in range(count)
    ]


def firsts(pool: Pool, count: int) -> list[str]:
    return [order[0] for order in orders(pool, count)]


def longest_run(names: Sequence[str], name: str) -> int:
    return max(len(list(run)) for key, run in groupby(names) if key == name)


def chi_square(seen: Sequence[int], expected: Sequence[float]) -> float:
    return sum((s - e) ** 2 / e for s, e in zip(seen, expected, strict=True))


@pytest.mark.parametrize("strategy", BUILT_IN.values(), ids=BUILT_IN)
def test_every_member_is_in_the_order_once(strategy: Strategy) -> None:
    pool = pool_of(strategy, a=1, b=1, c=1)

    assert {tuple(sorted(order)) for order in orders(pool, 20)} == {("a", "b", "c")}


def test_ordered_is_as_written() -> None:
    assert set(orders(Pool.of("pool", "b", "a", "c"), 3)) == {("b", "a", "c")}


def test_round_robin_is_a_rotation() -> None:
    pool = pool_of(ROUND_ROBIN, a=1, b=1, c=1)

    assert orders(pool, 4) == [
        ("a", "b", "c"),
        ("b", "c", "a"),
        ("c", "a", "b"),
        ("a", "b", "c"),
    ]


def test_round_robin_is_fair_among_messages_that_not_all_can_take() -> None:
    pool, turns = pool_of(ROUND_ROBIN, a=1, b=1, c=1), Turns()
    able = [("a", "b", "c"), ("a", "b")]

    seen = Counter(
        (n % 2, ordered_providers(pool, able[n % 2], turns, Random(1))[0])  # noqa: S311
        for n in range(1200)
    )

    # Everybody can take the even ones, the first two the odd ones.
    assert seen[1, "a"] == seen[1, "b"] == 300
    assert sum(seen[0, name] for name in "abc") == 600
    assert min(seen[0, name] for name in "abc") > 100


def test_weighted_gives_the_first_place_by_weight_and_no_longer_runs_than_it_must() -> (
    None
):
    seen = firsts(pool_of(WEIGHTED, a=80, b=20), 10_000)

    assert Counter(seen) == {"a": 8000, "b": 2000}
    assert longest_run(seen, "a") == 4
    assert longest_run(seen, "b") == 1


@given(st.integers(1, 30), st.integers(1, 30))
def test_weighted_is_smooth_for_any_two_weights(one: int, other: int) -> None:
    period = (one + other) // gcd(one, other)

    seen = firsts(pool_of(WEIGHTED, a=one, b=other), 2 * period)

    assert seen[:period] == seen[period:]
    assert seen.count("a") * other == seen.count("b") * one
    assert longest_run(seen, "a") <= ceil(one / other)
    assert longest_run(seen, "b") <= ceil(other / one)


def test_weighted_draws_the_later_places_by_weight() -> None:
    pool = pool_of(WEIGHTED, a=8, b=5, c=3, d=2)

    seconds = Counter(o[1] for o in orders(pool, 9000) if o[0] == "a")

    count = seconds.total()
    expected = [count * share / 10 for share in (5, 3, 2)]
    assert chi_square([seconds[n] for n in "bcd"], expected) < CHI_SQUARE[2]


def test_random_draws_each_place_by_weight_among_those_that_are_left() -> None:
    weights = {"a": 5, "b": 3, "c": 2}

    seen = Counter(orders(pool_of(RANDOM, **weights), 10_000))

    expected = {order: 10_000 * chance(order, weights) for order in permutations("abc")}
    assert (
        chi_square([seen[order] for order in expected], list(expected.values()))
        < CHI_SQUARE[5]
    )


def chance(order: Sequence[str], weights: dict[str, int]) -> float:
    """Return how likely an order is when one after the other is drawn."""
    left = [sum(weights[n] for n in order[i:]) for i in range(len(order))]
    return prod(weights[n] / all_ for n, all_ in zip(order, left, strict=True))


def test_random_without_weights_draws_all_alike() -> None:
    seen = Counter(firsts(pool_of(RANDOM, a=1, b=1, c=1), 9000))

    assert chi_square([seen[n] for n in "abc"], [3000] * 3) < CHI_SQUARE[2]


@given(
    st.lists(st.integers(0, 5), min_size=2, max_size=6).filter(any),
    st.sampled_from([RANDOM, WEIGHTED]),
    st.integers(0, 2**32),
)
@settings(max_examples=50, deadline=None)
def test_a_member_of_weight_0_is_never_chosen(
    weights: list[int], strategy: Strategy, seed: int
) -> None:
    named = dict(zip("abcdef", weights, strict=False))
    pool = pool_of(strategy, **named)

    seen = {name for order in orders(pool, 20, seed) for name in order}

    assert seen == {name for name, weight in named.items() if weight}
    assert pool.never == {n: "its weight is 0" for n, w in named.items() if not w}


# Strategies of plugins.


def test_the_example_sends_one_message_in_a_hundred_to_the_canary_first() -> None:
    canary = run_path(str(EXAMPLE))["CANARY"]

    seen = firsts(pool_of(canary, a=1, b=1, new=1), 1000)

    assert Counter(seen) == {"a": 990, "new": 10}
    assert longest_run(seen, "a") == 99


def test_a_strangers_strategy_that_works_is_let_alone() -> None:
    failures: list[Exception] = []

    kept = guarded(ROUND_ROBIN, failures.append)

    assert firsts(pool_of(kept, a=1, b=1), 4) == ["a", "b", "a", "b"]
    assert failures == []


@pytest.mark.parametrize(
    "result",
    [None, (), ((), 1), (("stranger", "stranger"), 1), (None, 1)],
    ids=["nothing", "empty", "nobody", "strangers", "no list"],
)
def test_a_strategy_that_gives_no_order_of_the_members_changes_nothing(
    result: object,
) -> None:
    failures: list[Exception] = []
    order: Any = lambda *_: result  # noqa: E731 (short)
    broken = attrs.evolve(ROUND_ROBIN, order=order)

    kept = guarded(broken, failures.append)

    assert orders(pool_of(kept, a=1, b=1), 2) == [("a", "b"), ("a", "b")]
    assert len(failures) == 2


def test_a_strategy_that_names_one_twice_changes_nothing() -> None:
    failures: list[Exception] = []
    twice = attrs.evolve(ROUND_ROBIN, order=lambda members, *_: ([members[0]] * 2, 1))

    kept = guarded(twice, failures.append)

    assert orders(pool_of(kept, a=1, b=1), 1) == [("a", "b")]
    assert [type(failure) for failure in failures] == [ValueError]
