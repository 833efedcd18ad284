"""Messages go out in the given hours and at no other time."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notify_core.model.channel import Importance, Kind
from notify_core.model.outcome import Reason
from notify_core.policy.decision import ALLOW, Decision, Verdict
from notify_core.policy.send_window import SEND_WINDOW
from notify_core.policy.take import NOTHING_REFUSED
from tests.builders import record, text
from tests.policy.counting import policy, problems

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOTICE = record(text(), kind=Kind.NOTICE)
#: The machine may be busy with something else.
BUSY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
OFFICE = {"windows": [{"days": ["mon-fri"], "from": "09:00", "to": "18:00"}]}


def decided(at: str, said: dict[str, Any], facts: Any = NOTICE) -> Decision:
    when = datetime.fromisoformat(at).replace(tzinfo=SHANGHAI)
    return policy(SEND_WINDOW, said, SHANGHAI).decide(facts, when, NOTHING_REFUSED)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-01-02T12:00", None),
        ("2026-01-02T09:00", None),
        ("2026-01-02T08:59:59", "2026-01-02T09:00"),
        # 2 January 2026 was a Friday.
        ("2026-01-02T18:00", "2026-01-05T09:00"),
        ("2026-01-04T12:00", "2026-01-05T09:00"),
    ],
)
def test_a_message_waits_until_the_window_opens(at: str, until: str | None) -> None:
    decision = decided(at, OFFICE)

    if until is None:
        assert decision is ALLOW
    else:
        wanted = datetime.fromisoformat(until).replace(tzinfo=SHANGHAI)
        assert (decision.verdict, decision.until) == (Verdict.DEFER, wanted)
        assert decision.reason is Reason.POLICY_QUIET_HOURS
        assert decision.why == "outside of the send window (Asia/Shanghai)"


def test_any_of_several_windows_lets_a_message_through() -> None:
    windows = [
        {"from": "09:00", "to": "12:00"},
        {"from": "11:00", "to": "13:00", "days": ["sat"]},
        {"from": "23:00", "to": "01:00"},
    ]

    at_noon_on_friday = decided("2026-01-02T12:30", {"windows": windows})
    at_noon_on_saturday = decided("2026-01-03T12:30", {"windows": windows})
    after_midnight = decided("2026-01-03T00:30", {"windows": windows})

    assert at_noon_on_friday.until == datetime(2026, 1, 2, 23, tzinfo=SHANGHAI)
    assert at_noon_on_saturday is ALLOW
    assert after_midnight is ALLOW


def test_what_comes_outside_may_be_dropped() -> None:
    decision = decided("2026-01-04T12:00", {**OFFICE, "over": "drop"})

    assert (decision.verdict, decision.until) == (Verdict.SUPPRESS, None)


def test_what_is_critical_may_go_out_at_any_time() -> None:
    critical = record(text(importance=Importance.CRITICAL), kind=Kind.NOTICE)

    decision = decided("2026-01-04T12:00", {**OFFICE, "bypass": ["critical"]}, critical)

    assert decision is ALLOW


def test_a_window_of_the_whole_week_closes_nothing() -> None:
    always = {"windows": [{"from": "00:00", "to": "00:00"}]}

    assert decided("2026-01-04T12:00", always) is ALLOW


def test_the_window_has_a_time_zone_of_its_own() -> None:
    there = {**OFFICE, "timezone": "America/New_York"}

    decision = decided("2026-01-02T12:00", there)

    assert decision.until == datetime(
        2026, 1, 2, 9, tzinfo=ZoneInfo("America/New_York")
    )


def test_a_time_zone_that_there_is_not_is_refused() -> None:
    [(pointer, _)] = problems(SEND_WINDOW, {**OFFICE, "timezone": "Mars/Olympus"})

    assert pointer == "/timezone"


@settings(BUSY, max_examples=60)
@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)))
def test_asked_again_when_it_is_due_it_lets_the_message_go(at: datetime) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    asked = policy(SEND_WINDOW, OFFICE, berlin)
    now = at.replace(tzinfo=ZoneInfo("UTC"))

    due = asked.decide(NOTICE, now, NOTHING_REFUSED).until or now

    assert asked.decide(NOTICE, due, NOTHING_REFUSED) is ALLOW
    if due > now:
        before = due - timedelta(microseconds=1)
        assert asked.decide(NOTICE, before, NOTHING_REFUSED).until == due
