"""Plugins that live in a larger platform's manager."""

from collections.abc import Iterable
from types import SimpleNamespace

import attrs
import pluggy
import pytest

from notify_core.errors import PluginError
from notify_core.model.event import Event
from notify_core.plugins import PROJECT, Plugins
from notify_core.testing import FakeVendor
from tests.plugins.plugged import (
    EVENT,
    Watcher,
    both,
    host_hookimpl,
    host_hookspec,
    offering,
    platform,
)

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
