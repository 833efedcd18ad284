"""What the PostgreSQL outbox does beyond the contract."""

import asyncio
import importlib
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import attrs
import pytest

from notify_core.errors import ConfigurationError, StoreUnavailable
from notify_core.model.channel import Kind
from notify_core.model.status import Status
from notify_core.outbox.address import outbox_at
from notify_core.outbox.port import Entry, Lease, LeaseLost
from notify_core.outbox.postgres import PostgresOutbox, engine
from notify_core.outbox.record import Record
from notify_core.outbox.retention import Retention
from notify_core.outbox.stored import Unreadable
from notify_core.policy.take import Sliding, Take
from notify_core.secret import Secret
from notify_core.testing.outbox.subject import (
    MINUTE,
    NOON,
    attempt,
    closing,
    ended,
    kept,
    parked,
    record,
    submitting,
)
from tests.outbox.databases import Databases
from tests.outbox.process import KEY

HOUR = 60 * MINUTE
SPAN = timedelta(seconds=15)


@pytest.fixture
async def outbox(database: str) -> AsyncIterator[PostgresOutbox]:
    outbox = PostgresOutbox(database, KEY)
    yield outbox
    await outbox.aclose()


async def claimed(
    outbox: PostgresOutbox, after: timedelta = timedelta(), limit: int = 100
) -> list[Record]:
    now = NOON + after
    claims = await outbox.claim(Lease(owner="w", until=now + SPAN), now, limit)
    return [claim.record for claim in claims]


async def used(database: str) -> None:
    """Put a message into an outbox and take it out again."""
    outbox = PostgresOutbox(database, KEY)
    try:
        await kept(outbox, given := record())
        assert await claimed(outbox) == [given]
        await outbox.change(given.message.id, closing)
    finally:
        await outbox.aclose()


async def asked(databases: Databases, url: str, statement: str) -> str:
    return await asyncio.to_thread(databases.ask, statement, url)


async def test_the_queue_is_empty_when_all_is_done(
    database: str, databases: Databases, outbox: PostgresOutbox
) -> None:
    await outbox.add_all([Entry(record=record()) for _ in range(20)])
    for given in await claimed(outbox):
        await outbox.change(given.message.id, closing, 1)

    jobs = await asked(databases, database, "SELECT count(*) FROM notify_core.pgqueuer")

    assert jobs == "0"


async def test_what_is_due_in_a_while_is_not_in_the_queue_and_served_in_time(
    database: str, databases: Databases, outbox: PostgresOutbox
) -> None:
    later = record(planned=Status.DEFERRED, due_at=NOON + HOUR)
    # The machine's own clock counts as well: it is beyond these messages' noon.
    far = record(planned=Status.DEFERRED, due_at=NOON.replace(year=2060))
    await kept(outbox, later, far)

    jobs = await asked(databases, database, "SELECT count(*) FROM notify_core.pgqueuer")

    assert jobs == "1"
    assert await outbox.next_due() == NOON + HOUR
    assert await claimed(outbox, HOUR) == [later]
    year_2060 = NOON.replace(year=2060) - NOON
    assert await claimed(outbox, year_2060 - 2 * MINUTE) == [later]
    assert await claimed(outbox, year_2060 - MINUTE / 2) == [later]
    assert far in await claimed(outbox, year_2060)


async def test_what_was_to_wait_long_and_is_due_now_is_told_and_served(
    outbox: PostgresOutbox,
) -> None:
    quiet = ended(attempt(), settle_at=NOON.replace(year=2060))
    await kept(outbox, quiet)
    await outbox.wait(0)
    waiting = asyncio.create_task(outbox.wait(60))
    await asyncio.sleep(0.05)

    change = await outbox.change(
        quiet.message.id, lambda r: attrs.evolve(r, settle_at=NOON)
    )

    async with asyncio.timeout(30):
        await waiting
    assert await claimed(outbox) == [change.after]


