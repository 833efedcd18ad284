"""The options of the policies `quiet_hours` and `send_window`.

It is noon in Greenwich on a Thursday, and eight in the evening in Shanghai.
"""

from typing import Any

import pytest

from notify_core.model.outcome import Reason
from notify_core.model.status import Status
from notify_core.testing import FakeVendor
from tests.options.configured import one, under

NIGHT = {"from": "11:00", "to": "13:00", "over": "drop"}
EVENING = {"from": "19:00", "to": "21:00", "over": "drop"}
MORNING = {"from": "09:00", "to": "10:00"}


async def status(vendor: FakeVendor, **policies: Any) -> Status:
    """Return what becomes of a notice at noon."""
    return (await one(under(policies), vendor=vendor)).status


@pytest.mark.option("policies.*.quiet_hours.from", instead="12:30")
@pytest.mark.option("policies.*.quiet_hours.to", instead="11:30")
async def test_nothing_is_sent_at_quiet_hours(vendor: FakeVendor) -> None:
    assert await status(vendor, quiet_hours=NIGHT) is Status.SUPPRESSED


@pytest.mark.option("policies.*.quiet_hours.days")
async def test_quiet_hours_are_those_of_some_days(vendor: FakeVendor) -> None:
    quiet = {**NIGHT, "days": ["fri-sun"]}

    assert await status(vendor, quiet_hours=quiet) is Status.ACCEPTED


@pytest.mark.option("policies.*.quiet_hours.timezone")
async def test_quiet_hours_have_a_time_zone(vendor: FakeVendor) -> None:
    quiet = {**EVENING, "timezone": "Asia/Shanghai"}

    assert await status(vendor, quiet_hours=quiet) is Status.SUPPRESSED


@pytest.mark.option("policies.*.quiet_hours.over")
async def test_a_message_at_quiet_hours_may_be_dropped(vendor: FakeVendor) -> None:
    result = await one(under({"quiet_hours": NIGHT}), vendor=vendor)

    assert result.status is Status.SUPPRESSED
    assert result.reason is Reason.POLICY_QUIET_HOURS


@pytest.mark.option("policies.*.quiet_hours.bypass")
async def test_some_messages_do_not_heed_quiet_hours(vendor: FakeVendor) -> None:
    quiet = {**NIGHT, "bypass": ["notice"]}

    assert await status(vendor, quiet_hours=quiet) is Status.ACCEPTED


def window(*windows: dict[str, Any], **settings: Any) -> dict[str, Any]:
    return {"windows": windows, "over": "drop", **settings}


@pytest.mark.option("policies.*.send_window.windows[].from", instead="12:30")
@pytest.mark.option("policies.*.send_window.windows[].to", instead="11:30")
async def test_something_is_sent_inside_a_window(vendor: FakeVendor) -> None:
    open_ = window(MORNING, {"from": "11:00", "to": "13:00"})

    assert await status(vendor, send_window=open_) is Status.ACCEPTED


@pytest.mark.option("policies.*.send_window.windows[].days")
async def test_a_window_opens_on_some_days(vendor: FakeVendor) -> None:
    friday = window({"from": "11:00", "to": "13:00", "days": ["fri"]})

    assert await status(vendor, send_window=friday) is Status.SUPPRESSED


@pytest.mark.option("policies.*.send_window.timezone")
async def test_windows_have_a_time_zone(vendor: FakeVendor) -> None:
    evening = window({"from": "19:00", "to": "21:00"}, timezone="Asia/Shanghai")

    assert await status(vendor, send_window=evening) is Status.ACCEPTED


@pytest.mark.option("policies.*.send_window.over")
async def test_a_message_outside_may_be_dropped(vendor: FakeVendor) -> None:
    assert await status(vendor, send_window=window(MORNING)) is Status.SUPPRESSED


@pytest.mark.option("policies.*.send_window.bypass")
async def test_some_messages_do_not_heed_windows(vendor: FakeVendor) -> None:
    closed = window(MORNING, bypass=["notice"])

    assert await status(vendor, send_window=closed) is Status.ACCEPTED
