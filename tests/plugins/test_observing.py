"""Observers: who is told, in which order, with which arguments."""

import asyncio
import logging
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from notify_core.model.event import Event, PluginFailed
from notify_core.observers import takes
from notify_core.plugins import Plugins, hookimpl
from tests.plugins.plugged import EVENT, Failing, Watcher, platform

# Observing.


def test_every_observer_is_told() -> None:
    first, second = Watcher(), Watcher()

    Plugins(platform(second), extra={"first": first}).observe(EVENT)

    assert first.seen == second.seen == [EVENT]


@pytest.mark.parametrize(
    "marks",
    [(takes(PluginFailed), hookimpl), (hookimpl, takes(PluginFailed))],
    ids=["below", "above"],
)
def test_an_observer_is_told_the_events_that_it_takes_alone(
    marks: tuple[Callable[[Any], Any], ...],
) -> None:
    seen: list[Event] = []

    def notify_observe(event: Event) -> None:
        seen.append(event)

    for mark in marks:
        notify_observe = mark(notify_observe)
    plugins = Plugins(extra={"some": SimpleNamespace(notify_observe=notify_observe)})
    failed = PluginFailed(plugin="p", hook="h", error="E")

    for event in (EVENT, failed):
        plugins.observe(event)

    assert seen == [failed]
    assert plugins.is_observed(PluginFailed)
    assert not plugins.is_observed(type(EVENT))


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
