"""Plugins: found by entry point, given by an application, or living in a host."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, NoReturn

import attrs
import pluggy
import pytest

from notify_core.errors import PluginError
from notify_core.model.event import Event, Opened, PluginFailed
from notify_core.plugins import PROJECT, SELECTION_VARIABLE, Plugins, hookimpl
from notify_core.policy.policy import PolicyType
from notify_core.provider import ProviderType
from notify_core.routing.pool import Member, Pool
from notify_core.routing.strategies import BUILT_IN
from notify_core.routing.strategy import Strategy
from notify_core.routing.turns import Turns, ordered_providers
from notify_core.testing import FakeVendor
from tests.builders import NOON

EVENT = Opened(config="0123456789ab", providers=("a",), at=NOON)

host_hookspec = pluggy.HookspecMarker("platform")
host_hookimpl = pluggy.HookimplMarker("platform")

#: Makes an importable distribution: its entry points, and the source of its module.
Install = Callable[[dict[str, str], dict[str, str]], None]


@pytest.fixture(autouse=True)
def none_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Load no entry point unless a test asks for some by name."""
    monkeypatch.setenv(SELECTION_VARIABLE, "")


@pytest.fixture
def select(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda names: monkeypatch.setenv(SELECTION_VARIABLE, names)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put distributions on the path, each offering one module under one name."""
    monkeypatch.syspath_prepend(tmp_path)

    def install(points: dict[str, str], modules: dict[str, str]) -> None:
        for distribution, name in points.items():
            module = distribution.replace("-", "_")
            (tmp_path / f"{module}.py").write_text(modules[distribution])
            info = tmp_path / f"{module}-1.dist-info"
            info.mkdir()
            (info / "METADATA").write_text(f"Name: {distribution}\nVersion: 1\n")
            text = f"[{PROJECT}]\n{name} = {module}\n"
            (info / "entry_points.txt").write_text(text)

    return install


OBSERVING = """
from notify_core.plugins import hookimpl
seen = []

@hookimpl
def notify_observe(event):
    seen.append(event)
"""
BROKEN = "raise ImportError('this plugin needs a library that is not there')"


class Watcher:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.seen: list[Event] = []

    @hookimpl
    @host_hookimpl
    def notify_observe(self, event: Event) -> None:
        self.seen.append(event)


class Failing:
    """An observer that raises, with data in the text."""

    @hookimpl
    @host_hookimpl
    def notify_observe(self, event: Event) -> None:
        raise ValueError("+8613800138000")


def platform(*plugins: object) -> pluggy.PluginManager:
    """Make a host's manager, with a hook of its own and these plugins."""

    class Specs:
        @host_hookspec
        def platform_start(self, when: str) -> None: ...

    manager = pluggy.PluginManager("platform")
    manager.add_hookspecs(Specs)
    for index, plugin in enumerate(plugins):
        manager.register(plugin, name=f"guest{index}")
    return manager


# Entry points.


def test_a_strangers_provider_comes_through_the_entry_points(
    install: Install, select: Callable[[str], None]
) -> None:
    install(
        {"stranger-dist": "stranger"},
        {
            "stranger-dist": """
from notify_core.plugins import hookimpl
from notify_core.testing import FakeVendor

@hookimpl
def notify_register_providers():
    return [FakeVendor("strange").type]
"""
        },
    )
    select("stranger")

    plugins = Plugins()

    assert list(plugins.provider_types) == ["strange"]


def test_one_broken_plugin_does_not_stop_the_others(
    install: Install, select: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    install(
        {"broken-a": "aa_broken", "watching-b": "bb_watching"},
        {"broken-a": BROKEN, "watching-b": OBSERVING},
    )
    select("aa_broken, bb_watching")

    plugins = Plugins()

    assert list(plugins.failures) == ["aa_broken"]
    assert isinstance(plugins.failures["aa_broken"], ImportError)
    assert (
        "plugin aa_broken did not load: ImportError: this plugin needs" in caplog.text
    )
    plugins.observe(EVENT)
    assert import_module("watching_b").seen == [EVENT]


def test_a_plugin_that_takes_what_the_hook_does_not_offer_is_refused_whole(
    install: Install, select: Callable[[str], None]
) -> None:
    install(
        {"half-right": "half"},
        {
            "half-right": OBSERVING
            + """
@hookimpl
def notify_register_providers(registry):
    return []
"""
        },
    )
    select("half")

    plugins = Plugins()

    assert isinstance(plugins.failures["half"], pluggy.PluginValidationError)
    plugins.observe(EVENT)
    assert import_module("half_right").seen == []


def test_two_distributions_with_one_entry_point_name_are_refused(
    install: Install, select: Callable[[str], None]
) -> None:
    install(
        {"first-dist": "twin", "second-dist": "twin"},
        {"first-dist": OBSERVING, "second-dist": OBSERVING},
    )
    select("twin")

    with pytest.raises(PluginError, match="plugin 'twin': 2 installed distributions"):
        Plugins()


def test_a_distribution_and_a_given_plugin_of_one_name_are_refused(
    install: Install, select: Callable[[str], None]
) -> None:
    install({"metrics-dist": "metrics"}, {"metrics-dist": OBSERVING})
    select("metrics")

    with pytest.raises(PluginError, match=r"plugin 'metrics'.*has this name too"):
        Plugins(extra={"metrics": Watcher()})


@pytest.mark.parametrize(
    ("selection", "loaded"),
    [
        # Unset: all of them, with whatever else is installed.
        (None, {"one", "two"}),
        # A comma list, to bisect.
        ("one", {"one"}),
        (" two , one ,", {"one", "two"}),
        # Empty: none.
        ("", set()),
    ],
)
def test_the_environment_selects_entry_points(
    selection: str | None,
    loaded: set[str],
    install: Install,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offering = """
from notify_core.plugins import hookimpl
from notify_core.testing import FakeVendor

@hookimpl
def notify_register_providers():
    return [FakeVendor({name!r}).type]
"""
    install(
        {"dist-one": "one", "dist-two": "two"},
        {
            "dist-one": offering.format(name="one"),
            "dist-two": offering.format(name="two"),
        },
    )
    if selection is None:
        monkeypatch.delenv(SELECTION_VARIABLE)
    else:
        monkeypatch.setenv(SELECTION_VARIABLE, selection)

    types = set(Plugins().provider_types)

    assert types & {"one", "two"} == loaded
    assert selection is None or types == loaded


def test_a_selected_name_that_is_not_installed_is_logged(
    select: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    select("nobody")

    Plugins()

    assert "NOTIFY_PLUGINS names 'nobody', which is not installed" in caplog.text


def test_a_twin_that_is_not_selected_does_not_stop_the_search(
    install: Install, select: Callable[[str], None]
) -> None:
    install(
        {"first-dist": "twin", "second-dist": "twin"},
        {"first-dist": OBSERVING, "second-dist": OBSERVING},
    )
    select("")

    assert Plugins().failures == {}


# What every plugin is refused for, in our manager and in a host's.


def misspelt() -> object:
    def notify_obsrve(event: Event) -> None: ...

    return SimpleNamespace(notify_obsrve=both(notify_obsrve))


def wrapping() -> object:
    def notify_observe(event: Event) -> Iterable[None]:
        yield

    return SimpleNamespace(
        notify_observe=host_hookimpl(wrapper=True)(
            hookimpl(wrapper=True)(notify_observe)
        )
    )


def old_wrapping() -> object:
    def notify_observe(event: Event) -> Iterable[None]:
        yield

    return SimpleNamespace(
        notify_observe=host_hookimpl(hookwrapper=True)(
            hookimpl(hookwrapper=True)(notify_observe)
        )
    )


def waiting() -> object:
    async def notify_observe(event: Event) -> None: ...

    return SimpleNamespace(notify_observe=both(notify_observe))


def asking_too_much() -> object:
    def notify_observe(event: Event, message: object) -> None: ...

    return SimpleNamespace(notify_observe=both(notify_observe))


def both(function: Callable[..., object]) -> Callable[..., object]:
    return host_hookimpl(hookimpl(function))


REFUSED = [
    (misspelt, "notify_obsrve.*there are: notify_register_providers, .*notify_observe"),
    (wrapping, "wrappers are refused"),
    (old_wrapping, "wrappers are refused"),
    (waiting, "synchronous"),
    (asking_too_much, "message"),
]


@pytest.mark.parametrize(("plugin", "why"), REFUSED)
def test_a_given_plugin_that_no_deployment_should_run_with_is_refused(
    plugin: Callable[[], object], why: str
) -> None:
    with pytest.raises(PluginError, match=f"(?s)plugin 'mine'.*{why}"):
        Plugins(extra={"mine": plugin()})


@pytest.mark.parametrize(("plugin", "why"), REFUSED)
def test_a_hosts_plugin_that_no_deployment_should_run_with_is_refused(
    plugin: Callable[[], object], why: str
) -> None:
    host = platform(plugin())

    for _ in range(2):  # the second time finds the host half prepared
        with pytest.raises(PluginError, match=f"(?s)plugin 'guest0'.*{why}"):
            Plugins(host)


def test_a_typing_error_in_the_prefix_is_found_too() -> None:
    def notfy_observe(event: Event) -> None: ...

    with pytest.raises(PluginError, match="notfy_observe: no such hook"):
        Plugins(extra={"mine": SimpleNamespace(notfy_observe=hookimpl(notfy_observe))})


def test_a_hook_marked_optional_may_be_unknown() -> None:
    def notify_in_a_later_version() -> None: ...

    later = hookimpl(optionalhook=True)(notify_in_a_later_version)

    Plugins(extra={"mine": SimpleNamespace(notify_in_a_later_version=later)})


def test_one_object_under_two_names_is_refused() -> None:
    watcher = Watcher()

    with pytest.raises(PluginError, match="plugin 'b'"):
        Plugins(extra={"a": watcher, "b": watcher})


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


def offering(offered: object) -> object:
    def notify_register_providers() -> object:
        return offered

    return SimpleNamespace(notify_register_providers=both(notify_register_providers))


# Observing.


def test_every_observer_is_told() -> None:
    first, second = Watcher(), Watcher()

    Plugins(platform(second), extra={"first": first}).observe(EVENT)

    assert first.seen == second.seen == [EVENT]


def test_an_observer_that_raises_is_logged_and_counted_and_stops_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    before, after = Watcher(), Watcher()
    extra = {"before": before, "failing": Failing(), "after": after}

    Plugins(extra=extra).observe(EVENT)

    failed = PluginFailed(plugin="failing", hook="notify_observe", error="ValueError")
    for watcher in (before, after):
        assert sorted(watcher.seen, key=repr) == sorted([EVENT, failed], key=repr)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "plugin failing: notify_observe raised ValueError" in caplog.text
    assert "13800138000" not in caplog.text


def test_observers_that_all_raise_do_not_tell_each_other_for_ever(
    caplog: pytest.LogCaptureFixture,
) -> None:
    Plugins(extra={"a": Failing(), "b": Failing()}).observe(EVENT)

    assert len(caplog.records) == 4
    assert "13800138000" not in caplog.text


def test_an_implementation_is_called_with_the_arguments_it_takes() -> None:
    called: list[object] = []

    def nothing() -> None:
        called.append("nothing")

    def with_default(event: Event | None = None) -> None:
        called.append(event)

    Plugins(
        extra={
            "nothing": SimpleNamespace(notify_observe=hookimpl(nothing)),
            "default": SimpleNamespace(notify_observe=hookimpl(with_default)),
        }
    ).observe(EVENT)

    assert called == [EVENT, "nothing"]


def test_an_implementation_may_have_another_name_than_its_hook() -> None:
    seen: list[Event] = []

    class Named:
        @hookimpl(specname="notify_observe")
        def write_down(self, event: Event) -> None:
            seen.append(event)

    Plugins(extra={"named": Named()}).observe(EVENT)

    assert seen == [EVENT]


def test_plugins_are_asked_in_the_order_that_pluggy_documents() -> None:
    told: list[str] = []

    def observer(name: str, mark: Callable[..., Any] = hookimpl) -> object:
        def notify_observe() -> None:
            told.append(name)

        return SimpleNamespace(notify_observe=mark(notify_observe))

    Plugins(
        extra={
            "first": observer("first"),
            "early": observer("early", hookimpl(tryfirst=True)),
            "late": observer("late", hookimpl(trylast=True)),
            "last": observer("last"),
        }
    ).observe(EVENT)

    assert told == ["early", "last", "first", "late"]


# A host's manager of another project name.


def test_a_hosts_plugins_answer_with_the_hosts_own_mark() -> None:
    vendor = FakeVendor("hosted")

    plugins = Plugins(platform(offering([vendor.type])))

    assert list(plugins.provider_types) == ["hosted"]


def test_ours_are_asked_before_the_hosts() -> None:
    told: list[str] = []

    def observer(name: str) -> object:
        def notify_observe(event: Event) -> None:
            told.append(name)

        return SimpleNamespace(notify_observe=both(notify_observe))

    Plugins(platform(observer("host")), extra={"ours": observer("ours")}).observe(EVENT)

    assert told == ["ours", "host"]


def test_two_notifiers_join_one_host() -> None:
    watcher = Watcher()
    host = platform(watcher)

    first, second = Plugins(host), Plugins(host)
    first.observe(EVENT)
    second.observe(attrs.evolve(EVENT, config="second"))

    assert watcher.seen == [EVENT, attrs.evolve(EVENT, config="second")]


def test_a_plugin_that_both_managers_know_is_asked_once() -> None:
    watcher = Watcher()

    Plugins(platform(watcher), extra={"same": watcher}).observe(EVENT)

    assert watcher.seen == [EVENT]


def test_a_host_may_have_our_own_project_name() -> None:
    watcher = Watcher()
    host = pluggy.PluginManager(PROJECT)
    host.register(watcher)

    Plugins(host).observe(EVENT)

    assert watcher.seen == [EVENT]


def test_the_hosts_own_hooks_are_none_of_our_business() -> None:
    class Own:
        @host_hookimpl(wrapper=True)
        def platform_start(self, when: str) -> Iterable[None]:
            yield

        @host_hookimpl
        def platform_strat(self) -> None: ...

    Plugins(platform(Own()))


def test_a_hosts_own_hook_may_start_with_our_prefix() -> None:
    class Specs:
        @host_hookspec
        def notify_users(self, text: str) -> None: ...

    class Own:
        @host_hookimpl(wrapper=True)
        def notify_users(self, text: str) -> Iterable[None]:
            yield

    host = platform()
    host.add_hookspecs(Specs)
    host.register(Own())

    Plugins(host)


def test_a_hosts_own_hook_of_our_very_name_is_refused() -> None:
    class Specs:
        @host_hookspec
        def notify_observe(self, event: str) -> None: ...

    host = platform()
    host.add_hookspecs(Specs)
    host.register(Watcher(), name="guest")

    with pytest.raises(PluginError, match=r"plugin 'guest'.*a hook of its own"):
        Plugins(host)


def test_the_hosts_manager_keeps_its_own_hooks_working() -> None:
    started: list[str] = []

    class Own:
        @host_hookimpl
        def platform_start(self, when: str) -> None:
            started.append(when)

    host = platform(Own())
    Plugins(host)

    host.hook.platform_start(when="now")

    assert started == ["now"]


@pytest.mark.parametrize("raised", [asyncio.CancelledError, SystemExit])
def test_an_observer_that_wants_everything_to_end_ends_nothing(
    raised: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    @hookimpl
    def notify_observe(event: Event) -> None:
        raise raised

    plugin = SimpleNamespace(notify_observe=notify_observe)

    Plugins(extra={"ender": plugin}).observe(EVENT)

    assert f"ender: notify_observe raised {raised.__name__}" in caplog.text


def test_a_plugin_that_ends_the_program_at_import_is_left_out(
    install: Install, select: Callable[[str], None]
) -> None:
    install({"leaving": "leaving"}, {"leaving": "import sys; sys.exit(3)"})
    select("leaving")

    assert isinstance(Plugins().failures["leaving"], SystemExit)


def test_a_class_in_the_place_of_a_plugin_is_left_out(
    monkeypatch: pytest.MonkeyPatch, select: Callable[[str], None], tmp_path: Path
) -> None:
    source = "from notify_core.plugins import hookimpl\n\n\nclass Watcher:\n"
    source += "    @hookimpl\n    def notify_observe(self, event):\n        pass\n"
    (tmp_path / "classy.py").write_text(source)
    info = tmp_path / "classy-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: classy\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[{PROJECT}]\nclassy = classy:Watcher\n")
    monkeypatch.syspath_prepend(tmp_path)
    select("classy")

    plugins = Plugins()

    assert "name an instance of it" in str(plugins.failures["classy"])
    plugins.observe(EVENT)
