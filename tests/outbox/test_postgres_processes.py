"""The PostgreSQL outbox between processes: shared, killed, forked."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from notify_core.model.status import AttemptState
from notify_core.outbox.port import Lease, LeaseLost
from notify_core.outbox.postgres import PostgresOutbox
from notify_core.testing.outbox.subject import NOON, kept, record
from tests.outbox.databases import Databases
from tests.outbox.postgres_process import go, line, lines, process
from tests.outbox.process import KEY

pytestmark = pytest.mark.usefixtures("uncounted")

LATER = NOON + timedelta(minutes=1)


@pytest.fixture
async def outbox(database: str) -> AsyncIterator[PostgresOutbox]:
    outbox = PostgresOutbox(database, KEY)
    yield outbox
    await outbox.aclose()


async def test_what_was_acknowledged_survives_a_kill(
    database: str, outbox: PostgresOutbox
) -> None:
    with process("add", database, "16") as adding:
        acknowledged = [line(adding) for _ in range(150)]
        adding.kill()
        acknowledged += [word for word in lines(adding) if len(word) == 26]

    known = [await outbox.get(message) for message in acknowledged]
    assert len(known) >= 150
    assert None not in known


async def test_two_processes_let_a_limit_through_exactly(database: str) -> None:
    with (
        process("add_limited", database, "100", "5") as one,
        process("add_limited", database, "100", "5") as two,
    ):
        assert [line(one), line(two)] == ["ready", "ready"]
        go(one)
        go(two)
        through = [int(line(one)), int(line(two))]

    assert sum(through) == 5


async def test_two_processes_record_one_message_of_a_key(database: str) -> None:
    with (
        process("add_same", database, "100") as one,
        process("add_same", database, "100") as two,
    ):
        assert [line(one), line(two)] == ["ready", "ready"]
        go(one)
        go(two)
        recorded = [int(line(one)), int(line(two))]

    assert sum(recorded) == 1


async def test_counters_taken_crosswise_keep_nobody_waiting_for_ever(
    database: str, databases: Databases
) -> None:
    with (
        process("add_crosswise", database, "100", "straight") as one,
        process("add_crosswise", database, "100", "turned") as two,
    ):
        assert [line(one), line(two)] == ["ready", "ready"]
        go(one)
        go(two)
        recorded = [int(line(one)), int(line(two))]

    assert recorded == [100, 100]
    deadlocks = (
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )
    assert databases.ask(deadlocks, database) == "0"


async def test_two_processes_share_what_is_due(
    database: str, outbox: PostgresOutbox
) -> None:
    records = [record() for _ in range(100)]
    await asyncio.gather(*(kept(outbox, given) for given in records))

    with process("claim", database) as one, process("claim", database) as two:
        served = lines(one) + lines(two)

    assert sorted(served) == sorted(r.message.id for r in records)
    assert await outbox.next_due() is None


@pytest.mark.parametrize(
    ("step", "left"),
    [
        ("claimed", []),
        ("begun", [AttemptState.SUBMITTING]),
        ("answered", [AttemptState.SUBMITTING]),
    ],
)
async def test_a_killed_workers_message_is_as_it_left_it_when_its_heartbeat_ends(
    database: str, outbox: PostgresOutbox, step: str, left: list[AttemptState]
) -> None:
    given = record()
    await kept(outbox, given)

    with process("die", database, step) as worker:
        assert line(worker) == "ready"
        worker.kill()
    early = await outbox.claim(Lease(owner="w", until=LATER), NOON, 1)
    (claimed,) = await outbox.claim(Lease(owner="w", until=LATER), LATER, 1)

    assert early == []
    assert claimed.epoch == 2
    assert [a.state for a in claimed.record.attempts] == left
    found = await outbox.by_provider_id("a", "v1")
    assert (found is not None) == (step == "answered")
    with pytest.raises(LeaseLost):
        await outbox.change(given.message.id, lambda r: r, 1)


async def test_an_idle_worker_is_told_of_what_another_process_adds(
    database: str, outbox: PostgresOutbox
) -> None:
    other = PostgresOutbox(database, KEY)
    await outbox.wait(0)
    delays = []

    for _ in range(9):
        given = record()
        waiting = asyncio.create_task(outbox.wait(60))
        await asyncio.sleep(0.01)
        added_at = time.perf_counter()
        await kept(other, given)
        await waiting
        (claimed,) = await outbox.claim(Lease(owner="w", until=LATER), NOON, 5)
        delays.append(time.perf_counter() - added_at)
        assert claimed.record == given

    await other.aclose()
    assert sorted(delays)[4] < 0.05


async def test_a_forked_process_connects_anew(database: str) -> None:
    with process("fork", database) as forking:
        assert line(forking) == "0"


async def test_processes_that_open_a_new_database_at_once_make_its_tables_once(
    new_database: str,
) -> None:
    with (
        process("add_limited", new_database, "1", "1") as one,
        process("add_limited", new_database, "1", "1") as two,
        process("add_limited", new_database, "1", "1") as three,
    ):
        ready = [line(opening) for opening in (one, two, three)]

    assert ready == ["ready"] * 3
