"""Rows on their way into an outbox, batch by batch."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from notify_core.bulk.drafts import Drafting
from notify_core.bulk.importing import Importing
from notify_core.bulk.rejects import Rejects
from notify_core.bulk.rows import Format, Rows, rows_of
from notify_core.bulk.source import Lines
from notify_core.bulk.stopping import Stop
from notify_core.errors import NotifyError, StoreUnavailable
from notify_core.model.message import Message
from notify_core.model.result import Result
from notify_core.model.status import Status


class Store:
    """Takes messages, until it is full.

    Attributes:
        batches: How many messages each call had.
        keys: The keys of the messages that were taken.
    """

    def __init__(self, room: int | None = None) -> None:
        self._room = room
        self.batches: list[int] = []
        self.keys: list[str | None] = []

    async def __call__(self, messages: Sequence[Message]) -> list[Result | NotifyError]:
        """Take them."""
        if self._room is not None and len(self.keys) >= self._room:
            raise StoreUnavailable("the disk is full")
        self.batches.append(len(messages))
        await asyncio.sleep(0)
        self.keys += [message.idempotency_key for message in messages]
        return [
            Result(id=m.id, status=Status.CREATED, final=False, route="root")
            for m in messages
        ]


@pytest.fixture
def rejects(tmp_path: Path) -> Iterator[Rejects]:
    with Rejects(tmp_path / "rejects.ndjson") as made:
        yield made


def rows(many: int) -> Rows:
    """Return rows of numbers; their lines are 2 and so on."""
    written = "to\n" + "".join(f"{n}\n" for n in range(many))
    return rows_of(Lines(io.BytesIO(written.encode())), Format.CSV, {})


def importing(store: Store, rejects: Rejects, **options: Any) -> Importing:
    """Return an import of ten rows in a step."""
    usual: dict[str, Any] = {"batch": 10, "progress": lambda _: None}
    drafting = Drafting(key="k")
    return Importing(
        drafting=drafting, enqueue_all=store, rejects=rejects, **usual | options
    )


@pytest.mark.parametrize("reads_ahead", [False, True])
async def test_rows_are_recorded_in_order_in_batches(
    rejects: Rejects, reads_ahead: bool
) -> None:
    store, done = Store(), list[int]()

    tally = await importing(
        store, rejects, reads_ahead=reads_ahead, progress=done.append
    ).run(rows(35))

    assert store.batches == [10, 10, 10, 5]
    assert store.keys == [f"k:{line}" for line in range(2, 37)]
    assert done == [10, 20, 30, 35]
    assert (tally.taken, tally.is_whole) == (35, True)


@pytest.mark.parametrize("reads_ahead", [False, True])
async def test_when_the_store_is_away_it_is_known_how_far_it_came(
    rejects: Rejects, reads_ahead: bool
) -> None:
    run = importing(Store(room=20), rejects, reads_ahead=reads_ahead)

    with pytest.raises(StoreUnavailable):
        await run.run(rows(35))

    assert run.tally.rows == 20


@pytest.mark.parametrize("reads_ahead", [False, True])
async def test_it_stops_after_a_whole_batch(
    rejects: Rejects, reads_ahead: bool
) -> None:
    store, stop = Store(), Stop()

    def end(_: int) -> None:
        stop.is_told = True

    run = importing(store, rejects, reads_ahead=reads_ahead, progress=end, stop=stop)

    await run.run(rows(1000))

    assert set(store.batches) == {10}
    assert run.tally.rows == len(store.keys) < 1000


async def test_a_row_with_a_key_of_its_own_keeps_it(rejects: Rejects) -> None:
    store = Store()
    written = b'{"to": "1", "idempotency_key": "mine"}\n{"to": "2"}\n'

    await importing(store, rejects).run(
        rows_of(Lines(io.BytesIO(written)), Format.NDJSON, {})
    )

    assert store.keys == ["mine", "k:2"]
