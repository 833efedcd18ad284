"""The SQLite outbox and its file: kept private, kept whole, back after failures."""

import asyncio
import concurrent.futures.thread  # noqa: F401 (`somebody_else` may not be let to it)
import os
import sqlite3
import stat
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from notify_core.errors import InvalidMessage, StoreUnavailable
from notify_core.outbox.port import ADDED, Lease, Outbox
from notify_core.outbox.record import Record
from notify_core.outbox.sqlite import SqliteOutbox, Synchronous, tidying
from notify_core.outbox.sqlite.desk import Desk
from notify_core.outbox.sqlite.file import File
from notify_core.policy.take import Sliding, Take
from notify_core.testing.outbox.subject import (
    MINUTE,
    NOON,
    PHONE,
    full_record,
    kept,
    message,
    parked,
    record,
    took,
    unknown,
)
from tests.outbox.process import KEY

LEASE = Lease(owner="w", until=NOON + MINUTE)
NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "notify.db"


@pytest.fixture
async def outbox(path: Path) -> AsyncIterator[SqliteOutbox]:
    async with opened(path) as outbox:
        yield outbox


@asynccontextmanager
async def opened(path: Path, **options: Any) -> AsyncIterator[SqliteOutbox]:
    outbox = SqliteOutbox(path, KEY, **options)
    yield outbox
    await outbox.aclose()


def rows(path: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        return database.execute(query, values).fetchall()


async def until_refused(outbox: Outbox) -> tuple[list[Record], str]:
    """Add messages until there is no room; return those added, and what was said."""
    added: list[Record] = []
    while True:
        given = record(text="word " * 200)
        try:
            await outbox.add(given)
        except StoreUnavailable as error:
            return added, str(error)
        added.append(given)


async def until_added(outbox: Outbox) -> bool:
    """Try some times, as callers do, and tell whether it went well."""
    for _ in range(50):
        with suppress(StoreUnavailable):
            return await outbox.add(record()) == ADDED
    return False


# The file.


async def test_the_file_is_for_its_owner_alone(
    path: Path, outbox: SqliteOutbox
) -> None:
    await kept(outbox, record())

    modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}

    assert modes == {0o600}


async def test_messages_survive_closing(path: Path) -> None:
    given = full_record()

    async with opened(path) as outbox:
        await kept(outbox, given)
    async with opened(path, synchronous=Synchronous.NORMAL) as outbox:
        known = await outbox.get(given.message.id)

    assert known == given


async def test_an_outbox_that_was_closed_opens_again(outbox: SqliteOutbox) -> None:
    given = record()
    await kept(outbox, given)
    await outbox.aclose()

    assert await outbox.get(given.message.id) == given


def test_one_outbox_serves_one_event_loop_after_the_other(path: Path) -> None:
    outbox, first, second = SqliteOutbox(path, KEY), record(), record()

    asyncio.run(kept(outbox, first))
    asyncio.run(kept(outbox, second))

    assert asyncio.run(outbox.get(first.message.id)) == first
    asyncio.run(outbox.aclose())


async def test_a_file_of_a_newer_version_is_left_alone(
    path: Path, outbox: SqliteOutbox
) -> None:
    await kept(outbox, record())
    await outbox.aclose()
    rows(path, "INSERT INTO schema_versions VALUES (99)")

    with pytest.raises(StoreUnavailable, match="update notify-core"):
        await outbox.add(record())


async def test_numbers_and_keys_are_stored_as_hashes_beside_the_message(
    path: Path, outbox: SqliteOutbox
) -> None:
    said = message(idempotency_key="order 4711")
    given = record(said, attempts=(unknown(reference="r", provider_id="v"),))
    await outbox.add(given)
    await outbox.park(parked(recipient=PHONE.address))

    shown = [
        rows(path, "SELECT progress, address FROM messages"),
        rows(path, "SELECT address FROM parked"),
        rows(path, "SELECT * FROM names"),
        rows(path, "SELECT * FROM keys"),
    ]

    assert all(shown)
    assert PHONE.national not in str(shown)
    assert "4711" not in str(shown)


# What cannot be written.


async def test_a_full_disk_refuses_and_recovers(path: Path) -> None:
    file = File(path=path, max_pages=60)
    async with opened(path, file=file) as outbox:
        added, told = await until_refused(outbox)
        known = [await outbox.get(one.message.id) for one in added]
        rows(path, "DELETE FROM messages WHERE id <> ?", added[0].message.id)
        after = await outbox.add(record())

    assert "make room on the disk" in told
    assert known == added
    assert len(added) > 10
    assert after == ADDED


