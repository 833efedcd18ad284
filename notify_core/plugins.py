"""Finds, loads and calls plugins; the only user of pluggy."""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial, wraps
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any, Protocol, TypeVar

import attrs
import pluggy

from notify_core import hookspecs
from notify_core.errors import PluginError
from notify_core.model.event import EVENT_TYPES, Event, PluginFailed
from notify_core.model.masking import masked
from notify_core.policy.guarded import guarded_type
from notify_core.policy.policy import PolicyType
from notify_core.policy.schema import own_keys
from notify_core.provider import ProviderType
from notify_core.routing.strategies import BUILT_IN
from notify_core.routing.strategy import Strategy, guarded

PROJECT = "notify_core"
PREFIX = "notify_"
#: Comma list of the entry points to load; empty for none; unset for all.
SELECTION_VARIABLE = "NOTIFY_PLUGINS"

hookimpl = pluggy.HookimplMarker(PROJECT)

#: What an observer may raise; only Ctrl-C goes through.
_RAISED = (Exception, asyncio.CancelledError, SystemExit)

F = TypeVar("F", bound=Callable[..., Any])


class _Named(Protocol):
    """What a plugin offers, by name."""

    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)

#: Where an observer's function carries the events that it takes.
_TAKEN = "notify_core_takes"

log = logging.getLogger("notify_core.plugins")


def takes(*events: type[Event]) -> Callable[[F], F]:
    """Mark a `notify_observe` as one that is to be told these events alone.

    An event that no observer takes is not even made.
    """

    def mark(observe: F) -> F:
        setattr(observe, _TAKEN, events)
        return observe

    return mark


@attrs.frozen
class Observer:
    """One implementation of `notify_observe`."""

    plugin: str
    observe: Callable[[Event], None]
    #: The events that it is told.
    takes: Collection[type]


