"""What follows an attempt, for each reason, as the design's table says."""

from datetime import timedelta

import attrs
import pytest

from notify_core.dispatch.next_step import Stop, Try, next_step
from notify_core.model.attempt import Attempt
from notify_core.model.outcome import (
    POLICY_REASONS,
    Disposition,
    Outcome,
    Reason,
    Scope,
)
from notify_core.model.status import AttemptState
from notify_core.policy.policy_set import OnUnknown, PolicySet, Settling
from notify_core.routing.plan import Candidate
from notify_core.transmission import Timeouts
from tests.builders import NOON
from tests.dispatch.situations import (
    ONE,
    OTHER_VENDOR,
    PAUSE,
    SECOND,
    TWO,
    A,
    B,
    C,
    attempt,
    candidate,
    situation,
    to,
)

# The first attempt.


def test_the_first_provider_of_the_plan_is_tried_first() -> None:
    assert next_step(situation()) == Try(A)


def test_nothing_is_tried_without_an_eligible_provider() -> None:
    assert next_step(situation(candidates=())) == Stop(Reason.NO_PROVIDER)


def test_an_attempt_needs_the_time_to_connect_and_a_second_for_the_answer() -> None:
    policy = PolicySet(attempt_timeout=Timeouts(connect=2.0, read=5.0))
    enough = situation(policy=policy, deadline=NOON + timedelta(seconds=3))
    too_little = situation(policy=policy, deadline=NOON + timedelta(seconds=2.999))

    assert next_step(enough) == Try(A)
    assert next_step(too_little) == Stop(Reason.DEADLINE_EXCEEDED)


def test_a_message_that_would_come_too_late_has_expired() -> None:
    late = situation(deadline=NOON + SECOND, deadline_reason=Reason.EXPIRED)

    assert next_step(late) == Stop(Reason.EXPIRED)


# One row for each reason: who is asked next after one attempt at `a`, and after one
# attempt each at `a`, `b` and `c`.

STOPS = (
    Reason.NONE,
    Reason.DUPLICATE_REQUEST,
    Reason.NO_RESPONSE,
    Reason.SERVER_ERROR,
    Reason.INTERRUPTED,
    Reason.RECIPIENT_RATE_LIMITED,
    Reason.CONTENT_REJECTED,
    Reason.CONTENT_INVALID,
    Reason.RECIPIENT_INVALID,
    Reason.RECIPIENT_BLOCKED,
    Reason.RECIPIENT_OPTED_OUT,
    Reason.RECIPIENT_UNREACHABLE,
    Reason.CARRIER_REJECTED,
    Reason.TEMPLATE_PARAMS_INVALID,
    Reason.NO_PROVIDER,
    Reason.EXPIRED,
    Reason.DEADLINE_EXCEEDED,
    Reason.CANCELED,
    *sorted(POLICY_REASONS),
)
FAILS_OVER = (
    Reason.QUOTA_EXHAUSTED,
    Reason.INSUFFICIENT_BALANCE,
    Reason.AUTH_FAILED,
    Reason.ACCESS_DENIED,
    Reason.SENDER_REJECTED,
    Reason.TEMPLATE_REJECTED,
    Reason.DESTINATION_UNSUPPORTED,
    Reason.UNSUPPORTED,
    Reason.INVALID_REQUEST,
    Reason.UNMAPPED,
)
FAILS_OVER_THEN_RETRIES = (Reason.CONNECT_FAILED, Reason.PROVIDER_ERROR)
RETRIES = (Reason.THROTTLED,)
TABLE = {
    **dict.fromkeys(STOPS, (None, None)),
    **dict.fromkeys(FAILS_OVER, ("b", None)),
    **dict.fromkeys(FAILS_OVER_THEN_RETRIES, ("b", "a")),
    **dict.fromkeys(RETRIES, ("a", "c")),
}


def test_the_table_has_every_reason() -> None:
    assert set(TABLE) == set(Reason)


@pytest.mark.parametrize(("reason", "row"), TABLE.items(), ids=str)
def test_each_reason_has_its_disposition(
    reason: Reason, row: tuple[str | None, str | None]
) -> None:
    roomy = PolicySet(max_attempts=9)

    after_one = next_step(situation(("a", reason), policy=roomy))
    after_all = next_step(
        situation(("a", reason), ("b", reason), ("c", reason), policy=roomy)
    )

    assert (to(after_one), to(after_all)) == row


