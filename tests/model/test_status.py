import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify_core.model.status import (
    POSSIBLY_DELIVERED,
    AttemptState,
    Status,
    message_status,
    rises,
)

A = AttemptState
S = Status

#: From the lowest. A refusal stands outside: it answers only what is open.
ORDER = [
    *(A.SUBMITTING, A.UNKNOWN, A.ACCEPTED, A.SENT),
    *(A.RECEIPT_TIMEOUT, A.UNDELIVERED, A.EXPIRED, A.DELIVERED),
]
AHEAD = [S.CREATED, S.SUBMITTING, S.DEFERRED]


def state_after(facts: list[AttemptState]) -> AttemptState:
    state = A.SUBMITTING
    for fact in facts:
        state = fact if rises(state, fact) else state
    return state


@given(facts=st.lists(st.sampled_from(ORDER)), data=st.data())
def test_the_same_facts_in_any_order_give_the_same_attempt_state(
    facts: list[AttemptState], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(facts))

    assert state_after(shuffled) is state_after(facts)
    assert state_after(facts) is max([A.SUBMITTING, *facts], key=ORDER.index)


@given(facts=st.lists(st.sampled_from(AttemptState)))
def test_a_fact_told_twice_changes_nothing(facts: list[AttemptState]) -> None:
    assert state_after([*facts, *facts]) is state_after(facts)


@given(facts=st.lists(st.sampled_from(AttemptState)))
def test_nothing_follows_a_refusal(facts: list[AttemptState]) -> None:
    assert state_after([A.REJECTED, *facts]) is A.REJECTED


@pytest.mark.parametrize("state", AttemptState)
def test_a_refusal_answers_only_what_is_open(state: AttemptState) -> None:
    assert rises(state, A.REJECTED) is (state in (A.SUBMITTING, A.UNKNOWN))


def test_what_may_have_arrived_or_may_yet_is_possibly_delivered() -> None:
    assert set(AttemptState) - POSSIBLY_DELIVERED == {
        A.DELIVERED,
        A.UNDELIVERED,
        A.EXPIRED,
        A.REJECTED,
    }


@given(
    states=st.lists(st.sampled_from(AttemptState)),
    planned=st.none() | st.sampled_from(Status),
    data=st.data(),
)
def test_a_status_does_not_depend_on_the_order_of_attempts(
    states: list[AttemptState], planned: Status | None, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(states))

    assert message_status(shuffled, planned) is message_status(states, planned)


@pytest.mark.parametrize(
    ("states", "planned", "status"),
    [
        # Any delivered attempt decides, whatever else happened or is planned.
        ([A.REJECTED, A.DELIVERED, A.SENT], S.SUBMITTING, S.DELIVERED),
        # Then the best open attempt.
        ([A.SENT, A.ACCEPTED, A.UNKNOWN], None, S.SENT),
        ([A.ACCEPTED, A.UNKNOWN, A.UNDELIVERED], None, S.ACCEPTED),
        ([A.REJECTED, A.UNKNOWN], S.SUBMITTING, S.SUBMIT_UNKNOWN),
        ([A.REJECTED, A.SUBMITTING], S.DEFERRED, S.SUBMITTING),
        # Then the work ahead.
        ([A.REJECTED], S.SUBMITTING, S.SUBMITTING),
        ([A.REJECTED], S.DEFERRED, S.DEFERRED),
        ([A.UNDELIVERED], S.SUBMITTING, S.SUBMITTING),
        # Then how the attempts closed.
        ([A.RECEIPT_TIMEOUT, A.UNDELIVERED], None, S.RECEIPT_TIMEOUT),
        ([A.UNDELIVERED, A.EXPIRED, A.REJECTED], None, S.UNDELIVERED),
        ([A.EXPIRED, A.REJECTED], None, S.EXPIRED),
        # Only if every attempt was refused.
        ([A.REJECTED, A.REJECTED], None, S.REJECTED),
        ([A.REJECTED], S.EXPIRED, S.REJECTED),
        # Without attempts.
        ([], S.CREATED, S.CREATED),
        ([], S.DEFERRED, S.DEFERRED),
        ([], S.SUPPRESSED, S.SUPPRESSED),
        ([], S.REJECTED, S.REJECTED),
        ([], S.EXPIRED, S.EXPIRED),
        ([], S.CANCELED, S.CANCELED),
        ([], None, S.REJECTED),
    ],
)
def test_a_status_follows_from_the_attempts_and_the_work_ahead(
    states: list[AttemptState], planned: Status | None, status: Status
) -> None:
    assert message_status(states, planned) is status


@given(states=st.lists(st.sampled_from(AttemptState), min_size=1))
def test_a_message_is_rejected_only_if_every_attempt_was(
    states: list[AttemptState],
) -> None:
    is_rejected = message_status(states, None) is S.REJECTED

    assert is_rejected is (set(states) == {A.REJECTED})


@given(states=st.lists(st.sampled_from(AttemptState)), planned=st.sampled_from(AHEAD))
def test_a_bad_end_is_not_told_while_work_lies_ahead(
    states: list[AttemptState], planned: Status
) -> None:
    bad_ends = {S.UNDELIVERED, S.EXPIRED, S.RECEIPT_TIMEOUT, S.REJECTED}

    assert message_status(states, planned) not in bad_ends
