"""Plugins that no deployment should run with."""

from collections.abc import Callable, Iterable
from types import SimpleNamespace

import pytest

from notify_core.errors import PluginError
from notify_core.model.event import Event
from notify_core.plugins import Plugins, hookimpl
from tests.plugins.plugged import Watcher, both, host_hookimpl, platform

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
