"""Nobody is woken up, whatever the clocks do."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notify_core.model.channel import Importance, Kind
from notify_core.model.outcome import Reason
from notify_core.policy.decision import ALLOW, Decision, Verdict
from notify_core.policy.quiet_hours import QUIET_HOURS
from notify_core.policy.take import NOTHING_REFUSED
from tests.builders import record, text
from tests.policy.counting import policy, problems

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = {"from": "22:00", "to": "08:00"}
NOTICE = record(text(), kind=Kind.NOTICE)
#: The machine may be busy with something else.
BUSY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
#: Clocks that are changed at different hours, by different amounts, or never.
ZONES = (
    *("UTC", "Asia/Shanghai", "Asia/Kolkata", "Asia/Beirut", "Europe/Berlin"),
    *("America/New_York", "America/Havana", "America/Santiago"),
    *("Australia/Lord_Howe", "Africa/Casablanca"),
)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def decided(
    at: datetime, said: dict[str, Any], zone: tzinfo = SHANGHAI, facts: Any = NOTICE
) -> Decision:
    return policy(QUIET_HOURS, said, zone).decide(facts, at, NOTHING_REFUSED)


def local(text_: str, zone: tzinfo, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text_).replace(tzinfo=zone, fold=fold)


@pytest.mark.parametrize("at", ["2026-01-01T08:00", "2026-01-01T21:59:59.999999"])
def test_by_day_everything_goes_out(at: str) -> None:
    assert decided(local(at, SHANGHAI), NIGHT) is ALLOW


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-01-01T22:00", "2026-01-02T08:00"),
        ("2026-01-01T23:59:59", "2026-01-02T08:00"),
        ("2026-01-02T00:00", "2026-01-02T08:00"),
        ("2026-01-02T07:59:59.999999", "2026-01-02T08:00"),
    ],
)
def test_at_night_a_message_waits_for_the_morning(at: str, until: str) -> None:
    decision = decided(local(at, SHANGHAI), NIGHT)

    assert decision.verdict is Verdict.DEFER
    assert decision.reason is Reason.POLICY_QUIET_HOURS
    assert decision.until == local(until, SHANGHAI)
    assert decision.why == "quiet hours from 22:00 to 08:00 (Asia/Shanghai)"


def test_what_may_be_dropped_is_suppressed() -> None:
    at = local("2026-01-01T23:00", SHANGHAI)

    decision = decided(at, {**NIGHT, "over": "drop"})

    assert decision.verdict is Verdict.SUPPRESS
    assert decision.reason is Reason.POLICY_QUIET_HOURS
    assert decision.until is None


@pytest.mark.parametrize(
    ("bypass", "facts", "goes"),
    [
        (["otp"], record(kind=Kind.OTP), True),
        (["critical"], record(text(importance=Importance.CRITICAL)), True),
        (["critical"], record(text(importance=Importance.HIGH)), False),
        ([], record(kind=Kind.OTP), False),
    ],
)
def test_kinds_and_importances_may_go_out_all_the_same(
    bypass: list[str], facts: Any, goes: bool
) -> None:
    at = local("2026-01-01T23:00", SHANGHAI)

    decision = decided(at, {**NIGHT, "bypass": bypass}, facts=facts)

    assert (decision is ALLOW) is goes


def test_the_time_zone_of_the_policy_goes_before_that_of_the_configuration() -> None:
    at = local("2026-01-01T23:00", SHANGHAI)

    own = decided(at, {**NIGHT, "timezone": "America/New_York"}, SHANGHAI)
    common = decided(at, NIGHT, SHANGHAI)

    assert own is ALLOW
    assert common.verdict is Verdict.DEFER


def test_days_are_those_on_which_the_quiet_begins() -> None:
    weekend = {"from": "20:00", "to": "10:00", "days": ["fri-sat"]}

    saturday, sunday, monday = (
        decided(local(f"2026-01-{day}T09:00", SHANGHAI), weekend)
        for day in ("03", "04", "05")
    )
    friday = decided(local("2026-01-02T09:00", SHANGHAI), weekend)

    assert friday is ALLOW
    assert saturday.until == local("2026-01-03T10:00", SHANGHAI)
    assert sunday.until == local("2026-01-04T10:00", SHANGHAI)
    assert monday is ALLOW


def test_a_whole_day_may_be_quiet_and_days_wrap_around_the_week() -> None:
    sunday_and_monday = {"from": "00:00", "to": "00:00", "days": ["sun-mon"]}

    decision = decided(local("2026-01-04T12:00", SHANGHAI), sunday_and_monday)

    assert decision.until == local("2026-01-06T00:00", SHANGHAI)


def test_an_end_that_the_clocks_skip_is_the_moment_at_which_they_do() -> None:
    # In Berlin 02:00 was followed by 03:00 on 29 March 2026.
    decision = decided(
        local("2026-03-28T23:00", BERLIN), {"from": "22:00", "to": "02:30"}, BERLIN
    )

    assert decision.until == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_hours_that_the_clocks_skip_whole_are_not_quiet() -> None:
    skipped = {"from": "02:10", "to": "02:50"}

    decision = decided(datetime(2026, 3, 29, 1, tzinfo=UTC), skipped, BERLIN)

    assert decision is ALLOW


def test_hours_that_the_clocks_show_twice_are_quiet_twice() -> None:
    # In Berlin 03:00 was followed by 02:00 on 25 October 2026.
    repeated = {"from": "02:10", "to": "02:50"}

    first = decided(local("2026-10-25T02:20", BERLIN), repeated, BERLIN)
    second = decided(local("2026-10-25T02:20", BERLIN, fold=1), repeated, BERLIN)

    assert first.until == datetime(2026, 10, 25, 0, 50, tzinfo=UTC)
    assert second.until == datetime(2026, 10, 25, 1, 50, tzinfo=UTC)


def test_a_night_is_an_hour_longer_when_the_clocks_are_put_back() -> None:
    at = local("2026-10-24T22:00", BERLIN)

    decision = decided(at, NIGHT, BERLIN)

    assert decision.until is not None
    assert decision.until - at.astimezone(UTC) == timedelta(hours=11)


def is_quiet(at: datetime, said: dict[str, Any], zone: tzinfo) -> bool:
    """Tell by the clock on the wall alone."""
    there = at.astimezone(zone)
    time, day = there.strftime("%H:%M"), there.weekday()
    begin, end, days = said["from"], said["to"], said["days"]

    def counts(day: int) -> bool:
        return not days or DAYS[day % 7] in days

    if begin < end:
        return begin <= time < end and counts(day)
    return (time >= begin and counts(day)) or (time < end and counts(day - 1))


quarters = st.builds(
    "{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 15, 30, 45])
)
hours = st.fixed_dictionaries(
    {
        "from": quarters,
        "to": quarters,
        "days": st.lists(st.sampled_from(DAYS), max_size=4, unique=True),
    }
).filter(lambda said: said["from"] != said["to"] or said["days"])
#: Around the days on which clocks are changed in these zones, and any others.
times = st.one_of(
    st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31)),
    *(
        st.datetimes(datetime(2026, month, day), datetime(2026, month, day + 2))
        for month, day in ((2, 14), (3, 7), (3, 28), (4, 4), (9, 5), (10, 24), (11, 1))
    ),
).map(lambda at: at.replace(tzinfo=UTC))


@settings(BUSY, max_examples=150)
@given(times, hours, st.sampled_from(ZONES).map(ZoneInfo))
def test_a_deferral_ends_at_the_first_instant_that_is_not_quiet(
    at: datetime, said: dict[str, Any], zone: ZoneInfo
) -> None:
    decision = decided(at, said, zone)

    assert (decision is not ALLOW) is is_quiet(at, said, zone)
    if decision.until is not None:
        assert decision.until > at
        assert not is_quiet(decision.until, said, zone)
        assert is_quiet(decision.until - timedelta(microseconds=1), said, zone)
        for minutes in range(0, int((decision.until - at).total_seconds()) // 60, 30):
            assert is_quiet(at + timedelta(minutes=minutes), said, zone)


@settings(BUSY, max_examples=30)
@given(times, hours, st.sampled_from(ZONES).map(ZoneInfo))
def test_asked_again_when_it_is_due_it_lets_the_message_go(
    at: datetime, said: dict[str, Any], zone: ZoneInfo
) -> None:
    due = decided(at, said, zone).until or at

    assert decided(due, said, zone) is ALLOW


def test_it_is_asked_again_when_a_message_is_due() -> None:
    assert QUIET_HOURS.recurs


def test_it_takes_nothing() -> None:
    assert policy(QUIET_HOURS, NIGHT).needs(NOTICE) == ()


def test_a_time_zone_that_there_is_not_is_refused() -> None:
    [(pointer, why)] = problems(QUIET_HOURS, {**NIGHT, "timezone": "Asia/Shanghia"})

    assert pointer == "/timezone"
    assert why.endswith("is no known time zone; did you mean 'Asia/Shanghai'?")


def test_hours_that_never_end_are_refused() -> None:
    [(pointer, why)] = problems(QUIET_HOURS, {"from": "08:00", "to": "08:00"})

    assert pointer == "/to"
    assert why.startswith("leaves no minute of the week")
