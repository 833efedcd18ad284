from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from notify_core.errors import MessageNotSent, OutcomeUnknown
from notify_core.model.attempt import Attempt
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.result import Exclusion, Result
from notify_core.model.status import AttemptState, Status

#: What `raise_for_status` raises, by status.
RAISED = {
    "created": None,
    "deferred": None,
    "submitting": None,
    "submit_unknown": OutcomeUnknown,
    "accepted": None,
    "sent": None,
    "delivered": None,
    "receipt_timeout": OutcomeUnknown,
    "undelivered": MessageNotSent,
    "expired": MessageNotSent,
    "rejected": MessageNotSent,
    "suppressed": MessageNotSent,
    "canceled": MessageNotSent,
}


def result(status: Status) -> Result:
    return Result(id="m1", status=status, final=True)


def attempt(**fields: Any) -> Attempt:
    refused = Attempt(
        number=1,
        provider="primary",
        account="acme:1",
        state=AttemptState.REJECTED,
        outcome=Outcome.REJECTED,
        started_at=datetime(2026, 1, 31, tzinfo=UTC),
    )
    return attrs.evolve(refused, **fields)


@pytest.mark.parametrize("status", Status)
def test_a_result_is_ok_when_a_provider_has_the_message(status: Status) -> None:
    assert result(status).ok is (status in ("accepted", "sent", "delivered"))


@pytest.mark.parametrize("status", Status)
def test_a_status_raises_only_when_the_message_was_not_sent_for_sure(
    status: Status,
) -> None:
    wanted = RAISED[status.value]
    if wanted is None:
        result(status).raise_for_status()
        return

    with pytest.raises(MessageNotSent, match="message m1 is") as caught:
        result(status).raise_for_status()

    assert type(caught.value) is wanted
    assert caught.value.result.status is status


def test_an_explanation_names_every_attempt_with_the_vendors_words() -> None:
    told = Result(
        id="m1",
        status=Status.REJECTED,
        final=True,
        reason=Reason.INSUFFICIENT_BALANCE,
        attempts=(
            attempt(reason=Reason.INSUFFICIENT_BALANCE, code="4051", text="no credit"),
            attempt(number=2, provider="backup", reason=Reason.CONNECT_FAILED),
        ),
        excluded=(Exclusion(provider="third", why="does not serve US"),),
    )

    assert told.explain() == (
        "message m1 is rejected (insufficient_balance): "
        "primary rejected insufficient_balance 4051 no credit; "
        "backup rejected connect_failed · third: does not serve US"
    )


def test_an_attempt_that_still_runs_is_explained_by_its_state() -> None:
    told = Result(
        id="m1",
        status=Status.SUBMITTING,
        final=False,
        attempts=(attempt(state=AttemptState.SUBMITTING, outcome=None),),
    )

    assert told.explain() == "message m1 is submitting: primary submitting none"


def test_a_result_with_nothing_to_tell_is_one_short_line() -> None:
    assert result(Status.SUPPRESSED).explain() == "message m1 is suppressed"
