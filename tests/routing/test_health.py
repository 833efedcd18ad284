"""Which providers are left alone, for how long, and how they come back."""

from datetime import timedelta

import pytest

from notify_core.model.health import HealthState
from notify_core.model.outcome import Reason, Scope
from notify_core.routing.health.fault import FAULTS
from notify_core.routing.health.rest import first_to_end
from tests.routing.ward import LONGEST, Ward

SOFT = [
    Reason.CONNECT_FAILED,
    Reason.NO_RESPONSE,
    Reason.SERVER_ERROR,
    Reason.INTERRUPTED,
    Reason.PROVIDER_ERROR,
    Reason.INVALID_REQUEST,
    Reason.UNMAPPED,
]
DOWN = [Reason.CONNECT_FAILED] * 5
OK, PROBING, RESTING = HealthState.OK, HealthState.PROBING, HealthState.RESTING


@pytest.fixture
def ward() -> Ward:
    return Ward()


# Faults in a row.


@pytest.mark.parametrize("reason", SOFT, ids=str)
def test_a_provider_rests_after_five_faults_in_a_row(
    ward: Ward, reason: Reason
) -> None:
    ward.answers("a", *[reason] * 4)
    before = ward.rest("a")
    ward.answers("a", reason)

    assert before is None
    assert ward.rests_for("a") == 30
    assert ward.rest("b") is None


def test_faults_of_several_kinds_are_one_row(ward: Ward) -> None:
    ward.answers("a", *SOFT[:5])

    assert ward.rests_for("a") == 30


@pytest.mark.parametrize(
    "reason", [Reason.NONE, Reason.CONTENT_REJECTED, Reason.THROTTLED], ids=str
)
def test_an_answer_that_is_no_fault_begins_the_row_anew(
    ward: Ward, reason: Reason
) -> None:
    ward.answers("a", *DOWN[:4], reason, *DOWN[:4])

    assert ward.rest("a") is None
    assert ward.events == []


@pytest.mark.parametrize("reason", sorted(set(Reason) - set(FAULTS)), ids=str)
def test_other_reasons_say_nothing_against_a_provider(
    ward: Ward, reason: Reason
) -> None:
    ward.answers("a", *[reason] * 20, sender="s", template_id="t", scope=Scope.UNIT)

    assert ward.rest("a", "s", "t") is None


def test_the_settings_say_how_many_faults_and_how_long() -> None:
    ward = Ward(failures=2, rest=timedelta(minutes=1))

    ward.answers("a", *DOWN[:2])

    assert ward.rests_for("a") == 60


def test_a_page_of_a_firewall_is_no_verdict_on_the_key(ward: Ward) -> None:
    ward.answers("a", *[Reason.ACCESS_DENIED] * 4, code=None)
    before = ward.rest("a")
    ward.answers("a", Reason.ACCESS_DENIED, code=None)

    assert before is None
    assert ward.rests_for("a") == 30
    assert ward.health.to_ask() == ()


# Half-open.


def test_after_its_rest_one_message_at_a_time_tries_it(ward: Ward) -> None:
    ward.answers("a", *DOWN)
    during = ward.enter("a")
    ward.clock.advance(30)
    first, second = ward.enter("a"), ward.enter("a")

    assert (during, second) == (None, None)
    assert first is not None
    first.leave()
    assert ward.rest("a") is None
    assert ward.enter("a") is not None


def test_who_tries_it_is_told_to_the_others(ward: Ward) -> None:
    ward.answers("a", *DOWN)
    ward.clock.advance(30)
    free = ward.rest("a")
    ward.enter("a")

    rest = ward.rest("a")
    assert free is None
    assert rest is not None
    why = "is being tried by another message: connect_failed"
    assert rest.why(ward.clock.now()) == why


@pytest.mark.parametrize("answer", [Reason.NONE, Reason.CONTENT_REJECTED], ids=str)
def test_an_answer_that_is_no_fault_ends_it(ward: Ward, answer: Reason) -> None:
    ward.answers("a", *DOWN)
    ward.clock.advance(30)
    ward.enter("a")
    ward.answers("a", answer, *DOWN[:4])

    assert ward.rest("a") is None
    assert [ward.enter("a") is not None for _ in range(3)] == [True] * 3
    assert ward.told() == [RESTING, PROBING, OK]


@pytest.mark.parametrize("answer", [Reason.NO_RESPONSE, Reason.UNMAPPED], ids=str)
def test_a_failed_try_doubles_the_rest_up_to_ten_minutes(
    ward: Ward, answer: Reason
) -> None:
    ward.answers("a", *DOWN)
    rests = []
    for _ in range(7):
        rests.append(ward.rests_for("a"))
        ward.clock.advance(rests[-1] or 0)
        permit = ward.enter("a")
        ward.answers("a", answer)
        assert permit is not None
        permit.leave()

    assert rests == [30, 60, 120, 240, 480, 600, 600]


def test_a_rest_that_is_set_longer_does_not_grow() -> None:
    ward = Ward(rest=timedelta(hours=1))
    ward.answers("a", *DOWN)
    ward.clock.advance(3600)
    ward.answers("a", Reason.CONNECT_FAILED)

    assert ward.rests_for("a") == 3600


def test_the_first_rest_after_a_good_answer_is_short_again(ward: Ward) -> None:
    ward.answers("a", *DOWN)
    ward.clock.advance(30)
    ward.answers("a", Reason.CONNECT_FAILED)
    ward.clock.advance(60)
    ward.answers("a", Reason.NONE, *DOWN)

    assert ward.rests_for("a") == 30


@pytest.mark.parametrize("reason", [Reason.NONE, Reason.CONNECT_FAILED], ids=str)
def test_an_attempt_that_began_before_the_rest_says_nothing_of_it(
    ward: Ward, reason: Reason
) -> None:
    begun = ward.clock.now()
    ward.clock.advance(1)
    ward.answers("a", *DOWN)
    ward.answers("a", reason, started_at=begun)

    assert ward.rests_for("a") == 30
    assert ward.told() == [RESTING]


def test_a_try_that_never_ends_lets_others_in_after_its_time(ward: Ward) -> None:
    ward.answers("a", *DOWN)
    ward.clock.advance(30)
    lost = ward.enter("a")
    ward.clock.advance(LONGEST)
    next_ = ward.enter("a")
    assert lost is not None
    lost.leave()

    assert next_ is not None
    assert ward.enter("a") is None


# All rest.


def test_when_all_rest_the_one_that_ends_first_is_tried_one_at_a_time(
    ward: Ward,
) -> None:
    ward.answers("a", Reason.AUTH_FAILED)
    ward.answers("b", *DOWN)
    rests = {name: rest for name in "ab" if (rest := ward.rest(name))}

    first = first_to_end(rests)

    assert first == "b"
    permit = ward.enter("b", anyway=True)
    assert permit is not None
    assert ward.enter("b", anyway=True) is None
    permit.leave()
    assert ward.enter("b", anyway=True) is not None
    assert ward.told("b") == [RESTING]


def test_a_provider_that_is_tried_though_it_rests_may_come_back(ward: Ward) -> None:
    ward.answers("a", *DOWN)
    ward.enter("a", anyway=True)
    ward.answers("a", Reason.NONE)

    assert ward.rest("a") is None
    assert ward.told() == [RESTING, OK]
