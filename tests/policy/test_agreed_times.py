"""A message that several policies defer waits for a time that suits them all."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from notify_core.dispatch.admit import admit, scheduled
from notify_core.model.outcome import Reason
from notify_core.policy.decision import ALLOW, Decision, Verdict
from notify_core.policy.policy import NamedPolicy
from notify_core.policy.take import Refusal
from tests.builders import NOON, Says, policies, record, text
from tests.options.configured import under
from tests.trial.configured import configured

QUIET = {"from": "22:00", "to": "08:00"}


def window(*spans: str, days: str = "mon-sun", **settings: Any) -> dict[str, Any]:
    """Return a send window of spans such as `09:00-18:00`."""
    named = [dict(zip(("from", "to"), s.split("-"), strict=True)) for s in spans]
    return {"windows": [{**one, "days": [days]} for one in named], **settings}


def until(at: str, timezone: str, **written: Any) -> str | None:
    """Return when a message of this time would go, as clocks there show it."""
    snapshot = configured(defaults={"timezone": timezone}, **under(written))
    asked = snapshot.routes.root.policy.admission
    moment = datetime.fromisoformat(at).replace(tzinfo=snapshot.timezone)
    found = admit(record(), asked, moment.astimezone(UTC)).until
    if found is None:
        return None
    return found.astimezone(snapshot.timezone).strftime("%a %d %H:%M")


@pytest.mark.parametrize(
    ("at", "spans", "expected"),
    [
        # 2026-01-01 is a Thursday.
        ("2026-01-01T23:00", ["09:00-18:00"], "Fri 02 09:00"),
        ("2026-01-01T23:00", ["06:00-20:00"], "Fri 02 08:00"),
        # The window opens by night, and closes before the morning.
        ("2026-01-01T23:00", ["05:00-07:00", "12:00-13:00"], "Fri 02 12:00"),
        # It opens before midnight, and is still open when the night ends.
        ("2026-01-01T21:00", ["23:00-09:00"], "Fri 02 08:00"),
        ("2026-01-01T21:00", ["21:30-22:30"], "Thu 01 21:30"),
        ("2026-01-01T21:45", ["21:30-22:30"], None),
        ("2026-01-01T22:15", ["21:30-22:30"], "Fri 02 21:30"),
    ],
)
def test_the_first_time_is_found_at_which_quiet_hours_and_window_both_allow(
    at: str, spans: list[str], expected: str | None
) -> None:
    found = until(at, "Asia/Shanghai", quiet_hours=QUIET, send_window=window(*spans))

    assert found == expected


def test_it_may_lie_days_ahead() -> None:
    found = until(
        "2026-01-01T23:00",
        "Asia/Shanghai",
        quiet_hours={"from": "08:00", "to": "08:00", "days": ["mon-tue"]},
        send_window=window("07:00-10:00", days="mon-wed"),
    )

    assert found == "Mon 05 07:00"


@pytest.mark.parametrize(
    ("at", "spans", "expected"),
    [
        # Clocks are put forward at 02:00 on Sunday, 29 March: 02:30 does not happen.
        ("2026-03-28T23:00", ["02:30-03:30", "12:00-13:00"], "Sun 29 12:00"),
        ("2026-03-28T23:00", ["02:30-08:30"], "Sun 29 08:00"),
        # They are put back at 03:00 on Sunday, 25 October: 02:30 happens twice.
        ("2026-10-24T23:00", ["02:30-02:45", "08:30-09:00"], "Sun 25 08:30"),
    ],
)
def test_it_is_found_where_the_clocks_are_changed_in_between(
    at: str, spans: list[str], expected: str
) -> None:
    found = until(at, "Europe/Berlin", quiet_hours=QUIET, send_window=window(*spans))

    assert found == expected


def test_it_is_found_between_time_zones() -> None:
    found = until(
        "2026-01-01T23:00",
        "Asia/Shanghai",
        quiet_hours=QUIET,
        send_window=window("09:00-12:00", timezone="Europe/Berlin"),
    )

    assert found == "Fri 02 16:00"


def test_a_limit_that_has_room_by_night_lets_it_go_in_the_morning() -> None:
    named = {"name": "few", "key": ["recipient"], "allow": ["1/6h"], "over": "defer"}
    written = {"limits": [named], "quiet_hours": {"from": "17:00", "to": "08:00"}}
    asked = configured(**under(written)).routes.root.policy.admission
    limits = next(each.policy for each in asked if each.name == "limits")
    takes = limits.needs(record())
    refused = {take: Refusal(free_at=NOON + timedelta(hours=6)) for take in takes}

    found = admit(record(), asked, NOON, refused)

    assert found.until == NOON + timedelta(hours=20)


def test_a_time_to_begin_by_night_becomes_the_morning() -> None:
    asked = configured(**under({"quiet_hours": QUIET})).routes.root.policy.admission
    night = NOON + timedelta(hours=11)
    waiting = record(text(not_before=night))

    found = scheduled(admit(waiting, asked, NOON), waiting, asked, NOON)

    assert found.until == NOON + timedelta(hours=20)
    assert found.barred is not None
    assert found.barred.policy == "quiet_hours"


class Later:
    """Defers by an hour, whenever it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def needs(self, facts: Any) -> tuple[()]:
        return ()

    def decide(self, facts: Any, now: datetime, refused: Any) -> Decision:
        self.asked += 1
        reason = Reason.POLICY_BLOCKED
        later = now + timedelta(hours=1)
        return Decision(verdict=Verdict.DEFER, reason=reason, until=later)


def test_a_policy_is_not_asked_at_the_end_that_it_named_itself() -> None:
    later = Later()

    found = admit(record(), policies(later=later, never=Says(ALLOW)).admission, NOON)

    assert found.until == NOON + timedelta(hours=1)
    assert later.asked == 1


def test_a_policy_that_is_asked_once_does_not_put_a_deferral_off() -> None:
    once = NamedPolicy(name="once", policy=Later())
    night = Decision(verdict=Verdict.DEFER, until=NOON + timedelta(hours=2))
    asked = (*policies(night=Says(night)).admission, once)

    found = admit(record(), asked, NOON)

    assert found.until == NOON + timedelta(hours=2)


def test_policies_that_never_agree_are_not_asked_for_ever() -> None:
    one, other = Later(), Later()

    found = admit(record(), policies(one=one, other=other).admission, NOON)

    assert found.is_deferred
    assert one.asked + other.asked < 1_000
