"""What plugins offer: provider types, policy types, strategies."""

from random import Random
from types import SimpleNamespace
from typing import NoReturn

import pytest

from notify_core.errors import PluginError
from notify_core.model.event import PluginFailed
from notify_core.plugins import PROJECT, Plugins, hookimpl
from notify_core.policy.policy import PolicyType
from notify_core.provider import ProviderType
from notify_core.routing.pool import Member, Pool
from notify_core.routing.strategies import BUILT_IN
from notify_core.routing.strategy import Strategy
from notify_core.routing.turns import Turns, ordered_providers
from notify_core.testing import FakeVendor
from tests.plugins.plugged import EVENT, Watcher, offering, platform

# Policies.


def test_policy_types_of_plugins_are_offered_by_name() -> None:
    days = PolicyType(name="days", summary="Days.", schema={}, compile=_no_policy)

    @hookimpl
    def notify_register_policies() -> list[PolicyType]:
        return [days]

    mine = SimpleNamespace(notify_register_policies=notify_register_policies)
    plugins = Plugins(extra={"mine": mine})

    assert plugins.policy_types["days"].summary == "Days."
    assert Plugins().policy_types == {}


def _no_policy(*_: object) -> NoReturn:
    raise AssertionError("no configuration names it")


# Strategies.


def offering_strategies(*offered: object) -> object:
    @hookimpl
    def notify_register_strategies() -> list[object]:
        return list(offered)

    return SimpleNamespace(notify_register_strategies=notify_register_strategies)


def reversing(name: str) -> Strategy:
    return Strategy(
        name=name, summary="Backwards.", order=lambda members, *_: (members[::-1], None)
    )


def failing(name: str) -> Strategy:
    def order(*_: object) -> NoReturn:
        raise ValueError("+8613800138000")

    return Strategy(name=name, summary="Raises.", order=order)


def ordered_by(plugins: Plugins, strategy: str) -> tuple[str, ...]:
    members = tuple(Member(name=name) for name in "abc")
    pool = Pool(name="p", strategy=plugins.strategies[strategy], members=members)
    return ordered_providers(pool, "abc", Turns(), Random(1))  # noqa: S311 (repeatable)


def test_strategies_of_plugins_stand_beside_the_built_in_ones() -> None:
    plugins = Plugins(extra={"mine": offering_strategies(reversing("backwards"))})

    assert {"ordered", "weighted", "backwards"} < set(plugins.strategies)
    assert ordered_by(plugins, "backwards") == ("c", "b", "a")


def test_without_plugins_there_are_the_built_in_strategies() -> None:
    assert Plugins().strategies == BUILT_IN


@pytest.mark.parametrize(("name", "other"), [("weighted", PROJECT), ("own", "first")])
def test_two_strategies_of_one_name_are_refused_and_both_named(
    name: str, other: str
) -> None:
    two = {
        "first": offering_strategies(reversing("own")),
        "mine": offering_strategies(reversing(name)),
    }

    with pytest.raises(PluginError, match=f"strategy {name!r} is offered by") as caught:
        Plugins(extra=dict(reversed(two.items())))

    assert "'mine'" in str(caught.value)
    assert repr(other) in str(caught.value)


def test_a_plugin_that_offers_something_else_as_a_strategy_is_reported() -> None:
    plugins = Plugins(extra={"odd": offering_strategies("reversed")})

    assert str(plugins.failures["odd"]) == (
        "notify_register_strategies gave a str, not a Strategy"
    )


def test_a_strategy_that_raises_is_reported_and_loses_no_message(
    caplog: pytest.LogCaptureFixture,
) -> None:
    watcher = Watcher()
    offers = offering_strategies(failing("broken"))
    plugins = Plugins(extra={"mine": offers, "watcher": watcher})

    found = ordered_by(plugins, "broken")

    assert found == ("a", "b", "c")
    assert watcher.seen == [
        PluginFailed(plugin="mine", hook="order", error="ValueError")
    ]
    assert "plugin mine: the order of a strategy raised ValueError" in caplog.text
    assert "138001" not in caplog.text


# Provider types.


def test_two_plugins_with_one_provider_type_are_refused_and_both_named() -> None:
    two = {"first": FakeVendor("same"), "second": FakeVendor("same")}

    with pytest.raises(PluginError, match=r"'same'") as caught:
        Plugins(extra=two)

    assert "'first'" in str(caught.value)
    assert "'second'" in str(caught.value)


def test_a_host_and_an_entry_point_cannot_offer_one_provider_type() -> None:
    vendor = FakeVendor("same")
    guest = offering([vendor.type])

    with pytest.raises(PluginError, match=r"plugin 'guest0'.*'mine'"):
        Plugins(platform(guest), extra={"mine": vendor})


def test_provider_types_are_listed_by_name() -> None:
    extra = {name: FakeVendor(name) for name in ("beta", "alpha", "gamma")}

    assert list(Plugins(extra=extra).provider_types) == ["alpha", "beta", "gamma"]


def test_a_plugin_may_offer_no_provider_type() -> None:
    assert Plugins(extra={"none": offering(None)}).provider_types == {}


@pytest.mark.parametrize(
    "offered", [["a name"], 7, [FakeVendor]], ids=["names", "a number", "classes"]
)
def test_a_plugin_that_offers_something_else_is_left_out_and_reported(
    offered: object,
) -> None:
    plugins = Plugins(extra={"odd": offering(offered), "good": FakeVendor()})

    assert list(plugins.provider_types) == ["fake"]
    assert isinstance(plugins.failures["odd"], TypeError)


def test_a_plugin_that_raises_while_registering_is_left_out_with_all_its_hooks() -> (
    None
):
    class HalfBroken(Watcher):
        @hookimpl
        def notify_register_providers(self) -> list[ProviderType]:
            raise LookupError("no such file")

    broken = HalfBroken()

    plugins = Plugins(extra={"broken": broken, "good": FakeVendor()})

    assert list(plugins.provider_types) == ["fake"]
    assert isinstance(plugins.failures["broken"], LookupError)
    plugins.observe(EVENT)
    assert broken.seen == []
