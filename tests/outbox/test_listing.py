"""What may be asked of a list, and which index finds it."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from notify_core.model.channel import Channel, Kind
from notify_core.model.status import Status
from notify_core.outbox.listing import MessageFilter
from notify_core.outbox.paging import MOST_AT_ONCE, Cursor
from notify_core.outbox.sqlite import SqliteOutbox, listing
from notify_core.testing.outbox.subject import NOON, kept, record
from tests.outbox.process import KEY


def test_a_cursor_is_read_as_it_was_written() -> None:
    given = Cursor(NOON.replace(microsecond=7), 42)

    assert Cursor.read(str(given)) == given


@pytest.mark.parametrize("text", ["", "x", "1", "1.x", "9" * 40 + ".1"])
def test_what_no_page_gave_is_no_cursor(text: str) -> None:
    with pytest.raises(ValueError, match="leave it out to start anew"):
        MessageFilter(cursor=text)


@pytest.mark.parametrize("limit", [0, -1, MOST_AT_ONCE + 1])
def test_a_page_has_neither_none_nor_too_many(limit: int) -> None:
    with pytest.raises(ValueError, match="write 1 to"):
        MessageFilter(limit=limit)


@pytest.mark.parametrize("name", ["since", "until"])
def test_a_time_has_a_zone(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} has no time zone"):
        MessageFilter(**{name: datetime(2026, 1, 1)})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({}, "messages_accepted"),
        ({"since": NOON}, "messages_accepted"),
        ({"kind": Kind.OTP, "template": "code"}, "messages_accepted"),
        ({"channel": Channel.SMS, "route": "root"}, "messages_accepted"),
        ({"status": Status.DEFERRED}, "messages_status"),
        ({"provider": "a"}, "messages_provider"),
        ({"address": "+8613800138000"}, "messages_address"),
        ({"dead": True}, "messages_dead"),
        ({"cursor": str(Cursor(datetime.now(UTC), 1))}, "messages_accepted"),
    ],
    ids=[
        *("all", "since", "template", "route", "status", "provider", "address"),
        *("dead", "cursor"),
    ],
)
async def test_a_list_is_found_by_an_index_and_needs_no_sorting(
    tmp_path: Path, asked: dict[str, Any], index: str
) -> None:
    outbox = SqliteOutbox(tmp_path / "notify.db", KEY)
    await kept(outbox, record())
    await outbox.aclose()
    statements: list[str] = []
    database = sqlite3.connect(tmp_path / "notify.db")
    database.set_trace_callback(statements.append)

    address = "hash" if "address" in asked else None
    listing.messages(database, MessageFilter(**asked), address)

    database.set_trace_callback(None)
    steps = database.execute(f"EXPLAIN QUERY PLAN {statements[0]}").fetchall()
    database.close()
    plan = " / ".join(step[3] for step in steps)
    assert index in plan
    assert "TEMP B-TREE" not in plan
