"""The order in which the providers of a pool are tried."""

from collections import Counter
from collections.abc import Collection
from random import Random

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notify_core.routing.pool import Member, Pool
from notify_core.routing.strategies import (
    BUILT_IN,
    ORDERED,
    RANDOM,
    ROUND_ROBIN,
    WEIGHTED,
)
from notify_core.routing.strategy import Strategy
from notify_core.routing.turns import Turns, ordered_providers

NAMES = "abcdef"


def pool(name: str, strategy: Strategy, *members: str | Pool | Member) -> Pool:
    """Return a pool of providers by name, pools, and members with a weight."""
    return Pool(name=name, strategy=strategy, members=tuple(map(member, members)))


def member(given: str | Pool | Member, weight: int = 1) -> Member:
    match given:
        case str():
            return Member(name=given, weight=weight)
        case Pool():
            return Member(name=given.name, pool=given, weight=weight)
    return given


def order(
    of: Pool, eligible: Collection[str] = NAMES, turns: Turns | None = None
) -> str:
    """Return the names of an order, written together."""
    random = Random(1)  # noqa: S311 (repeatable)
    return "".join(ordered_providers(of, eligible, turns or Turns(), random))


@st.composite
def pools(draw: st.DrawFn, depth: int = 3) -> Pool:
    """Return any pool that a configuration may have."""
    strategy = draw(st.sampled_from(list(BUILT_IN.values())))
    weights = st.integers(0, 3) if strategy.weighs else st.just(1)
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1, max_size=4))
    nested = draw(st.lists(pools(depth - 1), max_size=2)) if depth > 1 else []
    inner = [attrs.evolve(p, name=f"{p.name}{i}") for i, p in enumerate(nested)]
    everybody: list[str | Pool] = [*names, *inner]
    members = [member(given, draw(weights)) for given in everybody]
    return Pool(name=f"p{depth}", strategy=strategy, members=tuple(members))


@given(pools(), st.sets(st.sampled_from(NAMES)), st.integers(0, 2**32))
@settings(max_examples=200, deadline=None)
def test_an_order_has_each_eligible_provider_that_may_be_chosen_once(
    of: Pool, eligible: set[str], seed: int
) -> None:
    turns, random = Turns(), Random(seed)  # noqa: S311 (repeatable)

    found = [ordered_providers(of, eligible, turns, random) for _ in range(4)]

    wanted = sorted(eligible.intersection(of.possible))
    assert [sorted(names) for names in found] == [wanted] * 4
    assert set(of.providers) == {*of.possible, *of.never}
    assert set(of.possible).isdisjoint(of.never)


@given(pools(), st.sets(st.sampled_from(NAMES)))
@settings(deadline=None)
def test_an_order_that_is_fixed_is_the_one_that_expanding_gives(
    of: Pool, eligible: set[str]
) -> None:
    as_written = attrs.evolve(ORDERED)
    same = with_strategy(of, as_written)

    assert with_strategy(of, ORDERED).is_fixed
    assert order(with_strategy(of, ORDERED), eligible) == order(same, eligible)


def with_strategy(of: Pool, strategy: Strategy) -> Pool:
    members = tuple(
        attrs.evolve(m, pool=with_strategy(m.pool, strategy)) if m.pool else m
        for m in of.members
    )
    return Pool(name=of.name, strategy=strategy, members=members)


def test_a_nested_pool_stands_in_its_place_whole() -> None:
    inner = Pool.of("inner", "b", "c")

    assert order(pool("outer", ORDERED, "a", inner, "d")) == "abcd"


def test_a_provider_that_is_reached_twice_keeps_its_first_place() -> None:
    inner = Pool.of("inner", "b", "a")

    assert order(pool("outer", ORDERED, "a", inner)) == "ab"
    assert order(pool("outer", ORDERED, inner, "a")) == "ba"


def test_who_has_a_place_already_takes_no_turn_of_a_later_pool() -> None:
    inner = pool("inner", ROUND_ROBIN, "a", "b", "c")
    outer, turns = pool("outer", ORDERED, "a", inner), Turns()

    assert [order(outer, turns=turns) for _ in range(4)] == ["abc", "acb", "abc", "acb"]


def test_those_that_cannot_take_the_message_are_not_seen_by_the_strategy() -> None:
    seen = []

    def watching(members, state, _, /):  # type: ignore[no-untyped-def]  # a stranger's
        seen.append([m.name for m in members])
        return members, state

    strategy = Strategy(name="watching", summary="Watches.", order=watching)
    able, idle = pool("able", strategy, "d", "e"), Pool.of("idle", "f")

    found = order(pool("outer", strategy, "a", "b", able, idle), eligible="bde")

    assert found == "bde"
    assert seen == [["b", "able"], ["d", "e"]]


