"""What the metrics say of reloads, and of providers that left."""

from notify_core.model.event import Attempted
from tests.builders import code
from tests.reloading.platform import Gate, Platform, begun

# What is counted.


async def test_the_metrics_name_the_configuration_in_use(platform: Platform) -> None:
    async with platform.notifier() as open_:
        before = open_.snapshot.hash
        at_first = platform.value("notify_config_last_reload_successful")
        platform.write("b")
        after = (await open_.reload()).hash

    assert at_first == 1
    assert platform.value("notify_config_info", hash=before) is None
    assert platform.value("notify_config_info", hash=after) == 1


async def test_the_series_of_a_provider_go_with_it(platform: Platform) -> None:
    platform.write("a", "b")

    async with platform.notifier() as open_:
        await open_.send(code())
        await open_.balance("a")
        counted = platform.of("a")
        platform.write("b", "c")
        await open_.reload()
        of_new = platform.value(
            "notify_attempts_total", provider="c", outcome="accepted", reason="none"
        )
        of_kept = len(platform.of("b"))

    assert "notify_provider_balance" in counted
    assert platform.of("a") == set()
    assert of_new == 0
    assert of_kept == len(counted) - 2


async def test_a_provider_that_comes_back_starts_at_zero(platform: Platform) -> None:
    labels = {"provider": "a", "outcome": "accepted", "reason": "none"}

    async with platform.notifier() as open_:
        await open_.send(code())
        for provider in ("b", "a"):
            platform.write(provider)
            await open_.reload()
        at_first = platform.value("notify_attempts_total", **labels)
        await open_.send(code())

    assert at_first == 0
    assert platform.value("notify_attempts_total", **labels) == 1


async def test_what_a_provider_that_left_still_ends_is_gone_with_the_next_reload(
    platform: Platform,
) -> None:
    gate = Gate()

    async with platform.notifier() as open_:
        sending = await begun(platform, open_, gate)
        platform.write("b")
        await open_.reload()
        gate.open()
        await sending
        (ended,) = platform.seen.of(Attempted)
        await open_.reload()

    assert ended.attempt.provider == "a"
    assert platform.of("a") == set()