@pytest.mark.parametrize("reason", [Reason.SENDER_REJECTED, Reason.TEMPLATE_REJECTED])
@pytest.mark.parametrize("scope", Scope)
def test_a_refused_sender_or_template_fails_over_in_either_scope(
    reason: Reason, scope: Scope
) -> None:
    step = next_step(situation(attempt("a", reason, scope=scope)))

    assert step == Try(B)


# Failover, then retry.


def test_failover_goes_on_at_once() -> None:
    assert next_step(situation(("a", Reason.CONNECT_FAILED))) == Try(B)


def test_a_second_round_starts_after_the_pause() -> None:
    failed = [(name, Reason.CONNECT_FAILED) for name in "abc"]
    now = situation(*failed, policy=PolicySet(max_attempts=9))

    assert next_step(now) == Try(A, now.now + PAUSE)


def test_later_rounds_go_in_turn() -> None:
    failed = [(name, Reason.CONNECT_FAILED) for name in "abca"]

    step = next_step(situation(*failed, policy=PolicySet(max_attempts=9)))

    assert to(step) == "b"


def test_a_second_round_skips_who_refused_for_good() -> None:
    refused = (("a", Reason.AUTH_FAILED), ("b", Reason.CONNECT_FAILED))

    step = next_step(situation(*refused, candidates=(A, B)))

    assert to(step) == "b"


def test_in_the_second_round_the_one_free_first_goes_first() -> None:
    busy = attempt("a", Reason.PROVIDER_ERROR, retry_at=NOON + 9 * SECOND)
    now = situation(busy, ("b", Reason.PROVIDER_ERROR), candidates=(A, B))

    assert next_step(now) == Try(B, now.now + PAUSE)


def test_retry_after_is_honoured_in_the_second_round() -> None:
    busy = attempt("a", Reason.PROVIDER_ERROR, retry_at=NOON + 9 * SECOND)

    step = next_step(situation(busy, candidates=(A,)))

    assert step == Try(A, NOON + 9 * SECOND)


def test_a_second_round_that_does_not_fit_is_not_begun() -> None:
    busy = attempt("a", Reason.PROVIDER_ERROR, retry_at=NOON + 28 * SECOND)

    step = next_step(situation(busy, candidates=(A,)))

    assert step == Stop(Reason.DEADLINE_EXCEEDED)


def test_failover_stops_when_the_deadline_is_near() -> None:
    step = next_step(
        situation(("a", Reason.CONNECT_FAILED), now=NOON + timedelta(seconds=27.5))
    )

    assert step == Stop(Reason.DEADLINE_EXCEEDED)


@pytest.mark.parametrize("most", [1, 2, 3])
def test_all_attempts_of_all_providers_count(most: int) -> None:
    failed = [(name, Reason.CONNECT_FAILED) for name in "abc"]
    policy = PolicySet(max_attempts=most)

    assert next_step(situation(*failed[:most], policy=policy)) == Stop()
    assert isinstance(next_step(situation(*failed[: most - 1], policy=policy)), Try)


# Throttled.


def test_throttled_waits_for_the_same_provider() -> None:
    now = situation(("a", Reason.THROTTLED))

    assert next_step(now) == Try(A, now.now + PAUSE)


def test_throttled_waits_as_long_as_the_vendor_says() -> None:
    told = attempt("a", Reason.THROTTLED, retry_at=NOON + 20 * SECOND)

    assert next_step(situation(told)) == Try(A, NOON + 20 * SECOND)


def test_a_vendor_whose_clock_is_behind_is_not_asked_without_a_pause() -> None:
    told = attempt("a", Reason.THROTTLED, retry_at=NOON - 60 * SECOND)
    now = situation(told)

    assert next_step(now) == Try(A, now.now + PAUSE)


def test_throttled_fails_over_when_the_deadline_is_near() -> None:
    told = attempt("a", Reason.THROTTLED, retry_at=NOON + 28 * SECOND)

    assert next_step(situation(told)) == Try(B)


