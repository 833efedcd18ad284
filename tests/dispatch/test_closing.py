"""Whether something is still to be heard of a message whose tries are over."""

from typing import Any

import pytest

from notify_core.config.snapshot import Snapshot
from notify_core.dispatch.closing import closed, ways_to_settle, withdrawn
from notify_core.model.attempt import Attempt
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.status import AttemptState, Status
from notify_core.policy.policy_set import OnUnknown, PolicySet, Settling
from notify_core.provider import QueryMode, ReceiptMode
from notify_core.testing import FakeVendor
from tests.builders import NOON, provider, record, snapshot

POLICY = PolicySet()
OUTCOMES = {
    AttemptState.REJECTED: Outcome.REJECTED,
    AttemptState.UNKNOWN: Outcome.UNKNOWN,
    AttemptState.SUBMITTING: None,
}


def attempt(state: AttemptState, number: int = 1) -> Attempt:
    return Attempt(
        number=number,
        provider="a",
        account="a",
        state=state,
        outcome=OUTCOMES.get(state, Outcome.ACCEPTED),
        started_at=NOON,
    )


def configured(**capabilities: Any) -> Snapshot:
    return snapshot(provider(FakeVendor(), **capabilities))


@pytest.mark.parametrize(
    ("state", "receipts", "query", "final"),
    [
        (AttemptState.ACCEPTED, ReceiptMode.PUSH, QueryMode.NONE, False),
        (AttemptState.ACCEPTED, ReceiptMode.NONE, QueryMode.REFERENCE, True),
        (AttemptState.SENT, ReceiptMode.PUSH, QueryMode.NONE, False),
        (AttemptState.SENT, ReceiptMode.NONE, QueryMode.NONE, True),
        (AttemptState.UNKNOWN, ReceiptMode.PUSH, QueryMode.NONE, False),
        (AttemptState.UNKNOWN, ReceiptMode.NONE, QueryMode.REFERENCE, False),
        (AttemptState.UNKNOWN, ReceiptMode.NONE, QueryMode.RECIPIENT, False),
        (AttemptState.UNKNOWN, ReceiptMode.NONE, QueryMode.NONE, True),
        (AttemptState.REJECTED, ReceiptMode.PUSH, QueryMode.REFERENCE, True),
        (AttemptState.DELIVERED, ReceiptMode.PUSH, QueryMode.REFERENCE, True),
        (AttemptState.UNDELIVERED, ReceiptMode.PUSH, QueryMode.REFERENCE, True),
    ],
)
def test_a_message_is_final_unless_its_provider_can_tell_more(
    state: AttemptState, receipts: ReceiptMode, query: QueryMode, final: bool
) -> None:
    after = closed(
        record(), (attempt(state),), configured(receipts=receipts, query=query), POLICY
    )

    assert after.is_closed
    assert after.final is final


def test_a_provider_that_left_the_configuration_tells_nothing_more() -> None:
    elsewhere = snapshot(provider(FakeVendor(), "b"))

    for state in (AttemptState.ACCEPTED, AttemptState.UNKNOWN):
        assert closed(record(), (attempt(state),), elsewhere, POLICY).final


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        (Reason.EXPIRED, Status.EXPIRED),
        (Reason.CANCELED, Status.CANCELED),
        (Reason.DEADLINE_EXCEEDED, Status.REJECTED),
        (Reason.NO_PROVIDER, Status.REJECTED),
    ],
)
def test_a_message_without_attempts_ends_as_its_reason_says(
    reason: Reason, status: Status
) -> None:
    after = closed(record(), (), configured(), POLICY, reason)

    assert (after.status, after.telling_reason, after.final) == (status, reason, True)


@pytest.mark.parametrize(
    ("settle", "ways"),
    [
        (tuple(Settling), (Settling.QUERY, Settling.RECEIPT)),
        ((Settling.RECEIPT, Settling.QUERY), (Settling.RECEIPT, Settling.QUERY)),
        ((Settling.REFERENCE,), ()),
        ((), ()),
    ],
)
def test_the_policy_says_which_ways_to_settle_and_in_which_order(
    settle: tuple[Settling, ...], ways: tuple[Settling, ...]
) -> None:
    policy = PolicySet(on_unknown=OnUnknown(settle=settle))
    unknown = attempt(AttemptState.UNKNOWN)

    assert ways_to_settle(unknown, configured(), policy) == ways


# Withdrawn.


@pytest.mark.parametrize(
    ("states", "status", "reason"),
    [
        ([], Status.CANCELED, Reason.CANCELED),
        ([AttemptState.SUBMITTING], Status.CANCELED, Reason.CANCELED),
        ([AttemptState.REJECTED], Status.REJECTED, Reason.CANCELED),
        ([AttemptState.UNKNOWN], Status.SUBMIT_UNKNOWN, None),
        ([AttemptState.UNKNOWN, AttemptState.REJECTED], Status.SUBMIT_UNKNOWN, None),
        ([AttemptState.UNKNOWN, AttemptState.SUBMITTING], Status.SUBMIT_UNKNOWN, None),
        ([AttemptState.DELIVERED], Status.DELIVERED, None),
    ],
)
def test_a_withdrawn_message_keeps_what_was_written(
    states: list[AttemptState], status: Status, reason: Reason | None
) -> None:
    attempts = tuple(attempt(state, n) for n, state in enumerate(states, 1))
    running = record(attempts=attempts, planned=Status.SUBMITTING)

    after = withdrawn(running, configured(), POLICY)

    assert (after.status, after.reason) == (status, reason)
    assert all(a.state is not AttemptState.SUBMITTING for a in after.attempts)


def test_what_had_ended_is_not_withdrawn() -> None:
    ended = closed(record(), (attempt(AttemptState.ACCEPTED),), configured(), POLICY)

    assert withdrawn(ended, configured(), POLICY) is ended
