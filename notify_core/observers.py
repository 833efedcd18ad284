"""Those who are told of events: one that raises is logged and counted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar

import attrs

from notify_core.model.event import EVENT_TYPES, Event, PluginFailed

#: What an observer may raise; only Ctrl-C goes through.
_RAISED = (Exception, asyncio.CancelledError, SystemExit)
#: Where an observer's function carries the events that it takes.
_TAKEN = "notify_core_takes"

F = TypeVar("F", bound=Callable[..., Any])

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
    takes: Collection[type[Event]]

    @classmethod
    def of(cls, plugin: str, observe: Callable[[Event], None]) -> Observer:
        """Return a function as an observer of what it is marked to take, or of all."""
        return cls(plugin, observe, getattr(observe, _TAKEN, EVENT_TYPES))


class Observers:
    """The observers of one notifier, by the events that they take."""

    def __init__(self, observers: Iterable[Observer]) -> None:
        known = tuple(observers)
        self._by_event: dict[type[Event], tuple[Observer, ...]] = {
            event: tuple(o for o in known if event in o.takes) for event in EVENT_TYPES
        }

    def watch(
        self,
        name: str,
        observe: Callable[[Event], None],
        events: Collection[type[Event]],
    ) -> Callable[[], None]:
        """Have a function told of events too; return what ends that."""
        watching = Observer(name, observe, events)
        for event in events:
            self._by_event[event] += (watching,)

        def end() -> None:
            for event in events:
                left = (o for o in self._by_event[event] if o is not watching)
                self._by_event[event] = tuple(left)

        return end

    def is_observed(self, event: type[Event]) -> bool:
        """Tell whether any observer takes events of a class."""
        return bool(self._by_event[event])

    def observe(self, event: Event) -> None:
        """Tell every observer; one that raises is logged and counted."""
        for observer in self._by_event[type(event)]:
            try:
                observer.observe(event)
            except _RAISED as error:  # a guarded door: it never stops a delivery
                self._report(observer, error)

    def _report(self, failed: Observer, error: BaseException) -> None:
        # The class name only: the text of a stranger's exception may carry data.
        kind = type(error).__name__
        log.warning("plugin %s: notify_observe raised %s", failed.plugin, kind)
        told = PluginFailed(plugin=failed.plugin, hook="notify_observe", error=kind)
        for observer in self._by_event[PluginFailed]:
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
