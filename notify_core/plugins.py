"""Finds, loads and calls plugins."""

from __future__ import annotations

import inspect
import logging
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial, wraps
from importlib.metadata import entry_points
from typing import Any, Protocol, TypeVar

import pluggy

from notify_core.errors import PluginError
from notify_core.hooks import PREFIX, add_specs, check_hooks
from notify_core.model.event import PluginFailed
from notify_core.model.masking import masked
from notify_core.observers import Observer, Observers
from notify_core.policy.guarded import guarded_type
from notify_core.policy.policy import PolicyType
from notify_core.policy.schema import own_keys
from notify_core.provider import ProviderType
from notify_core.routing.strategies import BUILT_IN
from notify_core.routing.strategy import Strategy, guarded

PROJECT = "notify_core"
#: Comma list of the entry points to load; empty for none; unset for all.
SELECTION_VARIABLE = "NOTIFY_PLUGINS"

hookimpl = pluggy.HookimplMarker(PROJECT)


class _Named(Protocol):
    """What a plugin offers, by name."""

    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)

log = logging.getLogger("notify_core.plugins")


class Plugins:
    """The plugins of one notifier: one typed method a hook.

    Args:
        host: A manager of the larger platform, asked after our own.
        extra: Plugins by name that no entry point announces: our own observers,
            a test's, an application's.

    Attributes:
        failures: Plugins that did not load, by name, with the exception.
        offered_by: The plugin that offers a provider type, by the type's name.
        observe: Tells the observers; see `Observers`.
        is_observed: Tells whether somebody takes events of a class.
        watch: Has one more told.

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
            add_specs(manager)
        for name, plugin in (extra or {}).items():
            self._register(name, plugin)
        self._load_entry_points()
        check_hooks(self._own, prefix="")
        if host is not None:
            check_hooks(host, PREFIX)
        self._types = self._collect(
            "notify_register_providers", ProviderType, "provider type", self.offered_by
        )
        self._strategies = self._collect_strategies()
        self._policy_types = self._collect_policy_types()
        observers = Observers(self._collect_observers())
        self.observe = observers.observe
        self.is_observed = observers.is_observed
        self.watch = observers.watch

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
                yield Observer.of(plugin, observe)

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
