"""What keeps house in an outbox: it erases, and tells observers how it stands."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from notify_core.model.event import Event, OutboxRead
from notify_core.model.status import Status
from notify_core.outbox import keeper
from notify_core.outbox.keeper import Keeper
from notify_core.outbox.memory import MemoryOutbox
from notify_core.outbox.port import Outbox
from notify_core.outbox.record import Erased
from notify_core.outbox.retention import AT_ONCE, USUAL
from notify_core.outbox.sqlite import SqliteOutbox
from notify_core.testing import FakeClock
from notify_core.testing.outbox.subject import (
    NOON,
    attempt,
    closing,
    ended,
    kept,
    record,
)
from tests.outbox.process import KEY

LATER = NOON + timedelta(days=8)


@pytest.fixture
async def outbox(tmp_path: Path) -> AsyncIterator[SqliteOutbox]:
    made = SqliteOutbox(tmp_path / "notify.db", KEY)
    yield made
    await made.aclose()


def keeper_of(outbox: Outbox, *, seen: list[Event], at: FakeClock) -> Keeper:
    return Keeper(outbox=outbox, retention=lambda: USUAL, observe=seen.append, clock=at)


async def test_observers_are_told_what_waits_and_for_how_long(
    outbox: SqliteOutbox,
) -> None:
    seen: list[Event] = []
    minute = timedelta(minutes=1)
    deferred = record(planned=Status.DEFERRED, due_at=NOON + 9 * minute)
    await kept(outbox, record(), deferred, ended(attempt(), final=True))

    clock = FakeClock(NOON + minute)
    await keeper_of(outbox, seen=seen, at=clock).round()

    waiting = {Status.CREATED: 1, Status.DEFERRED: 1}
    assert seen == [
        OutboxRead(messages=waiting, oldest_age=60.0, at=NOON + minute),
    ]


async def test_that_nobody_takes_up_what_is_due_is_told_once(
    outbox: SqliteOutbox, caplog: pytest.LogCaptureFixture
) -> None:
    given = record()
    await kept(outbox, given)
    clock = FakeClock(NOON)
    keeping = keeper_of(outbox, seen=[], at=clock)

    told = []
    for step in (59, 1, 60):
        clock.advance(step)
        await keeping.round()
        told.append(len(caplog.messages))
    await outbox.change(given.message.id, closing)
    await keeping.round()
    await kept(outbox, record())
    await keeping.round()

    assert told == [0, 1, 1]
    assert "due for 60 s: see that a worker runs" in caplog.messages[0]
    assert len(caplog.messages) == 2


async def test_an_outbox_in_memory_has_nothing_to_tell() -> None:
    seen: list[Event] = []
    outbox = MemoryOutbox()
    await kept(outbox, record())

    await keeper_of(outbox, seen=seen, at=FakeClock(LATER)).round()

    assert seen == []


async def test_everything_is_erased_that_is_due_in_steps(
    outbox: SqliteOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "BREATH", 0)
    given = [ended(attempt(), final=True) for _ in range(AT_ONCE + 1)]
    await kept(outbox, *given)

    await keeper_of(outbox, seen=[], at=FakeClock(LATER)).round()

    for one in given:
        known = await outbox.get(one.message.id)
        assert known is not None
        assert known.erased is Erased.CONTENT
