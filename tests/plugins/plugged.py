"""Plugins of tests, and a host to plug them into."""

from collections.abc import Callable
from types import SimpleNamespace

import pluggy

from notify_core.model.event import Event, Opened
from notify_core.plugins import hookimpl
from tests.builders import NOON

EVENT = Opened(config="0123456789ab", providers=("a",), at=NOON)

host_hookspec = pluggy.HookspecMarker("platform")
host_hookimpl = pluggy.HookimplMarker("platform")

#: Makes an importable distribution: its entry points, and the source of its module.
Install = Callable[[dict[str, str], dict[str, str]], None]


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


def both(function: Callable[..., object]) -> Callable[..., object]:
    return host_hookimpl(hookimpl(function))


def offering(offered: object) -> object:
    def notify_register_providers() -> object:
        return offered

    return SimpleNamespace(notify_register_providers=both(notify_register_providers))
