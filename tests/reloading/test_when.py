"""When a configuration is read again: at a signal, and when a file changes."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from notify_core import Notifier
from notify_core.errors import ConfigurationError
from notify_core.model.event import ConfigReloaded
from notify_core.reloading import reload_on_change, reload_on_signal
from notify_core.reloading.background import Reloadable
from tests.reloading.platform import Platform

#: Seconds that a change may take to be seen.
SOON = 5


@pytest.fixture
async def open_(platform: Platform) -> AsyncIterator[Notifier]:
    async with platform.notifier() as open_:
        yield open_


async def told(platform: Platform, count: int = 1) -> list[ConfigReloaded]:
    """Wait until so many reloads were told, and return them."""
    async with asyncio.timeout(SOON):
        while len(platform.seen.of(ConfigReloaded)) < count:  # noqa: ASYNC110 (what is waited for tells nobody)
            await asyncio.sleep(0.005)
    return platform.seen.of(ConfigReloaded)


# At a signal.


async def test_a_hangup_reloads_the_file(platform: Platform, open_: Notifier) -> None:
    async with reload_on_signal(open_):
        platform.write("b")
        os.kill(os.getpid(), signal.SIGHUP)
        await told(platform)

    assert list(open_.providers) == ["b"]
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL


async def test_a_hangup_with_a_bad_file_leaves_the_next_one_heard(
    platform: Platform, open_: Notifier
) -> None:
    async with reload_on_signal(open_):
        platform.file.write_text("version: 2", "utf-8")
        os.kill(os.getpid(), signal.SIGHUP)
        await told(platform)
        platform.write("b")
        os.kill(os.getpid(), signal.SIGHUP)
        events = await told(platform, 2)

    assert [event.ok for event in events] == [False, True]
    assert list(open_.providers) == ["b"]


# When a file changes.


def written(platform: Platform) -> None:
    platform.write("b")


def replaced(platform: Platform) -> None:
    """Write as editors do: another file takes the place of the first."""
    first, platform.file = platform.file, platform.file.with_suffix(".tmp")
    platform.write("b")
    platform.file = platform.file.replace(first)


@pytest.mark.parametrize("change", [written, replaced])
async def test_a_changed_file_is_taken_over(
    platform: Platform, open_: Notifier, change: Callable[[Platform], None]
) -> None:
    async with reload_on_change(open_):
        change(platform)
        await told(platform)

    assert list(open_.providers) == ["b"]


async def test_a_changed_secret_and_a_new_folder_are_seen(
    platform: Platform, open_: Notifier
) -> None:
    secrets = platform.file.parent / "secrets"
    secrets.mkdir()
    key = secrets / "key"
    key.write_text("first", "utf-8")
    settings = {"a": {"settings": {"token": {"file": "secrets/key"}}}}

    async with reload_on_change(open_):
        platform.write("a", settings=settings)
        await told(platform)
        await asyncio.sleep(0.02)  # the other folder is watched from then on
        key.write_text("second", "utf-8")
        await told(platform, 2)

    assert open_.providers["a"].settings["token"].reveal() == "second"


async def test_what_kubernetes_mounts_is_seen_when_its_link_turns(
    platform: Platform,
) -> None:
    mount = platform.file.parent / "mount"
    (mount / "..1").mkdir(parents=True)
    (mount / "..2").mkdir()
    (mount / "..data").symlink_to("..1")
    for number, name in ((1, "a"), (2, "b")):
        platform.file = mount / f"..{number}" / "notify.yaml"
        platform.write(name)
    platform.file = mount / "notify.yaml"
    platform.file.symlink_to(Path("..data") / "notify.yaml")

    async with platform.notifier() as open_, reload_on_change(open_):
        (mount / "..new").symlink_to("..2")
        (mount / "..new").replace(mount / "..data")
        await told(platform)

    assert list(open_.providers) == ["b"]


async def test_a_neighbour_of_the_file_changes_nothing(
    platform: Platform, open_: Notifier
) -> None:
    async with reload_on_change(open_):
        (platform.file.parent / "notify.db").write_text("a message", "utf-8")
        await asyncio.sleep(0.2)
        platform.write("b")
        events = await told(platform)

    assert len(events) == 1


async def test_a_configuration_without_a_file_cannot_be_watched(
    platform: Platform,
) -> None:
    mapping = {
        "version": 1,
        "providers": {"a": {"type": "fake"}},
        "routes": {"pool": "a"},
    }

    async with platform.notifier(mapping) as open_:
        with pytest.raises(ConfigurationError, match="no file to watch"):
            async with reload_on_change(open_):
                pass


async def test_watching_without_its_library_says_what_to_install(
    open_: Notifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)

    with pytest.raises(ModuleNotFoundError, match=r"'notify-core\[watch\]'"):
        async with reload_on_change(open_):
            pass


# A notifier that was closed meanwhile.


@pytest.mark.parametrize("watched", [reload_on_change, reload_on_signal])
async def test_a_notifier_that_is_closed_too_early_is_told_at_the_end(
    platform: Platform,
    watched: Callable[[Reloadable], AbstractAsyncContextManager[None]],
) -> None:
    notifier = platform.notifier()

    async def closed_too_early() -> None:
        async with notifier:
            watching = watched(notifier)
            await watching.__aenter__()
        platform.write("b")
        os.kill(os.getpid(), signal.SIGHUP) if watched is reload_on_signal else None
        await asyncio.sleep(0.2)
        await watching.__aexit__(None, None, None)

    with pytest.raises(RuntimeError, match="the notifier is not open"):
        await closed_too_early()
