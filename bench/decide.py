"""The cost of deciding: check and render, route, admit and plan, without sending.

CPU microseconds a message, the least of the rounds, for trees and policy sets of
several sizes; and the CPU of one bare aiohttp request in the same run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

from bench.language import POLICIES, configuration
from bench.requirement import most
from bench.send import Send, numbers, plain, tuned
from notify_core import Message, Secret
from notify_core.clock import SystemClock
from notify_core.config import load
from notify_core.config.snapshot import Snapshot
from notify_core.dispatch.accept import accept
from notify_core.dispatch.admit import admit, needs
from notify_core.dispatch.opening import recorded
from notify_core.plugins import Plugins
from notify_core.routing.health.health import Health
from notify_core.routing.plan import Planner
from notify_core.routing.refusals import VendorRefusals
from notify_core.routing.turns import Turns

TREES = (10, 100, 1_000, 10_000)
SETS = (1, 2, 5, 7, len(POLICIES))
#: At 100 routes and 5 policies.
REQUIRED = (most("route_admit_plan_us", 25), most("params_and_text_us", 25))
_NOW = datetime(2026, 1, 1, 4, tzinfo=UTC)
_PROVIDER = {
    "type": "ihuyi",
    "settings": {"api_id": "C1", "api_key": Secret("bench"), "password": "dynamic"},
}


def _cpu(work: Callable[[], object], times: int, rounds: int) -> float:
    """Return the microseconds of CPU that one call takes."""
    least = float("inf")
    for _ in range(rounds):
        begun = time.process_time()
        for _ in range(times):
            work()
        least = min(least, time.process_time() - begun)
    return round(least / times * 1e6, 1)


def _loaded(plugins: Plugins, routes: int, policies: int) -> Snapshot:
    return load(configuration(_PROVIDER, routes, policies), plugins)


def _planner(snapshot: Snapshot) -> Planner:
    return Planner(
        snapshot=snapshot,
        health=Health(SystemClock(), lambda _: None, snapshot.providers),
        refusals=VendorRefusals(),
        turns=Turns(),
        random=Random(1),  # noqa: S311 (no secret)
    )


def _message() -> Message:
    return Message(
        to="+8613800138000",
        template="login-code",
        params={"code": "1234"},
        labels={"tenant": "other"},
    )


def _decided(snapshot: Snapshot, times: int, rounds: int) -> float:
    """Return the cost of route, admit and plan."""
    planner = _planner(snapshot)
    checked = accept(_message(), snapshot, _NOW)

    def decide() -> None:
        route = snapshot.routes.choose(checked)
        record = recorded(checked, route)
        policies = route.policy.admission
        needs(record, policies)
        admit(record, policies, _NOW)
        planner.plan(record, route, _NOW)

    return _cpu(decide, times, rounds)


def _rendered(snapshot: Snapshot, times: int, rounds: int) -> float:
    """Return the cost of checking the parameters and rendering the text."""
    template, params = snapshot.templates["login-code"], {"code": "1234"}

    def render() -> None:
        template.params.problems(params)
        template.render(params, None)

    return _cpu(render, times, rounds)


def run(times: int, rounds: int) -> dict[str, Any]:
    """Measure every size and return the figures."""
    plugins = Plugins()
    usual = _loaded(plugins, 100, 5)
    accepted = _message()
    return {
        "routes": {
            str(n): _decided(_loaded(plugins, n, 5), times, rounds) for n in TREES
        },
        "policies": {
            str(n): _decided(_loaded(plugins, 100, n), times, rounds) for n in SETS
        },
        "route_admit_plan_us": _decided(usual, times, rounds),
        "params_and_text_us": _rendered(usual, times, rounds),
        "accept_us": _cpu(lambda: accept(accepted, usual, _NOW), times, rounds),
    }


async def bare(base: str, times: int, rounds: int) -> dict[str, float]:
    """Return the CPU microseconds of one request of each bare loop."""
    async with plain(base) as one, tuned(base) as other:
        return {
            "plain": await _request(one, times, rounds),
            "tuned": await _request(other, times, rounds),
        }


async def _request(send: Send, times: int, rounds: int) -> float:
    mobiles = numbers()
    least = float("inf")
    for _ in range(rounds):
        begun = time.process_time()
        for _ in range(times):
            await send(next(mobiles))
        least = min(least, time.process_time() - begun)
    return round(least / times * 1e6, 1)


def lines(figures: dict[str, Any]) -> Iterator[str]:
    """Say the figures for people."""
    for name in ("routes", "policies"):
        for many, cost in figures[name].items():
            per_second = round(1e6 / cost)
            yield f"{many:>6} {name:<9}{cost:>7} µs{per_second:>9} decisions/s"
    for name, cost in figures["bare_us"].items():
        yield f"bare {name} request: {cost} µs"
