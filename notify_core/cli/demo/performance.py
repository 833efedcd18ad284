"""One playing of a demo: what was promised, and what was shown."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import attrs

from notify_core.cli.demo.script import Promise, Script, Step
from notify_core.cli.demo.stage import Stage
from notify_core.errors import NotifyError

#: Stands where a promise points and nothing is shown.
NOTHING = "nothing"


@attrs.frozen(kw_only=True)
class Line:
    """One promised line, checked."""

    #: What it is called; empty: as *at*.
    name: str
    #: JSON pointer into what the step showed.
    at: str
    #: What was promised.
    wanted: Any
    #: What was shown.
    shown: Any
    #: Whether they are the same.
    kept: bool

    @classmethod
    def of(cls, promise: Promise, facts: Any) -> Line:
        """Check a promise against what a step showed."""
        shown = _at(facts, promise.at)
        return cls(
            name=promise.line,
            at=promise.at,
            wanted=promise.wanted,
            shown=shown,
            kept=shown == promise.wanted,
        )


@attrs.frozen(kw_only=True)
class Scene:
    """One step as it was played."""

    #: From 1.
    number: int
    title: str
    #: What was done, in one line.
    did: str
    lines: tuple[Line, ...]
    #: Seconds that it took.
    seconds: float

    @property
    def missing(self) -> tuple[Line, ...]:
        """The promises that were not kept."""
        return tuple(line for line in self.lines if not line.kept)


async def played(script: Script, stage: Stage) -> AsyncIterator[Scene]:
    """Play the steps of a script one after the other."""
    for number, step in enumerate(script.steps, 1):
        began = time.perf_counter()
        did, facts = await _play(step, stage)
        yield Scene(
            number=number,
            title=step.title,
            did=did,
            lines=tuple(Line.of(promise, facts) for promise in step.promises),
            seconds=round(time.perf_counter() - began, 3),
        )


async def _play(step: Step, stage: Stage) -> tuple[str, Any]:
    """Return what was done and its facts; a step that fails shows none."""
    try:
        shown = await step.action.play(stage)
    except (NotifyError, LookupError) as error:
        return f"failed: {error}", {}
    return shown.did, shown.facts


def _at(facts: Any, pointer: str) -> Any:
    """Return what a JSON pointer points to, or `NOTHING`."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        try:
            facts = facts[int(key)] if isinstance(facts, list) else facts[key]
        except (LookupError, TypeError, ValueError):
            return NOTHING
    return facts