def test_throttled_stops_when_the_deadline_is_near_and_nobody_is_left() -> None:
    told = attempt("a", Reason.THROTTLED, retry_at=NOON + 28 * SECOND)

    step = next_step(situation(told, candidates=(A,)))

    assert step == Stop(Reason.DEADLINE_EXCEEDED)


# The recipient's own cap.


def test_a_recipients_cap_waits_for_the_time_told() -> None:
    told = attempt("a", Reason.RECIPIENT_RATE_LIMITED, retry_at=NOON + 20 * SECOND)

    assert next_step(situation(told)) == Try(A, NOON + 20 * SECOND)


def test_a_recipients_cap_without_a_time_stops() -> None:
    assert next_step(situation(("a", Reason.RECIPIENT_RATE_LIMITED))) == Stop()


def test_a_recipients_cap_beyond_the_deadline_stops_without_failover() -> None:
    told = attempt("a", Reason.RECIPIENT_RATE_LIMITED, retry_at=NOON + 60 * SECOND)

    assert next_step(situation(told)) == Stop()


# Refused parameters: only another binding may take them.


@pytest.mark.parametrize(
    ("refuser", "next_in_plan", "goes_on"),
    [
        pytest.param(candidate("a", ONE), candidate("b", TWO), True, id="other-id"),
        pytest.param(candidate("a", ONE), candidate("b", ONE), False, id="same-id"),
        pytest.param(candidate("a", ONE), candidate("b"), True, id="text"),
        pytest.param(candidate("a"), candidate("b", ONE), True, id="text-to-id"),
        pytest.param(candidate("a"), candidate("b"), False, id="same-text"),
        pytest.param(
            candidate("a", ONE),
            candidate("b", ONE, vendor=OTHER_VENDOR),
            True,
            id="same-id-at-another-vendor",
        ),
    ],
)
def test_refused_parameters_go_only_to_another_binding(
    refuser: Candidate, next_in_plan: Candidate, goes_on: bool
) -> None:
    now = situation(
        ("a", Reason.TEMPLATE_PARAMS_INVALID), candidates=(refuser, next_in_plan)
    )

    assert next_step(now) == (Try(next_in_plan) if goes_on else Stop())


def test_a_binding_that_was_refused_is_not_used_later_either() -> None:
    plan = (candidate("a", ONE), candidate("b", TWO), candidate("c", ONE))
    refused = (("a", Reason.TEMPLATE_PARAMS_INVALID), ("b", Reason.INVALID_REQUEST))

    assert next_step(situation(*refused, candidates=plan)) == Stop()


def test_a_refused_binding_is_not_retried_at_a_provider_that_was_down() -> None:
    plan = (candidate("a", ONE), candidate("b", ONE))
    ended = (("a", Reason.CONNECT_FAILED), ("b", Reason.TEMPLATE_PARAMS_INVALID))

    assert next_step(situation(*ended, candidates=plan)) == Stop()


# Codes that no table knows.


def test_an_unmapped_code_fails_over_once() -> None:
    once = situation(("a", Reason.UNMAPPED))
    twice = situation(("a", Reason.UNMAPPED), ("b", Reason.UNMAPPED))

    assert next_step(once) == Try(B)
    assert next_step(twice) == Stop()


# What a request made afresh may cure.


def stale(provider: str) -> Attempt:
    return attempt(provider, Reason.AUTH_FAILED, repeatable=True)


def test_a_repeatable_refusal_is_repeated_at_once() -> None:
    assert next_step(situation(stale("a"))) == Try(A)


def test_a_repeatable_refusal_is_repeated_once() -> None:
    assert next_step(situation(stale("a"), stale("a"))) == Try(B)


def test_each_provider_has_its_own_repetition() -> None:
    step = next_step(
        situation(stale("a"), stale("a"), stale("b"), policy=PolicySet(max_attempts=9))
    )

    assert step == Try(B)


# Unknown: at most one attempt may have been delivered.

SAFE = candidate("a", window=timedelta(seconds=10))
AFTER_UNKNOWN = (SAFE, B, C)


def test_an_unknown_is_sent_again_where_the_vendor_knows_our_reference() -> None:
    now = situation(("a", Reason.NO_RESPONSE), candidates=AFTER_UNKNOWN)

    assert next_step(now) == Try(SAFE, now.now + PAUSE)


