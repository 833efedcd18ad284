"""The policy decides, and a configuration names it as it names any other."""

from datetime import UTC, datetime
from typing import Any

import notify_working_days
import pytest

from notify_core.config import check, load
from notify_core.model.channel import Kind
from notify_core.model.checked import CheckedMessage
from notify_core.model.message import Content, Message
from notify_core.model.recipient import Phone
from notify_core.plugins import Plugins
from notify_core.policy.decision import Decision, Verdict
from notify_core.policy.take import NOTHING_REFUSED
from notify_core.testing import FakeVendor

NUMBER = "+8613800138000"


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> Plugins:
    monkeypatch.setenv("NOTIFY_PLUGINS", "")
    return Plugins(extra={"days": notify_working_days, "fake": FakeVendor()})


def configured(settings: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": 1,
        "defaults": {"timezone": "Asia/Shanghai"},
        "providers": {"one": {"type": "fake"}},
        "policies": {"slow": {"working_days": settings}},
        "routes": {"pool": "one", "policy": "slow"},
    }


def decided(plugins: Plugins, at: datetime, kind: Kind = Kind.NOTICE) -> Decision:
    snapshot = load(configured({"holidays": ["2026-10-01", "2026-10-02"]}), plugins)
    asked = snapshot.routes.root.policy.recurring[-1]
    message = CheckedMessage(
        message=Message(to=NUMBER, content=Content(text="Hello")),
        recipient=Phone(NUMBER, "86", "CN"),
        kind=kind,
        accepted_at=at,
        text="Hello",
    )
    return asked.policy.decide(message, at, NOTHING_REFUSED)


def test_on_a_working_day_messages_go_out(plugins: Plugins) -> None:
    decision = decided(plugins, datetime(2026, 9, 30, 15, 59, tzinfo=UTC))

    assert decision.verdict is Verdict.ALLOW


def test_after_holidays_and_a_weekend_they_go_out_on_monday(plugins: Plugins) -> None:
    decision = decided(plugins, datetime(2026, 9, 30, 16, tzinfo=UTC))

    assert decision.verdict is Verdict.DEFER
    assert decision.until == datetime(2026, 10, 4, 16, tzinfo=UTC)


def test_codes_go_out_on_any_day(plugins: Plugins) -> None:
    decision = decided(plugins, datetime(2026, 10, 1, tzinfo=UTC), Kind.OTP)

    assert decision.verdict is Verdict.ALLOW


def test_a_day_in_no_calendar_is_an_error_of_the_configuration(
    plugins: Plugins,
) -> None:
    [error] = check(configured({"holidays": ["2026-02-30"]}), plugins).errors

    assert error.pointer == "/policies/slow/working_days/holidays/0"
    assert error.message.startswith("'2026-02-30' is in no calendar")


def test_a_misspelt_setting_is_an_error_of_the_configuration(plugins: Plugins) -> None:
    [error] = check(configured({"hollidays": []}), plugins).errors

    assert error.message == "is unknown; did you mean 'holidays'?"
