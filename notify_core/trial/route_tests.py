"""Runs the tests that a configuration has of itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs

from notify_core.aside import breathe
from notify_core.config.snapshot import Snapshot
from notify_core.errors import IdempotencyConflict, InvalidMessage, Problem
from notify_core.model.message import Message
from notify_core.model.outcome import Reason
from notify_core.model.route_test import RouteTest
from notify_core.outbox.record import Record
from notify_core.trial.explain import explain
from notify_core.trial.explanation import Explanation
from notify_core.trial.failure import Difference, Failure
from notify_core.trial.stage import Stage


def failures(snapshot: Snapshot) -> list[Failure]:
    """Run the tests of a configuration, and return those that did not come true.

    It has an event loop of its own: a program with a running one calls it on another
    thread, or awaits `failure` for each test.
    """

    async def run() -> list[Failure]:
        found: list[Failure] = []
        for test in snapshot.tests:
            breathe()
            failed = await failure(test, snapshot)
            found += [] if failed is None else [failed]
        return found

    return asyncio.run(run()) if snapshot.tests else []


async def failure(test: RouteTest, snapshot: Snapshot) -> Failure | None:
    """Run one test; None when it came true."""
    end = await _end(test, snapshot)
    differences = tuple(_differences(test.expected, end))
    if not differences:
        return None
    return Failure(
        test=test.name,
        problem=attrs.evolve(test.place, message=_told(test, differences)),
        differences=differences,
        result=None if end.record is None else end.record.result(),
        explanation=await _way(test, snapshot),
    )


def _told(test: RouteTest, differences: tuple[Difference, ...]) -> str:
    return f"{test.name}: {'; '.join(map(str, differences))}"


@attrs.frozen(kw_only=True)
class _End:
    """What became of the last message of a test."""

    #: None when it could not be sent as it is.
    record: Record | None = None
    #: Names of the policy set and of the pool.
    policy: str = ""
    pool: str = ""
    #: Why it could not be sent.
    problems: tuple[Problem, ...] = ()


async def _end(test: RouteTest, snapshot: Snapshot) -> _End:
    stage, last = await _before_the_last(test, snapshot)
    return await _sent(last, stage)


async def _way(test: RouteTest, snapshot: Snapshot) -> Explanation:
    """Explain the last message as things stood before it: the others are sent anew."""
    stage, last = await _before_the_last(test, snapshot)
    return await explain(last, stage.planner, stage.clock.now(), stage.outbox)


async def _before_the_last(
    test: RouteTest, snapshot: Snapshot
) -> tuple[Stage, Message]:
    stage = Stage(snapshot, test.at, test.answers)
    *earlier, last = test.messages
    for message in earlier:
        await _sent(message, stage)
        stage.clock.advance(test.every)
    return stage, last


async def _sent(message: Message, stage: Stage) -> _End:
    try:
        record = await stage.send(message)
    except InvalidMessage as error:
        return _End(problems=error.problems)
    except IdempotencyConflict as error:
        problem = Problem(pointer="/idempotency_key", message=str(error))
        return _End(problems=(problem,))
    route = stage.planner.snapshot.routes.by_name[record.route]
    pool = record.instead or route.pool.name
    return _End(record=record, policy=route.policy.name, pool=pool)


def _differences(expected: Mapping[str, Any], end: _End) -> Iterator[Difference]:
    if end.record is None or "invalid" in expected:
        yield from _invalidity(expected.get("invalid"), end.problems)
        return
    for name, wanted in expected.items():
        got = _FACTS[name](end, end.record)
        if got != wanted:
            yield Difference(name=name, expected=_shown(wanted), got=_shown(got))


def _invalidity(
    wanted: tuple[str, ...] | None, problems: tuple[Problem, ...]
) -> Iterator[Difference]:
    got = sorted(problem.pointer for problem in problems)
    if wanted is None or got != sorted(wanted):
        yield Difference(
            name="invalid",
            expected="a message that can be sent" if wanted is None else _shown(wanted),
            got="; ".join(map(str, problems)) or "a message that can be sent",
        )


def _shown(value: Any) -> str:
    match value:
        case tuple():
            return ", ".join(value) or "none"
        case datetime():
            return value.isoformat()
    return "none" if value is None else str(value)


_FACTS: Mapping[str, Callable[[_End, Record], Any]] = {
    "route": lambda _, record: record.route,
    "policy": lambda end, _: end.policy,
    "pool": lambda end, _: end.pool,
    "status": lambda _, record: record.status,
    "reason": lambda _, record: record.telling_reason or Reason.NONE,
    "attempts": lambda _, record: len(record.attempts),
    "providers": lambda _, record: tuple(a.provider for a in record.attempts),
    "retry_at": lambda _, record: record.result().retry_at,
}
