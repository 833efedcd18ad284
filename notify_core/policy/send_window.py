"""Sends within certain hours of the week only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notify_core.policy.closed_hours import (
    ClosedHours,
    timezone_of,
    timezone_problems,
)
from notify_core.policy.policy import Compilation, PolicyType
from notify_core.policy.schema import built_in_schema
from notify_core.policy.week import Week, daily


def _compile(settings: Mapping[str, Any], compilation: Compilation) -> ClosedHours:
    spans = [
        span
        for window in settings["windows"]
        for span in daily(window["from"], window["to"], window["days"])
    ]
    opened = Week.of(timezone_of(settings, compilation), spans)
    return ClosedHours.of(settings, opened.rest, "outside of the send window")


SEND_WINDOW = PolicyType(
    name="send_window",
    summary="Defers or drops what would arrive outside of the given hours",
    schema=built_in_schema("send_window"),
    compile=_compile,
    problems=timezone_problems,
    recurs=True,
)
