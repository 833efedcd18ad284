from __future__ import annotations

from datetime import UTC, datetime

import pytest

from notify_core.cli.advice import advice
from notify_core.cli.exit_code import ExitCode
from notify_core.cli.result import exit_code_of, result_lines
from notify_core.model.outcome import Reason
from notify_core.model.result import Result
from notify_core.model.status import Status

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


def test_billed_parts_are_counted() -> None:
    result = Result(
        id="m", status=Status.ACCEPTED, final=False, route="root", segments=2
    )

    assert list(result_lines(result)) == [
        "\x1b[32maccepted\x1b[0m  \x1b[2mmessage m · route root · 2 parts\x1b[0m"
    ]
