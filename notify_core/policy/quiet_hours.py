"""Lets people sleep: no messages between two times of day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from notify_core.errors import Problem
from notify_core.policy.closed_hours import (
    ClosedHours,
    timezone_of,
    timezone_problems,
)
from notify_core.policy.policy import Compilation, PolicyType
from notify_core.policy.schema import built_in_schema
from notify_core.policy.week import Week, daily

Written = Mapping[str, Any]


def _compile(settings: Written, compilation: Compilation) -> ClosedHours:
    week = Week.of(timezone_of(settings, compilation), _spans(settings))
    why = f"quiet hours from {settings['from']} to {settings['to']}"
    return ClosedHours.of(settings, week, why)


def _spans(settings: Written) -> list[tuple[int, int]]:
    return daily(settings["from"], settings["to"], settings["days"])


def _problems(settings: Written) -> list[Problem]:
    found = timezone_problems(settings)
    # Any time zone: a week that is quiet throughout is so everywhere.
    if Week.of(UTC, _spans(settings)).is_whole:
        why = "leaves no minute of the week, so that nothing would ever be sent"
        found.append(Problem(pointer="/to", message=why))
    return found


QUIET_HOURS = PolicyType(
    name="quiet_hours",
    summary="Defers or drops what would arrive between two times of day",
    schema=built_in_schema("quiet_hours"),
    compile=_compile,
    problems=_problems,
    recurs=True,
)
