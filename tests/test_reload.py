"""A changed configuration is taken over whole, or changes nothing."""

import asyncio
import gc
import json
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from notify_core import Notifier
from notify_core.config.snapshot import Snapshot
from notify_core.errors import ConfigurationError
from notify_core.metrics import Metrics
from notify_core.model.attempt import Answer
from notify_core.model.event import Attempted, ConfigReloaded
from notify_core.model.outcome import Reason
from notify_core.model.result import Result
from notify_core.provider import Submission
from notify_core.sync import SyncNotifier
from notify_core.testing import FakeClock, FakeVendor
from notify_core.trial.scripted import answer_for
from tests.builders import NUMBER, Seen, code, until

#: Reloads of the test that nothing is lost; `python -m bench reload` makes a thousand.
RELOADS = 50

TEMPLATE: dict[str, Any] = {
    "kind": "otp",
    "params": {
        "type": "object",
        "properties": {"code": {"type": "string"}},
        "required": ["code"],
        "additionalProperties": False,
    },
}


class Platform:
    """A configuration file, and what a notifier with it is watched by."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "notify.yaml"
        self.vendor = FakeVendor()
        self.seen = Seen()
        self.metrics = Metrics()
        self.clock = FakeClock(runs=False)

    def write(self, *providers: str, text: str = "{{ code }}", **other: Any) -> None:
        """Write a configuration with one pool of these accounts, in order."""
        pool = {"members": list(providers), **other.pop("pool", {})}
        settings = other.pop("settings", {})
        content = {
            "version": 1,
            "defaults": {"region": "CN"},
            "providers": {
                name: {"type": "fake", **settings.get(name, {})} for name in providers
            },
            "pools": {"main": pool},
            "templates": {"code": {**TEMPLATE, "text": text}},
            "routes": {"name": "root", "pool": "main"},
            **other,
        }
        self.file.write_text(json.dumps(content), "utf-8")

    def notifier(self, source: Any = None, **plugins: object) -> Notifier:
        return Notifier.from_config(
            source or self.file,
            plugins={"fake": self.vendor, "seen": self.seen, **plugins},
            metrics=self.metrics,
            clock=self.clock,
        )

    def texts(self, provider: str) -> list[str | None]:
        return [s.text for s in self.vendor[provider].submissions]

    def value(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(name, labels)

    def of(self, provider: str) -> set[str]:
        """Return the names of the metrics that have series of a provider."""
        return {
            family.name
            for family in self.metrics.registry.collect()
            for sample in family.samples
            if sample.labels.get("provider") == provider
        }


class Gate:
    """Keeps submissions waiting until it is opened, and answers them then."""

    def __init__(self, reason: Reason = Reason.NONE) -> None:
        self._reason = reason
        self._open = asyncio.Event()

    def open(self) -> None:
        self._open.set()

    async def __call__(self, submission: Submission) -> Answer:
        submission.wire.begin()
        await self._open.wait()
        return answer_for(self._reason)


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    platform = Platform(tmp_path)
    platform.write("a")
    return platform


async def begun(platform: Platform, open_: Notifier, gate: Gate) -> Awaitable[Result]:
    """Return a send that waits at the gate of `a`."""
    platform.vendor["a"].answers(gate)
    count = len(platform.vendor["a"].submissions)
    sending = asyncio.create_task(open_.send(code()))
    await until(lambda: len(platform.vendor["a"].submissions) > count)
    return sending


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


# Under load.


async def test_reloads_under_load_lose_nothing(platform: Platform) -> None:
    results: list[Result] = []
    is_over = False

    async def call() -> None:
        while not is_over:
            results.append(await open_.send(code()))
            await asyncio.sleep(0.001)

    async with platform.notifier() as open_:
        callers = [asyncio.create_task(call()) for _ in range(8)]
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
