"""The options under `defaults`."""

from datetime import UTC, datetime

import pytest

from notify_core.testing import FakeClock, FakeVendor
from tests.builders import text
from tests.options.configured import one, opened, under

#: An hour later it is the next day in Shanghai, and not yet in Greenwich.
EVENING = datetime(2026, 1, 1, 15, 30, tzinfo=UTC)


@pytest.mark.option("defaults.region")
async def test_a_number_without_a_country_code_is_of_the_default_region(
    vendor: FakeVendor,
) -> None:
    configuration = {"defaults": {"region": "CN"}}

    await one(configuration, text(to="13800138000"), vendor=vendor)

    assert vendor["a"].submissions[0].recipient.address == "+8613800138000"


@pytest.mark.option("defaults.timezone")
async def test_a_day_begins_at_midnight_of_the_default_time_zone(
    vendor: FakeVendor,
) -> None:
    limit = {"name": "daily", "key": ["recipient"], "allow": ["1/day"]}
    clock = FakeClock(EVENING)

    async with opened(
        under({"limits": [limit]}, defaults={"timezone": "Asia/Shanghai"}),
        vendor,
        clock=clock,
    ) as notifier:
        first = await notifier.send(text())
        clock.advance(3600)
        next_day = await notifier.send(text())

    assert first.ok
    assert next_day.ok
