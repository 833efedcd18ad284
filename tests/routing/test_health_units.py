"""What rests, and how long: accounts, senders, templates, what receipts say."""

import pytest

from notify_core.model.health import HealthState
from notify_core.model.outcome import Reason, Scope
from notify_core.model.status import AttemptState
from notify_core.routing.health import register
from tests.routing.ward import Ward, at

OK, PROBING, RESTING = HealthState.OK, HealthState.PROBING, HealthState.RESTING
DOWN = [Reason.CONNECT_FAILED] * 5


@pytest.fixture
def ward() -> Ward:
    return Ward()


# Accounts at fault.


@pytest.mark.parametrize(
    ("reason", "seconds"),
    [
        (Reason.QUOTA_EXHAUSTED, 3600),
        (Reason.INSUFFICIENT_BALANCE, 300),
        (Reason.AUTH_FAILED, 300),
        (Reason.ACCESS_DENIED, 300),
    ],
    ids=str,
)
def test_an_account_at_fault_rests_at_once(
    ward: Ward, reason: Reason, seconds: int
) -> None:
    ward.answers("a", reason)

    assert ward.rests_for("a") == seconds
    assert ward.rests_for("a", sender="s", template_id="t") == seconds


@pytest.mark.parametrize(
    ("told", "seconds"),
    [(7200, 7200), (-60, 30), (10**8, 86400)],
    ids=["told", "past", "a day at most"],
)
def test_the_vendor_says_when_a_quota_is_free_again(
    ward: Ward, told: int, seconds: int
) -> None:
    ward.answers("a", Reason.QUOTA_EXHAUSTED, retry_at=at(ward.clock, told))

    assert ward.rests_for("a") == seconds


def test_an_account_that_is_still_at_fault_rests_as_long_again(ward: Ward) -> None:
    ward.answers("a", Reason.AUTH_FAILED)
    ward.clock.advance(300)
    ward.answers("a", Reason.AUTH_FAILED)

    assert ward.rests_for("a") == 300


# Senders and templates.


@pytest.mark.parametrize(
    ("reason", "other"),
    [
        (Reason.SENDER_REJECTED, ("s2", "t")),
        (Reason.TEMPLATE_REJECTED, ("s", "t2")),
    ],
    ids=str,
)
def test_what_is_unusable_for_all_rests_at_once_and_alone(
    ward: Ward, reason: Reason, other: tuple[str, str]
) -> None:
    ward.answers("a", reason, sender="s", template_id="t", scope=Scope.UNIT)

    assert ward.rests_for("a", sender="s", template_id="t") == 300
    assert ward.rest("a", *other) is None
    assert ward.rest("b", "s", "t") is None


def test_an_accounts_own_sender_is_a_unit_too(ward: Ward) -> None:
    ward.answers("a", Reason.SENDER_REJECTED, scope=Scope.UNIT)

    assert ward.rests_for("a") == 300
    assert ward.rest("a", "s") is None


def test_without_a_template_there_is_no_unit(ward: Ward) -> None:
    ward.answers("a", *[Reason.TEMPLATE_REJECTED] * 9, scope=Scope.UNIT)

    assert ward.rest("a") is None


@pytest.mark.parametrize(
    "reason", [Reason.SENDER_REJECTED, Reason.TEMPLATE_REJECTED], ids=str
)
def test_texts_that_do_not_fit_rest_it_after_five_different_messages(
    ward: Ward, reason: Reason
) -> None:
    unit = {"sender": "s", "template_id": "t"}
    ward.answers("a", *[reason] * 9, message="same", **unit)
    ward.answers("a", *[reason] * 3, **unit)
    before = ward.rest("a", "s", "t")
    ward.answers("a", reason, **unit)

    assert before is None
    assert ward.rests_for("a", **unit) == 30


def test_a_message_that_fits_begins_the_row_anew(ward: Ward) -> None:
    faults = [Reason.TEMPLATE_REJECTED] * 4
    ward.answers("a", *faults, Reason.NONE, *faults, template_id="t")

    assert ward.rest("a", None, "t") is None


def test_a_provider_that_cannot_be_reached_says_nothing_of_its_sender(
    ward: Ward,
) -> None:
    ward.answers("a", Reason.SENDER_REJECTED, sender="s", scope=Scope.UNIT)
    ward.clock.advance(300)
    ward.answers("a", Reason.CONNECT_FAILED, Reason.NO_RESPONSE, sender="s")
    permit = ward.enter("a", "s")

    assert permit is not None
    assert ward.enter("a", "s") is None
    assert ward.enter("a", "s2") is not None


def test_of_several_rests_the_one_that_ends_last_counts(ward: Ward) -> None:
    ward.answers("a", Reason.SENDER_REJECTED, sender="s", scope=Scope.UNIT)
    ward.answers("a", Reason.QUOTA_EXHAUSTED)

    rest = ward.rest("a", "s")

    assert rest is not None
    assert rest.reason is Reason.QUOTA_EXHAUSTED


def test_senders_without_end_are_not_all_remembered(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register, "MOST_UNITS", 3)
    for name in "vwxyz":
        ward.answers("a", Reason.SENDER_REJECTED, sender=name, scope=Scope.UNIT)

    resting = [name for name in "vwxyz" if ward.rest("a", name)]

    assert resting == ["x", "y", "z"]


# Receipts.


def negative(ward: Ward, times: int) -> None:
    """Let messages be accepted, and not be delivered."""
    for _ in range(times):
        ward.answers("a", Reason.NONE)
        ward.receipt("a", AttemptState.UNDELIVERED, Reason.CARRIER_REJECTED)


def test_five_negative_receipts_in_a_row_rest_a_provider_that_accepts(
    ward: Ward,
) -> None:
    negative(ward, 4)
    before = ward.rest("a")
    negative(ward, 1)

    assert before is None
    assert ward.rests_for("a") == 30


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (AttemptState.DELIVERED, Reason.NONE),
        (AttemptState.UNDELIVERED, Reason.RECIPIENT_BLOCKED),
    ],
    ids=str,
)
def test_a_receipt_that_is_no_fault_begins_the_row_anew(
    ward: Ward, state: AttemptState, reason: Reason
) -> None:
    negative(ward, 4)
    ward.receipt("a", state, reason)
    negative(ward, 4)

    assert ward.rest("a") is None


@pytest.mark.parametrize("state", [AttemptState.SENT, AttemptState.RECEIPT_TIMEOUT])
def test_what_settles_nothing_says_nothing(ward: Ward, state: AttemptState) -> None:
    negative(ward, 4)
    ward.receipt("a", state, Reason.NONE)
    negative(ward, 1)

    assert ward.rests_for("a") == 30
