"""A changed configuration is taken over whole, or changes nothing."""

import asyncio
import gc
import json
from pathlib import Path

import pytest

from notify_core.config.snapshot import Snapshot
from notify_core.errors import ConfigurationError
from notify_core.model.event import Attempted, ConfigReloaded
from notify_core.model.outcome import Reason
from notify_core.model.result import Result
from notify_core.sync import SyncNotifier
from notify_core.testing import FakeClock
from tests.builders import code, until
from tests.reloading.platform import TEMPLATE, Gate, Platform, begun

#: Reloads of the test that nothing is lost; `python -m bench reload` makes a thousand.
RELOADS = 20


# Taking over.


async def test_messages_after_a_reload_follow_the_new_configuration(
    platform: Platform,
) -> None:
    async with platform.notifier() as open_:
        await open_.send(code())
        platform.write("b", "c", text="New: {{ code }}")
        reloaded = await open_.reload()
        result = await open_.send(code())

    assert result.ok
    assert open_.snapshot is reloaded
    assert list(open_.providers) == ["b", "c"]
    assert platform.texts("a") == ["1234"]
    assert platform.texts("b") == ["New: 1234"]


async def test_a_reload_is_told(platform: Platform) -> None:
    platform.write("a", "b")

    async with platform.notifier() as open_:
        before = open_.snapshot.hash
        platform.write("b", "c")
        platform.clock.advance(60)
        after = (await open_.reload()).hash

    (told,) = platform.seen.of(ConfigReloaded)
    assert before != after
    assert told == ConfigReloaded(
        config=after,
        previous=before,
        ok=True,
        providers=("b", "c"),
        removed=("a",),
        at=platform.clock.now(),
    )


async def test_another_file_or_a_mapping_can_be_taken_over(
    platform: Platform, tmp_path: Path
) -> None:
    first = platform.file
    platform.file = tmp_path / "other.yaml"
    platform.write("b")

    async with platform.notifier(first) as open_:
        other = await open_.reload(platform.file)
        again = await open_.reload()
        mapping = json.loads(first.read_text("utf-8"))
        from_mapping = await open_.reload(mapping)

    assert (other.file, again.file) == (str(platform.file), str(platform.file))
    assert (from_mapping.file, list(from_mapping.providers)) == (None, ["a"])


async def test_a_configuration_that_came_from_no_file_cannot_be_read_again(
    platform: Platform,
) -> None:
    mapping = json.loads(platform.file.read_text("utf-8"))

    async with platform.notifier(mapping) as open_:
        with pytest.raises(ConfigurationError, match="came from no file: name what"):
            await open_.reload()


async def test_a_notifier_that_is_not_open_reloads_nothing(platform: Platform) -> None:
    with pytest.raises(RuntimeError, match="use `async with notifier:`"):
        await platform.notifier().reload()


async def test_reloads_that_are_asked_for_at_once_follow_each_other(
    platform: Platform,
) -> None:
    mapping = json.loads(platform.file.read_text("utf-8"))
    editions = [
        {**mapping, "templates": {"code": {**TEMPLATE, "text": f"{n}: {{{{ code }}}}"}}}
        for n in range(4)
    ]

    async with platform.notifier() as open_:
        first = open_.snapshot.hash
        taken = await asyncio.gather(*map(open_.reload, editions))

    told = platform.seen.of(ConfigReloaded)
    assert [t.config for t in told] == [s.hash for s in taken]
    assert [t.previous for t in told] == [first, *(s.hash for s in taken[:-1])]
    assert open_.snapshot is taken[-1]


async def test_a_notifier_can_be_reloaded_after_it_was_opened_again(
    platform: Platform,
) -> None:
    notifier = platform.notifier()

    async with notifier:
        platform.write("b")
        await notifier.reload()
    async with notifier:
        assert list(notifier.providers) == ["b"]
        platform.write("c")
        await asyncio.gather(notifier.reload(), notifier.reload())

    assert list(notifier.providers) == ["c"]


# What was begun.


async def test_a_message_ends_under_the_configuration_that_it_began_with(
    platform: Platform,
) -> None:
    gate = Gate(Reason.CONNECT_FAILED)
    platform.write("a", "b", text="Old: {{ code }}")

    async with platform.notifier() as open_:
        sending = await begun(platform, open_, gate)
        platform.write("c", text="New: {{ code }}")
        await open_.reload()
        gate.open()
        result = await sending

    assert result.ok
    assert [a.provider for a in result.attempts] == ["a", "b"]
    assert platform.texts("b") == ["Old: 1234"]


async def test_a_provider_that_left_is_closed_after_its_last_message(
    platform: Platform,
) -> None:
    gate = Gate()

    async with platform.notifier() as open_:
        sending = await begun(platform, open_, gate)
        platform.write("b")
        await open_.reload()
        while_sending = platform.vendor["a"].closed
        gate.open()
        await sending
        await until(lambda: platform.vendor["a"].closed)

    assert while_sending == 0
    assert platform.vendor["a"].closed == 1


