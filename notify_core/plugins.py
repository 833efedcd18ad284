"""Finds, loads and calls plugins; the only user of pluggy."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import entry_points
from typing import Any

import attrs
import pluggy

from notify_core import hookspecs
from notify_core.errors import PluginError
from notify_core.model.event import Event, PluginFailed
from notify_core.provider import ProviderType

PROJECT = "notify_core"
PREFIX = "notify_"
#: Comma list of the entry points to load; empty for none; unset for all.
SELECTION_VARIABLE = "NOTIFY_PLUGINS"

hookimpl = pluggy.HookimplMarker(PROJECT)

log = logging.getLogger("notify_core.plugins")


@attrs.frozen
class Observer:
    """One implementation of `notify_observe`."""

    plugin: str
    observe: Callable[[Event], None]


class Plugins:
    """The plugins of one notifier: one typed method a hook.

    Args:
        host: A manager of the larger platform, asked after our own.
        extra: Plugins by name that no entry point announces: our own observers,
            a test's, an application's.

    Attributes:
        failures: Entry points that did not load, by name, with the exception.

    Raises:
        PluginError: A rule is broken that no deployment should run with: two entry
            points of one name, two provider types of one name, a misspelt hook,
            a hook wrapper.
    """

    def __init__(
        self,
        host: pluggy.PluginManager | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        self._own = pluggy.PluginManager(PROJECT)
        self._managers = (self._own,) if host is None else (self._own, host)
        self.failures: dict[str, Exception] = {}
        for manager in self._managers:
            _add_specs(manager)
        for name, plugin in (extra or {}).items():
            self._register(name, plugin)
        self._load_entry_points()
        for manager in self._managers:
            _check_hooks(manager)
        self._types = self._collect_provider_types()
        self._observers = tuple(self._collect_observers())

    @property
    def provider_types(self) -> Mapping[str, ProviderType]:
        """Every provider type on offer, by name."""
        return self._types

    def observe(self, event: Event) -> None:
        """Tell every observer; one that raises is logged and counted."""
        for observer in self._observers:
            try:
                observer.observe(event)
            except Exception as error:  # noqa: BLE001 (a guarded door: never stops a delivery)
                self._report(observer, error)

    def _report(self, failed: Observer, error: Exception) -> None:
        # The class name only: the text of a stranger's exception may carry data.
        kind = type(error).__name__
        log.warning("plugin %s: notify_observe raised %s", failed.plugin, kind)
        told = PluginFailed(plugin=failed.plugin, hook="notify_observe", error=kind)
        for observer in self._observers:
            if observer is failed:
                continue
            try:
                observer.observe(told)
            except Exception as second:  # noqa: BLE001 (as above; reported once, not in a circle)
                log.warning(
                    "plugin %s: notify_observe raised %s", observer.plugin, second
                )

    def _register(self, name: str, plugin: object) -> None:
        try:
            self._own.register(plugin, name=name)
        except (ValueError, pluggy.PluginValidationError) as error:
            raise PluginError(name, str(error)) from error

    def _load_entry_points(self) -> None:
        found = Counter(point.name for point in entry_points(group=PROJECT))
        for name, count in found.items():
            if count > 1:
                raise PluginError(name, f"{count} installed distributions offer it")
        for name in sorted(_selected(found)):
            try:
                self._own.load_setuptools_entrypoints(PROJECT, name=name)
            except Exception as error:  # noqa: BLE001 (one broken plugin must not stop the others)
                self.failures[name] = error
                log.warning("plugin %s did not load: %s", name, type(error).__name__)

    def _collect_provider_types(self) -> dict[str, ProviderType]:
        types: dict[str, ProviderType] = {}
        owners: dict[str, str] = {}
        for plugin, register in self._implementations("notify_register_providers"):
            for offered in register() or ():
                if offered.name in types:
                    other = owners[offered.name]
                    taken = (
                        f"provider type {offered.name!r} is offered by {other!r} too"
                    )
                    raise PluginError(plugin, taken)
                types[offered.name] = offered
                owners[offered.name] = plugin
        return types

    def _collect_observers(self) -> Iterator[Observer]:
        for plugin, observe in self._implementations("notify_observe", "event"):
            yield Observer(plugin, observe)

    def _implementations(
        self, hook: str, *arguments: str
    ) -> Iterator[tuple[str, Callable[..., Any]]]:
        """Yield (plugin name, callable taking *arguments*), first registered first."""
        for manager in self._managers:
            for impl in getattr(manager.hook, hook).get_hookimpls():
                yield impl.plugin_name, _taking(impl, arguments)


def _taking(impl: pluggy.HookImpl, offered: tuple[str, ...]) -> Callable[..., Any]:
    """Return the implementation as a function of all that is offered to it."""
    taken = [offered.index(name) for name in impl.argnames]
    if taken == list(range(len(offered))):
        return impl.function
    return lambda *values: impl.function(*(values[index] for index in taken))


def _selected(found: Mapping[str, int]) -> set[str]:
    value = os.environ.get(SELECTION_VARIABLE)
    if value is None:
        return set(found)
    wanted = {name.strip() for name in value.split(",")} - {""}
    for name in sorted(wanted - set(found)):
        log.warning("%s names %r, which is not installed", SELECTION_VARIABLE, name)
    return wanted & set(found)


def _add_specs(manager: pluggy.PluginManager) -> None:
    """Add our hooks to a manager of any project name, once.

    pluggy finds specifications by a mark that carries the project's name, so each
    manager needs our functions marked with its own.
    """
    if all(_has_spec(manager, name) for name in _spec_names()):
        return
    mark = pluggy.HookspecMarker(manager.project_name)
    for name in _spec_names():
        mark(getattr(hookspecs, name))
    manager.add_hookspecs(hookspecs)


def _spec_names() -> list[str]:
    return [name for name in vars(hookspecs) if name.startswith(PREFIX)]


def _has_spec(manager: pluggy.PluginManager, name: str) -> bool:
    caller = getattr(manager.hook, name, None)
    return caller is not None and caller.has_spec()


def _check_hooks(manager: pluggy.PluginManager) -> None:
    """Refuse misspelt hooks and wrappers, among the names that are ours."""
    for name, caller in vars(manager.hook).items():
        if not name.startswith(PREFIX):
            continue
        for impl in caller.get_hookimpls():
            if not caller.has_spec() and not impl.optionalhook:
                known = ", ".join(_spec_names())
                raise PluginError(
                    impl.plugin_name, f"no hook {name!r}; there are: {known}"
                )
            if impl.hookwrapper or impl.wrapper:
                raise PluginError(impl.plugin_name, f"{name}: wrappers are refused")
