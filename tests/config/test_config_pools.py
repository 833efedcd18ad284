"""Pools and rates as they are configured."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from notify_core import hookimpl
from notify_core.config import check, composed_schema, load
from notify_core.config.snapshot import Snapshot
from notify_core.errors import Problem
from notify_core.model.rate import Rate
from notify_core.plugins import Plugins
from notify_core.provider import ProviderType
from notify_core.routing.pool import Member, Pool
from notify_core.routing.strategies import BUILT_IN, ORDERED, RANDOM, WEIGHTED
from notify_core.routing.strategy import Strategy
from tests.config.bench import PLAIN

BACKWARDS = Strategy(
    name="backwards",
    summary="Backwards.",
    order=lambda members, *_: (members[::-1], None),
)


class Offering:
    """A plugin with a provider type and a strategy."""

    @hookimpl
    def notify_register_providers(self) -> list[ProviderType]:
        return [PLAIN]

    @hookimpl
    def notify_register_strategies(self) -> list[Strategy]:
        return [BACKWARDS]


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> Plugins:
    """One provider type, and one strategy beside the built-in ones."""
    monkeypatch.setenv("NOTIFY_PLUGINS", "")
    return Plugins(extra={"mine": Offering()})


def content(pools: dict[str, Any], **provider: Any) -> dict[str, Any]:
    """Return a configuration whose one route has the first of these pools."""
    providers = {name: {"type": "plain", **provider} for name in ("a", "b", "c")}
    first = next(iter(pools), "a")
    return {
        "version": 1,
        "providers": providers,
        "pools": pools,
        "routes": {"pool": first},
    }


def pool(plugins: Plugins, pools: dict[str, Any]) -> Pool:
    return load(content(pools), plugins).pools[next(iter(pools))]


def errors(plugins: Plugins, pools: dict[str, Any]) -> tuple[Problem, ...]:
    return check(content(pools), plugins).errors


# What is compiled.


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_pool_has_its_strategy(plugins: Plugins, name: str) -> None:
    found = pool(plugins, {"main": {"strategy": name, "members": ["b", "a"]}})

    assert found.strategy is BUILT_IN[name]
    assert found.providers == ("b", "a")


def test_a_pool_without_a_strategy_is_ordered(plugins: Plugins) -> None:
    assert pool(plugins, {"main": {"members": ["b", "a"]}}) == Pool.of("main", "b", "a")


def test_members_have_their_weights_and_1_without(plugins: Plugins) -> None:
    members = ["a", {"use": "b"}, {"use": "c", "weight": 20.0}]

    found = pool(plugins, {"main": {"strategy": "weighted", "members": members}})

    assert [(m.name, m.weight) for m in found.members] == [
        ("a", 1),
        ("b", 1),
        ("c", 20),
    ]


def test_pools_stand_in_pools_whichever_is_written_first(plugins: Plugins) -> None:
    inner = {"strategy": "random", "members": [{"use": "b", "weight": 3}, "c"]}
    outer = {"members": ["a", {"use": "inner"}]}

    found = pool(plugins, {"outer": outer, "inner": inner})

    nested = Pool(
        name="inner",
        strategy=RANDOM,
        members=(Member(name="b", weight=3), Member(name="c")),
    )
    members = (Member(name="a"), Member(name="inner", pool=nested))
    assert found == Pool(name="outer", strategy=ORDERED, members=members)


def test_every_provider_is_a_pool_of_one_too(plugins: Plugins) -> None:
    snapshot = load(content({"main": {"members": ["a"]}}), plugins)

    assert list(snapshot.pools) == ["a", "b", "c", "main"]
    assert snapshot.pools["b"] == Pool.of("b", "b")


def test_a_weight_of_0_takes_a_provider_out(plugins: Plugins) -> None:
    members = ["a", {"use": "b", "weight": 0}]

    found = pool(plugins, {"main": {"strategy": "weighted", "members": members}})

    assert found.strategy is WEIGHTED
    assert found.possible == ("a",)
    assert found.never == {"b": "its weight is 0"}


# Strategies of plugins.


def test_a_plugins_strategy_is_written_like_the_built_in_ones(plugins: Plugins) -> None:
    written = {"main": {"strategy": "backwards", "members": ["a", "b"]}}

    assert pool(plugins, written).strategy is plugins.strategies["backwards"]
    assert Draft202012Validator(composed_schema(plugins)).is_valid(content(written))


def test_a_misspelt_strategy_is_told_the_nearest(plugins: Plugins) -> None:
    written = {"main": {"strategy": "backward", "members": ["a"]}}

    [problem] = errors(plugins, written)

    assert problem.pointer == "/pools/main/strategy"
    assert problem.message == ("'backward' is no strategy; did you mean 'backwards'?")
    assert not Draft202012Validator(composed_schema(plugins)).is_valid(content(written))


# Pools within pools.


def chain(length: int) -> dict[str, Any]:
    pools = {f"p{n}": {"members": [f"p{n + 1}", "a"]} for n in range(length - 1)}
    return {**pools, f"p{length - 1}": {"members": ["b"]}}


def test_pools_may_stand_within_each_other_ten_deep(plugins: Plugins) -> None:
    assert pool(plugins, chain(10)).providers == ("b", "a")


@pytest.mark.parametrize("length", [11, 2000])
def test_a_deeper_nesting_is_refused_once(plugins: Plugins, length: int) -> None:
    [problem] = errors(plugins, chain(length))

    assert problem.pointer == f"/pools/p{length - 11}"
    assert problem.message == "has pools within pools more than 10 levels deep"


def test_every_circle_is_shown(plugins: Plugins) -> None:
    pools = {
        "one": {"members": ["two", "a"]},
        "two": {"members": ["a", {"use": "one"}]},
        "self": {"members": ["self"]},
        "leads": {"members": ["one"]},
    }

    found = errors(plugins, pools)

    assert [str(problem) for problem in found] == [
        "pools.self.members.0 'self' closes a circle of pools: self → self",
        "pools.two.members.1.use 'one' closes a circle of pools: one → two → one",
    ]


def test_a_long_circle_is_shortened(plugins: Plugins) -> None:
    pools = {f"p{n}": {"members": [f"p{(n + 1) % 500}"]} for n in range(500)}

    found = errors(plugins, pools)

    circle = "p0 → p1 → p2 → p3 → p4 → p5 → … → p496 → p497 → p498 → p499 → p0"
    assert f"'p0' closes a circle of pools: {circle}" in [p.message for p in found]


# Rates.


@pytest.mark.parametrize("written", ["50/s", "300/m", "1000/h"])
def test_a_provider_has_its_max_rate(plugins: Plugins, written: str) -> None:
    snapshot: Snapshot = load(content({}, max_rate=written), plugins)

    assert snapshot.providers["a"].max_rate == Rate.parse(written)


def test_a_provider_without_max_rate_has_none(plugins: Plugins) -> None:
    assert load(content({}), plugins).providers["a"].max_rate is None
