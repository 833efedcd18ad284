"""How a result is shown, and what it means for the exit code."""

from __future__ import annotations

from collections.abc import Iterator

from notify_core.cli.advice import advice
from notify_core.cli.exit_code import ExitCode
from notify_core.cli.output import bad, doubtful, faint, good, plain
from notify_core.errors import MessageNotSent, OutcomeUnknown
from notify_core.model.attempt import Attempt
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.result import Result

_OUTCOME_STYLES = {
    Outcome.ACCEPTED: good,
    Outcome.REJECTED: bad,
    Outcome.UNKNOWN: doubtful,
}
_CODE_STYLES = {ExitCode.DONE: good, ExitCode.FAILED: bad}


def exit_code_of(result: Result) -> ExitCode:
    """Return how a command that sent this ends."""
    try:
        result.raise_for_status()
    except OutcomeUnknown:
        return ExitCode.OUTCOME_UNKNOWN
    except MessageNotSent:
        return ExitCode.FAILED
    return ExitCode.DONE


_TOLD_ANYWAY = {
    ExitCode.DONE: "it was sent, do not send it again",
    ExitCode.FAILED: "it was not sent, or did not arrive",
    ExitCode.OUTCOME_UNKNOWN: "it may have been sent",
}


def told_anyway(result: Result) -> str:
    """Return what has to be known of a message whose result cannot be shown."""
    told = _TOLD_ANYWAY[exit_code_of(result)]
    return f"message {result.id} is {result.status}: {told}"


def result_lines(result: Result) -> Iterator[str]:
    """Yield what became of a message, every attempt, and what to do next."""
    mark = _CODE_STYLES.get(exit_code_of(result), doubtful)
    reason = f" ({result.reason})" if result.reason else ""
    yield f"{mark(result.status)}{reason}  {_facts(result)}"
    for attempt in result.attempts:
        yield f"  {_attempt_line(attempt)}"
    for left_out in result.excluded:
        yield f"  {faint('-')} {left_out.provider}: left out, {plain(left_out.why)}"
    next_step = advice(result)
    if next_step:
        yield f"  {next_step}"


def _facts(result: Result) -> str:
    facts = [f"message {result.id}", f"route {result.route}"]
    if result.segments:
        facts.append(f"{result.segments} part{'s' if result.segments > 1 else ''}")
    return faint(" · ".join(facts))


def _attempt_line(attempt: Attempt) -> str:
    outcome = attempt.outcome
    style = _OUTCOME_STYLES[outcome] if outcome else doubtful
    told = [
        f"{attempt.number}. {attempt.provider}",
        style(outcome or attempt.state),
        "" if attempt.reason is Reason.NONE else attempt.reason,
        plain(" ".join(filter(None, [attempt.code, attempt.text]))),
        f"id {plain(attempt.provider_id)}" if attempt.provider_id else "",
        _duration(attempt.duration),
    ]
    return "  ".join(part for part in told if part)


def _duration(seconds: float | None) -> str:
    return "" if seconds is None else faint(f"{seconds * 1000:.0f} ms")