@contextmanager
def somebody_else() -> Iterator[Path]:
    """Be a user whom permissions bind, in a folder that is theirs."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="notify-") as folder:
        is_root = os.geteuid() == 0
        if is_root:
            os.chown(folder, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        try:
            yield Path(folder)
        finally:
            if is_root:
                os.seteuid(0)


async def test_a_read_only_file_refuses_and_recovers(path: Path) -> None:
    async with opened(path) as outbox:
        # What is imported late may be for another user alone.
        await kept(outbox, record())
    with somebody_else() as folder:
        path = folder / "notify.db"
        given = record()
        async with opened(path) as outbox:
            await kept(outbox, given)
        path.chmod(0o400)
        async with opened(path) as outbox:
            with pytest.raises(StoreUnavailable, match="let this user write"):
                await outbox.add(record())
            known = await outbox.get(given.message.id)
            for file in folder.iterdir():
                file.chmod(0o600)
            is_back = await until_added(outbox)

    assert known == given
    assert is_back


async def test_a_file_that_is_locked_refuses_and_recovers(path: Path) -> None:
    file = File(path=path, busy_timeout=0.01)
    async with opened(path, file=file) as outbox:
        await kept(outbox, record())
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreUnavailable, match="another process writes"):
                await outbox.add(record())
            unread = await outbox.get("nothing")
            other.execute("ROLLBACK")

        assert unread is None
        assert await outbox.add(record()) == ADDED


@pytest.fixture
def letter(path: Path) -> None:
    path.write_text("To whom it may concern: this is no database.\n" * 100)


@pytest.mark.usefixtures("letter")
async def test_a_file_that_is_something_else_is_refused(outbox: SqliteOutbox) -> None:
    with pytest.raises(StoreUnavailable, match="name another one"):
        await outbox.add(record())


async def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    async with opened(tmp_path / "nowhere" / "notify.db") as outbox:
        with pytest.raises(StoreUnavailable, match="see that its folder exists"):
            await outbox.add(record())


async def test_what_no_json_can_say_is_refused(outbox: SqliteOutbox) -> None:
    with pytest.raises(InvalidMessage, match="cannot be written as JSON"):
        await outbox.add(record(message(params={"code": b"1234"})))


# One thread for all.


async def test_an_operation_that_fails_after_writing_leaves_the_others_whole(
    path: Path,
) -> None:
    def write(database: sqlite3.Connection) -> None:
        database.execute("INSERT INTO holds VALUES (hex(randomblob(8)), 1, 1, '', '')")

    def write_and_fail(database: sqlite3.Connection) -> None:
        write(database)
        raise ZeroDivisionError

    desk = Desk(File(path=path), "BEGIN IMMEDIATE")

    ends = await asyncio.gather(
        *(desk.run(write_and_fail if n == 5 else write) for n in range(10)),
        return_exceptions=True,
    )
    held = await desk.run(lambda d: d.execute("SELECT count(*) FROM holds").fetchone())

    assert [type(end) for end in ends if end is not None] == [ZeroDivisionError]
    assert held == (9,)
    await desk.aclose()


async def test_a_caller_that_left_in_time_adds_nothing(outbox: SqliteOutbox) -> None:
    given = [record() for _ in range(50)]
    await kept(outbox, record())

    adding = [asyncio.create_task(outbox.add(one)) for one in given]
    adding[-1].cancel()
    ends = await asyncio.gather(*adding, return_exceptions=True)

    assert isinstance(ends[-1], asyncio.CancelledError)
    assert ends[:-1] == [ADDED] * 49
    assert await outbox.get(given[-1].message.id) is None


# What is kept, and for how long.


async def test_a_key_is_free_after_its_time(path: Path) -> None:
    async with opened(path, keep_keys=timedelta(hours=1)) as outbox:
        first = record(message(idempotency_key="k"))
        await kept(outbox, first)
        in_time = record(
            message(idempotency_key="k"), accepted_at=NOON + timedelta(minutes=59)
        )
        later = record(
            message(idempotency_key="k", params={"code": "9999"}),
            accepted_at=NOON + timedelta(hours=1),
        )

        same = await outbox.add(in_time)
        other = await outbox.add(later)

        assert same.known == first
        assert other == ADDED


async def test_what_counts_no_more_is_removed(path: Path, outbox: SqliteOutbox) -> None:
    for n in range(3):
        take = Take(f"c{n}", Sliding(MINUTE), 1)
        assert await took(outbox, take, now=NOON + n * MINUTE)
    later = NOON + 2 * MINUTE + tidying.GRACE

    await kept(outbox, record(accepted_at=later))

    assert rows(path, "SELECT counter FROM takings") == [("c2",)]


async def test_a_row_that_cannot_be_read_keeps_nobody_waiting(
    path: Path, outbox: SqliteOutbox, caplog: pytest.LogCaptureFixture
) -> None:
    broken, whole = record(), record()
    await kept(outbox, broken, whole)
    await outbox.aclose()
    rows(path, "UPDATE messages SET form = 99 WHERE id = ?", broken.message.id)

    async with opened(path) as anew:
        claims = await anew.claim(LEASE, NOON, 10)
        with pytest.raises(StoreUnavailable, match="form 99"):
            await anew.get(broken.message.id)

    assert [c.record for c in claims] == [whole]
    assert broken.message.id in caplog.text
    assert PHONE.national not in caplog.text


async def test_what_another_outbox_changed_is_seen(path: Path) -> None:
    given = record()
    async with opened(path) as one, opened(path) as other:
        await kept(one, given)
        await other.change(given.message.id, lambda r: attrs.evolve(r, why="b"))
        change = await one.change(
            given.message.id, lambda r: attrs.evolve(r, why=f"{r.why}a")
        )

    assert change.after.why == "ba"


async def test_every_query_of_the_queue_uses_an_index(
    path: Path, outbox: Outbox
) -> None:
    await kept(outbox, record())

    plan = rows(
        path,
        "EXPLAIN QUERY PLAN SELECT place FROM messages WHERE lane = 0 "
        "AND ready_at <= 5 ORDER BY ready_at, place LIMIT 10",
    )

    assert [detail for *_, detail in plan] == [
        "SEARCH messages USING COVERING INDEX messages_ready (lane=? AND ready_at<?)"
    ]
