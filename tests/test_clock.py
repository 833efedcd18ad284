"""The machine's time."""

from datetime import UTC, datetime, timedelta

from notify_core.clock import SystemClock


async def test_the_machines_clock_goes() -> None:
    clock = SystemClock()
    began = clock.monotonic()

    await clock.sleep(0.001)

    assert clock.monotonic() > began
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)
