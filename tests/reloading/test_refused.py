"""A configuration that cannot be used changes nothing, and shows."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from notify_core.errors import ConfigurationError
from notify_core.model.event import ConfigReloaded
from notify_core.testing import FakeVendor
from tests.builders import NUMBER, code
from tests.reloading.platform import Platform

# What is refused.


def written(text: str) -> Callable[[Platform], Any]:
    return lambda platform: platform.file.write_text(text, "utf-8")


def with_failing_test(platform: Platform) -> None:
    given = {"to": NUMBER, "template": "code", "params": {"code": "1"}}
    sent_twice = {
        "name": "codes are sent twice",
        "at": "2026-01-01T12:00:00Z",
        "given": given,
        "expect": {"attempts": 2},
    }
    platform.write("b", tests=[sent_twice])


BAD: dict[str, tuple[Callable[[Platform], Any], str]] = {
    "missing": (lambda p: p.file.unlink(), "cannot be read: No such file"),
    "no YAML": (written("version: ["), "notify.yaml:2:1"),
    "invalid": (lambda p: p.write("b", tset=[]), "tset is unknown"),
    "untrue": (with_failing_test, "attempts: expected 2, got 1"),
    "unmakeable": (
        lambda p: p.write("b", settings={"b": {"type": "unmakeable"}}),
        "provider 'b' cannot be made: OSError",
    ),
    "plugin's fault": (
        lambda p: p.write("b", settings={"b": {"type": "faulty"}}),
        "a plugin raised KeyError while it was compiled",
    ),
}


def fails(error: Exception) -> Callable[[Any], Any]:
    def fail(_: Any) -> Any:
        raise error

    return fail


@pytest.mark.parametrize(("spoil", "told"), BAD.values(), ids=BAD)
async def test_what_cannot_be_used_changes_nothing_and_shows(
    platform: Platform,
    caplog: pytest.LogCaptureFixture,
    spoil: Callable[[Platform], None],
    told: str,
) -> None:
    plugins = {
        "unmakeable": FakeVendor("unmakeable", create=fails(OSError("s3cret"))),
        "faulty": FakeVendor("faulty", account_key=fails(KeyError("s3cret"))),
    }

    async with platform.notifier(**plugins) as open_:
        before = open_.snapshot
        spoil(platform)
        with pytest.raises(ConfigurationError, match=told):
            await open_.reload()
        result = await open_.send(code())

    assert result.ok
    assert open_.snapshot is before
    assert platform.value("notify_config_last_reload_successful") == 0
    assert platform.value("notify_config_info", hash=before.hash) == 1
    (event,) = platform.seen.of(ConfigReloaded)
    assert (event.ok, event.config, event.previous) == (False, before.hash, before.hash)
    (line,) = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert line.getMessage().startswith("config_reloaded config=")
    assert "s3cret" not in caplog.text


async def test_every_problem_is_carried(platform: Platform) -> None:
    async with platform.notifier() as open_:
        platform.write("b", tset=[], routse={})
        with pytest.raises(ConfigurationError) as caught:
            await open_.reload()

    (event,) = platform.seen.of(ConfigReloaded)
    assert len(caught.value.problems) == 2
    assert event.problems == tuple(map(str, caught.value.problems))


async def test_a_good_file_after_a_bad_one_is_taken_over(platform: Platform) -> None:
    async with platform.notifier() as open_:
        started = platform.clock.now().timestamp()
        platform.file.write_text("version: 2", "utf-8")
        platform.clock.advance(60)
        with pytest.raises(ConfigurationError):
            await open_.reload()
        when_refused = platform.value(
            "notify_config_last_reload_success_timestamp_seconds"
        )
        platform.write("b")
        await open_.reload()

    taken = platform.value("notify_config_last_reload_success_timestamp_seconds")
    assert platform.value("notify_config_last_reload_successful") == 1
    assert (when_refused, taken) == (started, started + 60)
