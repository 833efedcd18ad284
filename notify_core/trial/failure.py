"""A route test that did not come true: what was expected, what came, and why."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from notify_core.errors import Problem
from notify_core.model.attempt import Attempt
from notify_core.model.outcome import Reason
from notify_core.model.result import Result
from notify_core.trial.explanation import Explanation
from notify_core.trial.telling import explanation_lines


@attrs.frozen(kw_only=True)
class Difference:
    """One thing that is not as expected."""

    #: As `expect` calls it.
    name: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.name}: expected {self.expected}, got {self.got}"


@attrs.frozen(kw_only=True)
class Failure:
    """One route test that did not come true."""

    test: str
    #: The same as a fault of the configuration, with its place.
    problem: Problem
    differences: tuple[Difference, ...]
    #: What became of the last message; None when it could not be sent at all.
    result: Result | None
    #: The way of the last message, as it stood before it was sent.
    explanation: Explanation

    def lines(self) -> Iterator[str]:
        """Yield the text for people."""
        file, line = self.problem.file, self.problem.line
        yield self.test if file is None else f"{self.test}  {file}:{line}"
        yield from (f"  {difference}" for difference in self.differences)
        if self.result is not None and self.result.attempts:
            tried = (f"{a.provider} {_answer(a)}" for a in self.result.attempts)
            yield f"  tried: {', '.join(tried)}"
        if self.result is not None and self.result.why:
            yield f"  why: {self.result.why}"
        way = explanation_lines(self.explanation, brief=True)
        yield from (f"  {line}" for line in way)


def _answer(attempt: Attempt) -> str:
    outcome = str(attempt.outcome)
    return outcome if attempt.reason is Reason.NONE else f"{outcome} {attempt.reason}"
