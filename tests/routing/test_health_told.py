"""What observers and people are told of a provider's health."""

import re
from datetime import timedelta

import pytest

from notify_core.model.health import HealthState, HealthUnit
from notify_core.model.outcome import Reason, Scope
from notify_core.routing.health.fault import FAULTS
from tests.routing.ward import Ward, at
from tests.test_docs import rows

OK, PROBING, RESTING = HealthState.OK, HealthState.PROBING, HealthState.RESTING
DOWN = [Reason.CONNECT_FAILED] * 5


@pytest.fixture
def ward() -> Ward:
    return Ward()


def test_every_change_is_told_once(ward: Ward) -> None:
    until = at(ward.clock, 300)
    ward.answers("a", *[Reason.AUTH_FAILED] * 3)
    ward.clock.advance(300)
    permit = ward.enter("a")
    assert permit is not None
    permit.leave()
    ward.enter("a")
    ward.answers("a", Reason.NONE, Reason.NONE)

    assert ward.told() == [RESTING, PROBING, OK]
    first = ward.events[0]
    assert (first.unit, first.name) == (HealthUnit.PROVIDER, None)
    assert (first.reason, first.until) == (Reason.AUTH_FAILED, until)
    assert [event.until for event in ward.events[1:]] == [None, None]


def test_a_failed_try_is_told(ward: Ward) -> None:
    ward.answers("a", *DOWN)
    ward.clock.advance(30)
    ward.enter("a")
    ward.answers("a", Reason.CONNECT_FAILED)

    assert ward.told() == [RESTING, PROBING, RESTING]


@pytest.mark.parametrize(
    ("sender", "reason", "seconds", "why"),
    [
        (
            "示例",
            Reason.SENDER_REJECTED,
            0,
            "its sender '示例' rests until 12:05:00 UTC",
        ),
        (None, Reason.SENDER_REJECTED, 0, "its own sender rests until 12:05:00 UTC"),
        ("s", Reason.TEMPLATE_REJECTED, 0, "its template 't' rests until 12:05:00 UTC"),
        ("s", Reason.AUTH_FAILED, 0, "rests until 12:05:00 UTC"),
        ("s", Reason.QUOTA_EXHAUSTED, 43200, "rests until 2026-01-02 13:00:00 UTC"),
    ],
)
def test_the_why_is_for_people(
    ward: Ward, sender: str | None, reason: Reason, seconds: int, why: str
) -> None:
    ward.clock.advance(seconds)
    retry = at(ward.clock, 13 * 3600) if seconds else None
    ward.answers(
        "a", reason, sender=sender, template_id="t", scope=Scope.UNIT, retry_at=retry
    )

    rest = ward.rest("a", sender, "t")

    assert rest is not None
    assert rest.why(ward.clock.now() - timedelta(hours=1)) == f"{why}: {reason}"


def test_a_sender_that_is_a_number_is_masked(ward: Ward) -> None:
    number = "+15005550006"
    ward.answers("a", Reason.SENDER_REJECTED, sender=number, scope=Scope.UNIT)

    rest = ward.rest("a", number)

    assert rest is not None
    assert number not in rest.why(ward.clock.now())
    assert number not in str(ward.events)


def test_the_documented_table_has_every_fault() -> None:
    first = [c[0] for c in rows("outcomes.md") if len(c) == 4]
    documented = set(re.findall("[a-z_]+", " ".join(first)))

    assert documented >= set(FAULTS)