def test_nobody_eligible_is_an_empty_order() -> None:
    inner = pool("inner", WEIGHTED, "a", "b")

    assert order(pool("outer", ROUND_ROBIN, inner, "c"), eligible="") == ""


def test_a_pool_of_weight_0_is_never_chosen_and_neither_are_its_providers() -> None:
    drained = member(Pool.of("drained", "a", "b"), weight=0)
    outer = pool("outer", WEIGHTED, drained, "b", "c")

    assert set(order(outer)) == {"b", "c"}
    assert outer.never == {"a": "the weight of pool 'drained' is 0"}
    assert outer.providers == ("a", "b", "c")


def test_what_is_never_chosen_within_a_pool_is_not_chosen_around_it() -> None:
    inner = pool("inner", RANDOM, member("a", 0), member("b", 1))
    outer = pool("outer", ORDERED, inner, "c")

    assert order(outer) == "bc"
    assert outer.never == {"a": "its weight is 0"}


def test_a_pool_knows_the_pools_within_it() -> None:
    deepest = Pool.of("deepest", "a")
    outer = pool("outer", ORDERED, pool("inner", ORDERED, deepest), "b")

    assert outer.pools == {"outer", "inner", "deepest"}


# Turns.


def test_pools_within_pools_do_not_keep_step() -> None:
    """Were there one turn for all places, a and c would always be first."""
    one, other = (pool(p, ROUND_ROBIN, *p) for p in ("ab", "cd"))
    outer, turns = pool("outer", WEIGHTED, one, other), Turns()

    found = [order(outer, turns=turns) for _ in range(400)]

    firsts = Counter(names[0] for names in found)
    thirds = Counter(names[2] for names in found)
    assert firsts == thirds == dict.fromkeys("abcd", 100)


def test_a_later_choice_has_its_turns_too() -> None:
    backup = pool("backup", ROUND_ROBIN, "b", "c")
    outer, turns = pool("outer", ORDERED, "a", backup), Turns()

    assert [order(outer, turns=turns) for _ in range(3)] == ["abc", "acb", "abc"]


def test_one_that_can_take_a_message_alone_takes_no_turn() -> None:
    ring, turns = pool("ring", ROUND_ROBIN, "a", "b"), Turns()

    assert order(ring, turns=turns) == "ab"
    assert order(ring, eligible="a", turns=turns) == "a"
    assert order(ring, turns=turns) == "ba"


@pytest.mark.parametrize("strategy", [ROUND_ROBIN, WEIGHTED])
def test_a_preview_shows_what_comes_and_moves_nothing(strategy: Strategy) -> None:
    ring, turns = pool("ring", strategy, "a", "b", "c"), Turns()
    order(ring, turns=turns)

    preview = turns.preview()
    shown = [order(ring, turns=preview) for _ in range(3)]
    again = [order(ring, turns=turns.preview()) for _ in range(3)]
    came = [order(ring, turns=turns) for _ in range(3)]

    assert shown == came
    assert again == [came[0]] * 3


def test_pools_that_a_reload_leaves_as_they_are_keep_their_turn() -> None:
    turns = Turns()
    order(pool("ring", ROUND_ROBIN, "a", "b"), turns=turns)

    reloaded = pool("ring", ROUND_ROBIN, "a", "b")
    turns.keep([reloaded])

    assert order(reloaded, turns=turns) == "ba"


@pytest.mark.parametrize(
    "changed",
    [
        pool("ring", ROUND_ROBIN, "a", "b", "c"),
        pool("ring", WEIGHTED, "a", "b"),
        pool("other", ROUND_ROBIN, "a", "b"),
    ],
    ids=["members", "strategy", "name"],
)
def test_a_changed_pool_begins_anew(changed: Pool) -> None:
    turns = Turns()
    order(pool("ring", ROUND_ROBIN, "a", "b"), turns=turns)

    turns.keep([changed])

    assert order(changed, turns=turns).startswith("a")


def test_weights_that_become_small_are_not_paid_for_with_what_large_ones_owed() -> None:
    turns = Turns()
    large = pool("ring", WEIGHTED, member("a", 10**6), member("b", 10**6))
    order(large, turns=turns)

    small = pool("ring", WEIGHTED, "a", "b")
    found = [order(small, turns=turns) for _ in range(4)]

    assert found == ["ab", "ba", "ab", "ba"]


def test_what_is_forgotten_begins_anew() -> None:
    ring, turns = pool("ring", ROUND_ROBIN, "a", "b"), Turns()
    order(ring, turns=turns)

    turns.keep([])

    assert order(ring, turns=turns) == "ab"