async def test_due_messages_that_lost_their_job_get_another(
    database: str,
    databases: Databases,
    outbox: PostgresOutbox,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await kept(outbox, given := record())
    await asked(databases, database, "TRUNCATE notify_core.pgqueuer")

    early = await claimed(outbox)
    later = await claimed(outbox, MINUTE)

    assert early == []
    assert later == [given]
    assert "1 due messages had lost their job" in caplog.text


async def test_a_job_whose_message_wants_none_is_dropped(
    database: str,
    databases: Databases,
    outbox: PostgresOutbox,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await kept(outbox, record())
    await asked(databases, database, "DELETE FROM notify_core.messages")

    served = await claimed(outbox)

    assert served == []
    assert "1 jobs of messages that want none were dropped" in caplog.text
    assert await outbox.next_due() is None


async def test_a_worker_that_died_with_a_job_and_no_run_is_recovered(
    database: str, databases: Databases, outbox: PostgresOutbox
) -> None:
    await kept(outbox, given := record())
    take = "UPDATE notify_core.pgqueuer SET status = 'picked', heartbeat = '{}'"
    await asked(databases, database, take.format(NOON))

    early = await claimed(outbox)
    later = await claimed(outbox, SPAN)

    assert (early, later) == ([], [given])


async def test_a_run_whose_claim_the_server_lost_may_not_write(
    database: str, databases: Databases, outbox: PostgresOutbox
) -> None:
    await kept(outbox, given := record())
    (claim,) = await outbox.claim(Lease(owner="w", until=NOON + SPAN), NOON, 1)
    lose = (
        "UPDATE notify_core.messages SET epoch = 0;"
        "UPDATE notify_core.pgqueuer SET status = 'queued', queue_manager_id = NULL"
    )
    await asked(databases, database, lose)

    with pytest.raises(LeaseLost):
        await outbox.change(given.message.id, submitting, claim.epoch)

    assert await claimed(outbox) == [given]


async def test_a_message_that_somebody_writes_just_now_keeps_no_claim_waiting(
    database: str, outbox: PostgresOutbox
) -> None:
    await kept(outbox, busy := record(), free := record())
    connection = await asyncpg.connect(database)
    lock = "SELECT FROM notify_core.messages WHERE id = $1 FOR UPDATE"

    async with connection.transaction():
        await connection.execute(lock, busy.message.id)
        first = await claimed(outbox)

    assert first == [free]
    assert await claimed(outbox, timedelta(seconds=1)) == [busy]
    await connection.close()


async def test_a_change_that_fails_leaves_those_made_with_it_alone(
    outbox: PostgresOutbox,
) -> None:
    records = [record() for _ in range(4)]
    await kept(outbox, *records)
    changes: list[Callable[[Record], Record]]
    changes = [closing, _raising, _unwritable, closing]

    done = await asyncio.gather(
        *(
            outbox.change(r.message.id, to)
            for r, to in zip(records, changes, strict=True)
        ),
        outbox.change("nobody", closing),
        return_exceptions=True,
    )

    assert [type(result).__name__ for result in done] == [
        "Change",
        "ZeroDivisionError",
        "UnicodeEncodeError",
        "Change",
        "KeyError",
    ]
    assert [
        known.final for r in records if (known := await outbox.get(r.message.id))
    ] == [True, False, False, True]


def _raising(given: Record) -> Record:
    raise ZeroDivisionError


def _unwritable(given: Record) -> Record:
    return attrs.evolve(given, why="\ud800")


async def test_changes_of_one_message_at_once_are_made_one_after_the_other(
    outbox: PostgresOutbox,
) -> None:
    await kept(outbox, given := record())

    changes = await asyncio.gather(
        *(
            outbox.change(
                given.message.id, lambda r: attrs.evolve(r, why=r.why + "."), None
            )
            for _ in range(20)
        )
    )

    assert [change.after.why for change in changes] == ["." * n for n in range(1, 21)]


async def test_what_was_undone_is_not_remembered(
    database: str, outbox: PostgresOutbox
) -> None:
    other, given = PostgresOutbox(database, KEY), record()
    await kept(outbox, given)
    (claim,) = await outbox.claim(Lease(owner="w", until=NOON + SPAN), NOON, 1)
    poison = outbox.change(given.message.id, _unwritable)
    with pytest.raises(UnicodeEncodeError):
        await poison

    theirs = await other.change(given.message.id, submitting)
    ours = await outbox.change(given.message.id, closing, claim.epoch)

    assert ours.before == theirs.after
    await other.aclose()


async def test_a_vendors_id_may_hold_what_no_column_holds(
    outbox: PostgresOutbox,
) -> None:
    given = ended(attempt(provider_id="v\0", reference="r\0"))
    await kept(outbox, given)
    await outbox.park(parked(provider_id="p\0"))

    found = await outbox.by_provider_id("a", "v\0")

    assert found is not None
    assert found.record == given
    names = {"provider_id": "p\0", "reference": None, "address": None}
    assert len(await outbox.take_parked("a", **names)) == 1


async def test_a_record_of_a_later_form_is_told_and_keeps_nobody_from_their_turn(
    database: str,
    databases: Databases,
    outbox: PostgresOutbox,
    caplog: pytest.LogCaptureFixture,
) -> None:
    strange, usual = record(accepted_at=NOON - MINUTE), record()
    other = PostgresOutbox(database, KEY)
    await kept(other, strange, usual)
    await other.aclose()
    spoil = "UPDATE notify_core.messages SET form = 99 WHERE id = '{}'"
    await asked(databases, database, spoil.format(strange.message.id))

    served = await claimed(outbox)

    assert served == [usual]
    with pytest.raises(Unreadable, match="form 99"):
        await outbox.change(strange.message.id, closing)
    assert f"{strange.message.id} cannot be read" in caplog.text


async def test_what_cannot_be_read_is_not_erased_and_keeps_nothing_from_it(
    database: str,
    databases: Databases,
    outbox: PostgresOutbox,
    caplog: pytest.LogCaptureFixture,
) -> None:
    done = [ended(attempt(), final=True) for _ in range(2)]
    await kept(outbox, *(attrs.evolve(r, kind=Kind.NOTICE) for r in done))
    spoil = "UPDATE notify_core.messages SET form = 99 WHERE id = '{}'"
    await asked(databases, database, spoil.format(done[0].message.id))

    erased = await outbox.erase(Retention(), NOON + 200 * HOUR, 10)
    again = await outbox.erase(Retention(), NOON + 190 * HOUR, 10)

    known = await outbox.get(done[1].message.id)
    assert known is not None
    assert known.text is None
    assert (erased, again) == (2, 0)
    assert f"{done[0].message.id} cannot be erased" in caplog.text


async def test_what_connections_counted_that_have_ended_is_summed_up(
    database: str, databases: Databases, outbox: PostgresOutbox
) -> None:
    for _ in range(3):
        other = PostgresOutbox(database, KEY)
        await kept(other, record())
        await other.aclose()

    rows, minutes = "SELECT count(*) FROM notify_core.tallies", 0
    while await asked(databases, database, rows) != "1":
        minutes += 1  # a connection that was closed may take a while to end
        await claimed(outbox, minutes * MINUTE)

    assert await outbox.counts() == {Status.CREATED: 3}


async def test_messages_that_were_there_before_are_counted(
    new_database: str, databases: Databases
) -> None:
    await used(new_database)
    older = (
        "DROP TABLE notify_core.tallies; DROP FUNCTION notify_core.tally_new CASCADE;"
        "DROP FUNCTION notify_core.tally_moved CASCADE;"
        "DROP FUNCTION notify_core.tally_gone CASCADE;"
        "DROP TABLE notify_core.inbound;"
        "DELETE FROM notify_core.schema_versions WHERE version >= 2;"
        "UPDATE notify_core.messages SET final = FALSE"
    )
    await asked(databases, new_database, older)
    outbox = PostgresOutbox(new_database, KEY)

    counts = await outbox.counts()

    assert sum(counts.values()) == 1
    await outbox.aclose()


async def test_a_limit_counts_the_members_of_a_batch_and_what_came_before(
    outbox: PostgresOutbox,
) -> None:
    take = Take("c", Sliding(HOUR), most=3)
    before = [record(accepted_at=NOON + n * MINUTE) for n in (10, 50)]
    await outbox.add_all([Entry(record=r, takes=(take,)) for r in before])
    batch = [record(accepted_at=NOON + n * MINUTE) for n in (30, 40, 75, 80)]

    additions = await outbox.add_all([Entry(record=r, takes=(take,)) for r in batch])

    refused = [bool(a.refused) for a in additions if not isinstance(a, Exception)]
    assert refused == [False, True, False, True]


async def test_several_threads_may_use_one_outbox(outbox: PostgresOutbox) -> None:
    await kept(outbox, given := record())

    async def elsewhere() -> Record | None:
        known = await outbox.get(given.message.id)
        await outbox.aclose()
        return known

    assert await asyncio.to_thread(asyncio.run, elsewhere()) == given
    assert await outbox.get(given.message.id) == given


async def test_who_gives_up_waiting_leaves_the_connection_whole(
    outbox: PostgresOutbox,
) -> None:
    given = record()
    adding = asyncio.create_task(outbox.add(given))
    await asyncio.sleep(0)
    adding.cancel()

    await kept(outbox, other := record())

    assert await outbox.get(other.message.id) == other


async def test_tables_of_a_newer_version_are_left_alone(
    new_database: str, databases: Databases
) -> None:
    await used(new_database)
    newer = "INSERT INTO notify_core.schema_versions VALUES (99)"
    await asked(databases, new_database, newer)

    with pytest.raises(StoreUnavailable, match="tables of version 99"):
        await used(new_database)


async def test_the_engines_tables_are_brought_up_to_its_version(
    new_database: str, databases: Databases
) -> None:
    await used(new_database)
    older = "UPDATE notify_core.engine_versions SET version = '1.0'"
    await asked(databases, new_database, older)

    await used(new_database)

    versions = "SELECT count(*) FROM notify_core.engine_versions"
    assert await asked(databases, new_database, versions) == "2"


@pytest.mark.parametrize(
    "older",
    [
        "SELECT 1",
        "UPDATE notify_core.engine_versions SET version = '1.0'",
        """DELETE FROM notify_core.schema_versions WHERE version >= 4;
        DROP TRIGGER tg_pgqueuer_changed ON notify_core.pgqueuer""",
    ],
    ids=["new", "another engine", "older tables"],
)
async def test_new_jobs_are_told_and_no_end_of_one(
    new_database: str, databases: Databases, older: str
) -> None:
    await used(new_database)
    await asked(databases, new_database, older)

    await used(new_database)

    told = """SELECT string_agg(event_manipulation, ' ')
        FROM information_schema.triggers WHERE event_object_table = 'pgqueuer'"""
    assert await asked(databases, new_database, told) == "INSERT"


async def test_the_hosts_settings_of_the_engine_are_not_ours(
    new_database: str, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGQUEUER_PREFIX", "host_")
    monkeypatch.setenv("PGQUEUER_SCHEMA", "host")
    importlib.reload(engine)
    outbox = PostgresOutbox(new_database, KEY)

    await kept(outbox, record())

    jobs = "SELECT count(*) FROM notify_core.pgqueuer"
    assert await asked(databases, new_database, jobs) == "1"
    await outbox.aclose()


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_a_database_is_named_by_its_url(scheme: str) -> None:
    assert isinstance(outbox_at(f"{scheme}://host/notify", KEY), PostgresOutbox)


def test_a_hash_key_that_is_too_short_is_told() -> None:
    with pytest.raises(ConfigurationError, match="16 bytes or more"):
        outbox_at("postgresql://host/notify", Secret("short"))


def test_without_the_extra_it_is_told_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "notify_core.outbox.postgres")
    monkeypatch.setitem(sys.modules, "notify_core.outbox.postgres.outbox", None)

    with pytest.raises(ConfigurationError, match=r"notify-core\[postgres\]"):
        outbox_at("postgresql://host/notify", KEY)