def test_an_unknown_is_not_sent_again_after_the_vendor_forgot_our_reference() -> None:
    long_ago = situation(
        ("a", Reason.NO_RESPONSE),
        candidates=AFTER_UNKNOWN,
        now=NOON + timedelta(seconds=9.9),
    )

    assert next_step(long_ago) == Stop()


def test_the_vendors_memory_counts_from_the_first_submission() -> None:
    unknown = [("a", Reason.NO_RESPONSE)] * 2
    policy = PolicySet(max_attempts=9)

    step = next_step(
        situation(
            *unknown, candidates=AFTER_UNKNOWN, policy=policy, now=NOON + 10 * SECOND
        )
    )

    assert step == Stop()


def test_an_unknown_is_not_sent_again_where_the_policy_forbids_it() -> None:
    policy = PolicySet(on_unknown=OnUnknown(settle=(Settling.QUERY,)))
    now = situation(("a", Reason.NO_RESPONSE), candidates=AFTER_UNKNOWN, policy=policy)

    assert next_step(now) == Stop()


def test_an_unknown_is_not_sent_again_when_the_deadline_is_near() -> None:
    now = situation(
        ("a", Reason.NO_RESPONSE), candidates=AFTER_UNKNOWN, deadline=NOON + 4 * SECOND
    )

    assert next_step(now) == Stop()


@pytest.mark.parametrize("reason", [Reason.CONNECT_FAILED, Reason.THROTTLED])
def test_a_repetition_that_did_not_arrive_is_tried_again_and_nobody_else(
    reason: Reason,
) -> None:
    ended = (("a", Reason.NO_RESPONSE), ("a", reason))
    known = situation(*ended, candidates=AFTER_UNKNOWN)
    forgetful = situation(*ended)

    assert to(next_step(known)) == "a"
    assert next_step(forgetful) == Stop()


def test_a_repetition_that_was_refused_for_good_ends_the_message() -> None:
    ended = (("a", Reason.NO_RESPONSE), ("a", Reason.CONTENT_REJECTED))

    assert next_step(situation(*ended, candidates=AFTER_UNKNOWN)) == Stop()


@pytest.mark.parametrize(
    "reason", [r for r in Reason if TABLE[r][0] is not None], ids=str
)
def test_an_unknown_is_never_followed_by_failover_whatever_its_reason(
    reason: Reason,
) -> None:
    odd = attempt(
        "a",
        reason,
        outcome=Outcome.UNKNOWN,
        state=AttemptState.UNKNOWN,
        repeatable=True,
    )

    assert next_step(situation(odd)) == Stop()


def test_an_unknown_fails_over_where_the_policy_has_it_so_and_allows_duplicates() -> (
    None
):
    reasons = {Reason.NO_RESPONSE: Disposition.FAILOVER}
    twice = PolicySet(reasons=reasons, duplicates=True)
    unknown = ("a", Reason.NO_RESPONSE)

    assert to(next_step(situation(unknown, policy=twice))) == "b"
    once = attrs.evolve(twice, duplicates=False)
    assert next_step(situation(unknown, policy=once)) == Stop()


def test_a_refusal_whose_reason_says_unknown_is_not_sent_again() -> None:
    odd = attempt(
        "a", Reason.NO_RESPONSE, outcome=Outcome.REJECTED, state=AttemptState.REJECTED
    )

    assert next_step(situation(odd, candidates=AFTER_UNKNOWN)) == Stop()


@pytest.mark.parametrize(
    "state",
    [
        AttemptState.ACCEPTED,
        AttemptState.SENT,
        AttemptState.DELIVERED,
        AttemptState.UNDELIVERED,
        AttemptState.EXPIRED,
    ],
    ids=str,
)
@pytest.mark.parametrize("reason", [Reason.PROVIDER_ERROR, Reason.NO_RESPONSE], ids=str)
def test_a_receipt_that_came_before_the_answer_ends_the_tries(
    reason: Reason, state: AttemptState
) -> None:
    heard = attempt("a", reason, state=state)

    assert next_step(situation(heard, candidates=AFTER_UNKNOWN)) == Stop()