async def test_a_message_keeps_its_providers_through_several_reloads(
    platform: Platform,
) -> None:
    gate = Gate()

    async with platform.notifier() as open_:
        sending = await begun(platform, open_, gate)
        for providers in (("a", "b"), ("b",), ("c",)):
            platform.write(*providers)
            await open_.reload()
        await until(lambda: platform.vendor["b"].closed)
        while_sending = platform.vendor["a"].closed
        gate.open()
        result = await sending
        await until(lambda: platform.vendor["a"].closed)

    assert result.ok
    assert while_sending == 0
    assert [platform.vendor[name].closed for name in "abc"] == [1, 1, 1]


async def test_closing_right_after_a_reload_closes_what_left(
    platform: Platform,
) -> None:
    async with platform.notifier() as open_:
        platform.write("b")
        await open_.reload()

    assert platform.vendor["a"].closed == 1


# What goes on.


async def test_a_provider_that_did_not_change_is_not_opened_anew(
    platform: Platform,
) -> None:
    platform.write("a", "b")

    async with platform.notifier() as open_:
        platform.write("a", "b", settings={"b": {"max_rate": "5/s"}})
        await open_.reload()
        await until(lambda: platform.vendor["b"].closed)
        closed = platform.vendor["a"].closed

    assert closed == 0


async def test_a_provider_that_rests_goes_on_resting(platform: Platform) -> None:
    platform.write("a", "b")
    platform.vendor["a"].answers(Reason.AUTH_FAILED)

    async with platform.notifier() as open_:
        await open_.send(code())
        platform.write("a", "b", text="New: {{ code }}")
        await open_.reload()
        result = await open_.send(code())

    assert [a.provider for a in result.attempts] == ["b"]
    assert platform.value("notify_provider_state", provider="a") == 2


async def test_a_provider_with_other_settings_is_well(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = {"a": {"settings": {"token": {"env": "A_TOKEN"}}}}
    monkeypatch.setenv("A_TOKEN", "wrong")
    platform.write("a", "b", settings=key)
    platform.vendor["a"].answers(Reason.AUTH_FAILED)

    async with platform.notifier() as open_:
        await open_.send(code())
        monkeypatch.setenv("A_TOKEN", "right")
        await open_.reload()
        result = await open_.send(code())

    assert [a.provider for a in result.attempts] == ["a"]
    assert platform.value("notify_provider_state", provider="a") == 0


async def test_the_turns_of_a_pool_that_did_not_change_go_on(
    platform: Platform,
) -> None:
    ring = {"strategy": "round_robin"}
    platform.write("a", "b", "c", pool=ring)
    order = []

    async with platform.notifier() as open_:
        for edition in range(6):
            order.append((await open_.send(code())).attempts[0].provider)
            platform.write("a", "b", "c", pool=ring, text=f"{edition} {{{{ code }}}}")
            await open_.reload()

    assert order == ["a", "b", "c", "a", "b", "c"]


async def test_the_pace_of_a_provider_that_did_not_change_goes_on(
    platform: Platform,
) -> None:
    pace = {"a": {"max_rate": "1/s"}}
    platform.clock = FakeClock()
    platform.write("a", settings=pace)

    async with platform.notifier() as open_:
        await open_.send(code())
        platform.write("a", settings=pace, text="New: {{ code }}")
        await open_.reload()
        await open_.send(code())

    assert sum(platform.clock.slept) == pytest.approx(1)


# Under load.


async def test_reloads_under_load_lose_nothing(platform: Platform) -> None:
    results: list[Result] = []
    is_over = False

    async def call() -> None:
        while not is_over:
            results.append(await open_.send(code()))
            await asyncio.sleep(0.005)  # the loop is not to be busy all the time

    async with platform.notifier() as open_:
        callers = [asyncio.create_task(call()) for _ in range(4)]
        for edition in range(RELOADS):
            other = f"b{edition % 5}"
            pair = ("a", other) if edition % 2 else (other, "a")
            platform.write(*pair, text=f"{edition % 3} {{{{ code }}}}")
            await open_.reload()
        is_over = True
        await asyncio.gather(*callers)

    sent = len([e for e in platform.seen.events if isinstance(e, Attempted)])
    assert len(results) == sent >= RELOADS
    assert all(result.ok for result in results)
    assert len(platform.seen.of(ConfigReloaded)) == RELOADS


async def test_what_was_replaced_is_let_go(platform: Platform) -> None:
    async with platform.notifier() as open_:
        for edition in range(5):
            platform.write(f"b{edition}", text=f"{edition} {{{{ code }}}}")
            await open_.reload()
            await open_.send(code())
        await asyncio.sleep(0)
        gc.collect()
        alive = [o for o in gc.get_objects() if type(o) is Snapshot]
        ours = [s for s in alive if s.file == str(platform.file)]

    assert ours == [open_.snapshot]


# Without an event loop.


def test_the_synchronous_face_reloads_and_keeps_it(platform: Platform) -> None:
    door = SyncNotifier.from_config(platform.file, plugins={"fake": platform.vendor})

    with door:
        platform.write("b")
        reloaded = door.reload()
        first = door.send(code())
    with door:
        second = door.send(code())

    assert list(reloaded.providers) == ["b"]
    assert [r.attempts[0].provider for r in (first, second)] == ["b", "b"]
