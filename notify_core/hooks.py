"""Our hooks: offered to managers, and what implements them checked."""

from __future__ import annotations

import inspect
from contextlib import suppress
from types import ModuleType

import pluggy

from notify_core import hookspecs
from notify_core.errors import PluginError

#: How the names of our hooks begin.
PREFIX = "notify_"


def add_specs(manager: pluggy.PluginManager) -> None:
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
        # What it says of those that implement it already, check_hooks says as well.
        with suppress(pluggy.PluginValidationError):
            manager.add_hookspecs(one)


def _spec_names() -> list[str]:
    return [name for name in vars(hookspecs) if name.startswith(PREFIX)]


def _has_spec(manager: pluggy.PluginManager, name: str) -> bool:
    caller = getattr(manager.hook, name, None)
    return caller is not None and caller.has_spec()


def check_hooks(manager: pluggy.PluginManager, prefix: str) -> None:
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