class Plugins:
    """The plugins of one notifier: one typed method a hook.

    Args:
        host: A manager of the larger platform, asked after our own.
        extra: Plugins by name that no entry point announces: our own observers,
            a test's, an application's.

    Attributes:
        failures: Plugins that did not load, by name, with the exception.
        offered_by: The plugin that offers a provider type, by the type's name.

    Raises:
        PluginError: A rule is broken that no deployment should run with: two plugins
            of one name, two provider types of one name, a misspelt hook, an argument
            that a hook does not offer, a hook wrapper, a coroutine as a hook.
    """

    def __init__(
        self,
        host: pluggy.PluginManager | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        self._own = pluggy.PluginManager(PROJECT)
        self._managers = (self._own,) if host is None else (self._own, host)
        self.failures: dict[str, BaseException] = {}
        self.offered_by: dict[str, str] = {}
        for manager in self._managers:
            _add_specs(manager)
        for name, plugin in (extra or {}).items():
            self._register(name, plugin)
        self._load_entry_points()
        _check_hooks(self._own, prefix="")
        if host is not None:
            _check_hooks(host, PREFIX)
        self._types = self._collect(
            "notify_register_providers", ProviderType, "provider type", self.offered_by
        )
        self._strategies = self._collect_strategies()
        self._policy_types = self._collect_policy_types()
        observers = tuple(self._collect_observers())
        self._observers: dict[type, tuple[Observer, ...]] = {
            event: tuple(o for o in observers if event in o.takes)
            for event in EVENT_TYPES
        }

    @property
    def provider_types(self) -> Mapping[str, ProviderType]:
        """Every provider type on offer, by name."""
        return self._types

    @property
    def strategies(self) -> Mapping[str, Strategy]:
        """Every strategy on offer, the built-in ones too, by name."""
        return self._strategies

    @property
    def policy_types(self) -> Mapping[str, PolicyType]:
        """The policy types of plugins, by name."""
        return self._policy_types

    def watch(
        self,
        name: str,
        observe: Callable[[Event], None],
        events: Collection[type[Event]],
    ) -> Callable[[], None]:
        """Have a function told of events too; return what ends that."""
        watching = Observer(name, observe, events)
        for event in events:
            self._observers[event] += (watching,)

        def end() -> None:
            for event in events:
                left = (o for o in self._observers[event] if o is not watching)
                self._observers[event] = tuple(left)

        return end

    def is_observed(self, event: type[Event]) -> bool:
        """Tell whether any observer takes events of a class."""
        return bool(self._observers[event])

    def observe(self, event: Event) -> None:
        """Tell every observer; one that raises is logged and counted."""
        for observer in self._observers[type(event)]:
            try:
                observer.observe(event)
            except _RAISED as error:  # a guarded door: it never stops a delivery
                self._report(observer, error)

    def _report(self, failed: Observer, error: BaseException) -> None:
        # The class name only: the text of a stranger's exception may carry data.
        kind = type(error).__name__
        log.warning("plugin %s: notify_observe raised %s", failed.plugin, kind)
        told = PluginFailed(plugin=failed.plugin, hook="notify_observe", error=kind)
        for observer in self._observers[PluginFailed]:
            if observer is failed:
                continue
            try:
                observer.observe(told)
            except _RAISED as second:  # as above; reported once, not in a circle
                log.warning(
                    "plugin %s: notify_observe raised %s",
                    observer.plugin,
                    type(second).__name__,
                )

    def _register(self, name: str, plugin: object) -> None:
        try:
            self._own.register(plugin, name=name)
        except (ValueError, pluggy.PluginValidationError) as error:
            raise PluginError(name, str(error)) from error

    def _load_entry_points(self) -> None:
        found = Counter(point.name for point in entry_points(group=PROJECT))
        for name in sorted(_selected(found)):
            if found[name] > 1:
                offers = f"{found[name]} installed distributions offer it"
                raise PluginError(name, f"{offers}: uninstall all but one")
            if self._own.has_plugin(name):
                raise PluginError(name, "an installed distribution has this name too")
            try:
                self._own.load_setuptools_entrypoints(PROJECT, name=name)
            except (Exception, SystemExit) as error:  # noqa: BLE001 (one broken plugin must not stop the others)
                self._failed(name, error)
                continue
            self._refuse_class(name)

    def _refuse_class(self, name: str) -> None:
        """Leave out a class: its hooks would be called without an instance."""
        plugin = self._own.get_plugin(name)
        if inspect.isclass(plugin):
            self._own.unregister(plugin)
            self._failed(name, TypeError("names a class; name an instance of it"))

    def _failed(self, plugin: str, error: BaseException) -> None:
        self.failures[plugin] = error
        why = masked(" ".join(str(error).split()))
        log.warning("plugin %s did not load: %s: %s", plugin, type(error).__name__, why)

    def _collect(
        self, hook: str, kind: type[N], what: str, offered_by: dict[str, str]
    ) -> dict[str, N]:
        """Return all that a hook's implementations offer, and note who offers it."""
        found: dict[str, N] = {}
        for plugin, register in self._implementations(hook):
            for offered in self._offered(plugin, hook, register, kind):
                name = offered.name
                if name in offered_by:
                    taken = f"{what} {name!r} is offered by {offered_by[name]!r} too"
                    raise PluginError(plugin, taken)
                found[name] = offered
                offered_by[name] = plugin
        return dict(sorted(found.items()))

    def _collect_strategies(self) -> dict[str, Strategy]:
        by = dict.fromkeys(BUILT_IN, PROJECT)
        theirs = self._collect("notify_register_strategies", Strategy, "strategy", by)
        kept = {
            name: guarded(strategy, partial(self._order_failed, by[name]))
            for name, strategy in theirs.items()
        }
        return {**BUILT_IN, **kept}

    def _collect_policy_types(self) -> dict[str, PolicyType]:
        by = dict.fromkeys(own_keys(), PROJECT)
        hook, what = "notify_register_policies", "policy type"
        return {
            name: guarded_type(type_, partial(self._policy_failed, by[name]))
            for name, type_ in self._collect(hook, PolicyType, what, by).items()
        }

    def _policy_failed(self, plugin: str, error: Exception) -> None:
        kind = type(error).__name__
        log.warning("plugin %s: a policy raised %s", plugin, kind)
        self.observe(PluginFailed(plugin=plugin, hook="decide", error=kind))

    def _order_failed(self, plugin: str, error: Exception) -> None:
        kind = type(error).__name__
        log.warning("plugin %s: the order of a strategy raised %s", plugin, kind)
        self.observe(PluginFailed(plugin=plugin, hook="order", error=kind))

    def _offered(
        self,
        plugin: str,
        hook: str,
        register: Callable[[], Iterable[object] | None],
        kind: type[N],
    ) -> tuple[N, ...]:
        try:
            return tuple(_of_kind(kind, hook, offered) for offered in register() or ())
        except Exception as error:  # noqa: BLE001 (one broken plugin must not stop the others)
            self._failed(plugin, error)
            return ()

    def _collect_observers(self) -> Iterator[Observer]:
        for plugin, observe in self._implementations("notify_observe", "event"):
            if plugin not in self.failures:
                taken = getattr(observe, _TAKEN, EVENT_TYPES)
                yield Observer(plugin, observe, taken)

    def _implementations(
        self, hook: str, *arguments: str
    ) -> Iterator[tuple[str, Callable[..., Any]]]:
        """Yield (plugin name, callable taking *arguments*) in pluggy's order.

        That is: those marked `tryfirst`, then the last registered one first. A plugin
        that the host knows too is asked once.
        """
        for manager in self._managers:
            for impl in reversed(getattr(manager.hook, hook).get_hookimpls()):
                if manager is self._own or not self._own.is_registered(impl.plugin):
                    yield impl.plugin_name, _taking(impl, arguments)


def _of_kind(kind: type[N], hook: str, offered: object) -> N:
    if not isinstance(offered, kind):
        given = type(offered).__name__
        raise TypeError(f"{hook} gave a {given}, not a {kind.__name__}")
    return offered


def _taking(impl: pluggy.HookImpl, offered: tuple[str, ...]) -> Callable[..., Any]:
    """Return the implementation as a function of all that is offered to it."""
    names = (*impl.argnames, *impl.kwargnames)
    if names == offered:
        return impl.function
    taken = [(index, name) for index, name in enumerate(offered) if name in names]

    @wraps(impl.function)
    def call(*values: Any) -> Any:
        return impl.function(**{name: values[index] for index, name in taken})

    return call


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
    mark = pluggy.HookspecMarker(manager.project_name)
    for name in _spec_names():
        if _has_spec(manager, name):
            continue
        one = ModuleType(hookspecs.__name__)
        setattr(one, name, mark(getattr(hookspecs, name)))
        # What it says of those that implement it already, _check_hooks says as well.
        with suppress(pluggy.PluginValidationError):
            manager.add_hookspecs(one)


def _spec_names() -> list[str]:
    return [name for name in vars(hookspecs) if name.startswith(PREFIX)]


def _has_spec(manager: pluggy.PluginManager, name: str) -> bool:
    caller = getattr(manager.hook, name, None)
    return caller is not None and caller.has_spec()


def _check_hooks(manager: pluggy.PluginManager, prefix: str) -> None:
    """Refuse what no hook of ours can be, among the names that start with *prefix*."""
    for name, caller in vars(manager.hook).items():
        if name.startswith(prefix):
            for impl in caller.get_hookimpls():
                if fault := _fault(name, caller, impl):
                    raise PluginError(impl.plugin_name, f"{name}: {fault}")


def _fault(name: str, caller: pluggy.HookCaller, impl: pluggy.HookImpl) -> str | None:
    ours = _spec_names()
    if caller.spec is None and not impl.optionalhook:
        return f"no such hook; there are: {', '.join(ours)}"
    if caller.spec is None or name not in ours:
        return None
    if caller.spec.function is not getattr(hookspecs, name):
        return "the host has a hook of its own by this name"
    return _fault_of_form(impl, caller.spec.argnames)


def _fault_of_form(impl: pluggy.HookImpl, offered: tuple[str, ...]) -> str | None:
    if impl.hookwrapper or impl.wrapper:
        return "wrappers are refused"
    if inspect.iscoroutinefunction(impl.function):
        return "hooks are synchronous, and this one is a coroutine"
    if unknown := set(impl.argnames) - set(offered):
        return f"takes {', '.join(sorted(unknown))}, which the hook does not offer"
    return None
