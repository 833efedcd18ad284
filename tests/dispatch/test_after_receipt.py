"""Who follows a receipt that says no, or that did not come."""

import attrs
import pytest

from notify_core.dispatch.next_step import Stop, follows_receipt, next_step
from notify_core.model.attempt import Attempt
from notify_core.model.outcome import Disposition, Reason
from notify_core.model.status import AttemptState
from notify_core.policy.policy_set import PolicySet, ReceiptDeadline, Then
from tests.builders import NOON, record
from tests.dispatch.situations import SECOND, attempt, situation, to, tried

ENDS = {"a": Reason.RECIPIENT_UNREACHABLE, "b": Reason.CARRIER_REJECTED}
FOLLOWED = PolicySet(reasons=dict.fromkeys(ENDS.values(), Disposition.FAILOVER))
LOST, OTHER = (
    attrs.evolve(
        attempt(name, Reason.NONE), reason=reason, state=AttemptState.UNDELIVERED
    )
    for name, reason in ENDS.items()
)
REFUSED = attempt("c", Reason.PROVIDER_ERROR)
MISSED = attempt("a", Reason.NONE, state=AttemptState.RECEIPT_TIMEOUT)
MISSING = PolicySet(receipt_deadline=ReceiptDeadline(within=SECOND, then=Then.FAILOVER))


@pytest.mark.parametrize(
    ("attempts", "policy", "left", "follows"),
    [
        ([LOST], FOLLOWED, 3, True),
        ([REFUSED, LOST], FOLLOWED, 3, True),
        ([LOST], PolicySet(), 3, False),
        ([LOST], FOLLOWED, 2.9, False),
        ([LOST, OTHER], FOLLOWED, 3, False),
        ([REFUSED], FOLLOWED, 3, False),
        ([REFUSED, REFUSED, LOST], FOLLOWED, 3, False),
        ([MISSED], attrs.evolve(MISSING, duplicates=True), 3, True),
        ([MISSED], MISSING, 3, False),
        ([MISSED], PolicySet(duplicates=True), 3, False),
    ],
    ids=[
        *("negative", "after a refusal", "not asked for", "too late", "two"),
        *("none", "no attempt left"),
        *("missing", "missing but once only", "missing and not asked for"),
    ],
)
def test_one_provider_may_follow_a_negative_or_missing_receipt_in_time(
    attempts: list[Attempt], policy: PolicySet, left: float, follows: bool
) -> None:
    known = record(attempts=tried(*attempts), deadline=NOON + left * SECOND)

    assert follows_receipt(known, policy, NOON) is follows


def test_a_second_negative_receipt_is_followed_by_nobody() -> None:
    assert to(next_step(situation(LOST, policy=FOLLOWED))) == "b"
    assert next_step(situation(LOST, OTHER, policy=FOLLOWED)) == Stop()
