from __future__ import annotations

import json
from datetime import UTC, datetime

import click
import pytest

from notify_core.cli.advice import advice
from notify_core.cli.exit_code import ExitCode
from notify_core.cli.output import write
from notify_core.cli.result import exit_code_of, result_lines
from notify_core.model.attempt import Attempt
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.result import Exclusion, Result
from notify_core.model.status import AttemptState, Status

_EXPLAIN_THEMSELVES = {
    Reason.NONE,
    Reason.DUPLICATE_REQUEST,
    Reason.RECIPIENT_UNREACHABLE,
    Reason.CARRIER_REJECTED,
    Reason.DESTINATION_UNSUPPORTED,
    Reason.UNSUPPORTED,
    Reason.CANCELED,
}


def refused(reason: Reason, **facts: object) -> Result:
    return Result(id="m", status=Status.REJECTED, final=True, reason=reason, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize("reason", sorted(set(Reason) - _EXPLAIN_THEMSELVES))
def test_every_reason_that_can_be_cured_comes_with_advice(reason: Reason) -> None:
    assert advice(refused(reason))


def test_advice_says_when_the_vendor_may_be_asked_again() -> None:
    tomorrow = datetime(2026, 1, 2, tzinfo=UTC)

    said = advice(refused(Reason.RECIPIENT_RATE_LIMITED, retry_at=tomorrow))

    assert said is not None
    assert said.endswith("It may be tried again at 2026-01-02 00:00:00+00:00.")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (Status.ACCEPTED, ExitCode.DONE),
        (Status.DELIVERED, ExitCode.DONE),
        (Status.DEFERRED, ExitCode.DONE),
        (Status.REJECTED, ExitCode.FAILED),
        (Status.UNDELIVERED, ExitCode.FAILED),
        (Status.EXPIRED, ExitCode.FAILED),
        (Status.SUBMIT_UNKNOWN, ExitCode.OUTCOME_UNKNOWN),
        (Status.RECEIPT_TIMEOUT, ExitCode.OUTCOME_UNKNOWN),
    ],
)
def test_each_status_has_its_exit_code(status: Status, code: ExitCode) -> None:
    assert exit_code_of(Result(id="m", status=status, final=True)) is code


def test_what_a_vendor_says_cannot_play_with_the_terminal() -> None:
    played = "\x1b]0;t\x07\n  2. other accepted\x9b\u202e"
    attempt = Attempt(
        number=1,
        provider="a",
        account="C1",
        started_at=datetime(2026, 1, 2, tzinfo=UTC),
        state=AttemptState.REJECTED,
        outcome=Outcome.REJECTED,
        reason=Reason.UNMAPPED,
        code=played,
        text=played,
        provider_id=played,
    )
    left_out = Exclusion(provider="b", why=played)
    result = refused(Reason.UNMAPPED, attempts=(attempt,), excluded=(left_out,))

    shown = click.unstyle("\n".join(result_lines(result)))

    assert len(shown.splitlines()) == len(list(result_lines(result)))
    assert {c for c in shown if not c.isprintable()} == {"\n"}
    assert "\\x1b]0;t\\x07\\n  2. other accepted\\x9b\\u202e" in shown


def test_the_document_has_no_control_character_that_json_would_allow(
    capsys: pytest.CaptureFixture[str],
) -> None:
    played = "\x1b\x9b\u202e"

    write({"text": played}, (), as_json=True)

    shown = capsys.readouterr().out
    assert {c for c in shown if not c.isprintable()} == {"\n"}
    assert json.loads(shown) == {"text": played}


def test_billed_parts_are_counted() -> None:
    result = Result(
        id="m", status=Status.ACCEPTED, final=False, route="root", segments=2
    )

    assert list(result_lines(result)) == [
        "\x1b[32maccepted\x1b[0m  \x1b[2mmessage m · route root · 2 parts\x1b[0m"
    ]
