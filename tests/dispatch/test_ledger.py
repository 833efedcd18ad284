"""Who is told what when a record changes."""

import asyncio
from collections.abc import Callable

import attrs
import pytest

from notify_core.dispatch.ledger import Ledger
from notify_core.errors import StoreUnavailable
from notify_core.model.attempt import Attempt
from notify_core.model.event import FailedOver, Settled
from notify_core.model.outcome import Reason
from notify_core.model.status import AttemptState, Status
from notify_core.outbox.memory import MemoryOutbox
from notify_core.outbox.record import Record
from notify_core.testing import FakeClock
from tests.builders import NOON, FailingOutbox, Seen, code, record

EVENT = FailedOver(message="m", provider="a", to="b", reason=Reason.THROTTLED)


def ledger(seen: Seen, outbox: MemoryOutbox) -> Ledger:
    return Ledger(outbox, seen.notify_observe, FakeClock())


def ending(state: AttemptState, *, final: bool) -> Callable[[Record], Record]:
    """Return the change to a closed record with one attempt in that state."""
    attempt = Attempt(number=1, provider="a", account="a", state=state, started_at=NOON)
    return lambda r: attrs.evolve(r, attempts=(attempt,), planned=None, final=final)


def is_final(record: Record) -> bool:
    return record.final


async def test_a_status_is_told_once_the_tries_are_over_with_all_its_facts() -> None:
    seen, outbox = Seen(), MemoryOutbox()
    given = record(code(metadata={"order": "7"}))
    await outbox.add(given)
    sent = attrs.evolve(given, planned=Status.SUBMITTING)

    await ledger(seen, outbox).change(given.message.id, lambda _: sent)
    await ledger(seen, outbox).change(
        given.message.id, ending(AttemptState.ACCEPTED, final=False)
    )

    (told,) = seen.of(Settled)
    assert (told.message, told.status) == (given.message.id, Status.ACCEPTED)
    assert (told.previous, told.previous_final, told.final) == (None, False, False)
    assert told.metadata == {"order": "7"}
    assert (told.channel, told.kind, told.route) == ("sms", "otp", "root")


async def test_a_change_of_status_tells_what_it_was_before() -> None:
    seen, outbox = Seen(), MemoryOutbox()
    given = record()
    await outbox.add(given)
    book = ledger(seen, outbox)

    await book.change(given.message.id, ending(AttemptState.ACCEPTED, final=False))
    await book.change(given.message.id, ending(AttemptState.DELIVERED, final=True))

    before, after = seen.of(Settled)
    assert (after.previous, after.status) == (before.status, Status.DELIVERED)
    assert (after.previous_final, after.final) == (False, True)


async def test_a_change_that_changes_no_status_is_not_told() -> None:
    seen, outbox = Seen(), MemoryOutbox()
    given = record()
    await outbox.add(given)
    book = ledger(seen, outbox)

    for _ in range(2):
        await book.change(given.message.id, ending(AttemptState.SENT, final=False))

    assert len(seen.of(Settled)) == 1


async def test_what_happened_is_told_before_what_became_of_it() -> None:
    seen, outbox = Seen(), MemoryOutbox()
    given = record()
    await outbox.add(given)

    await ledger(seen, outbox).change(
        given.message.id, ending(AttemptState.ACCEPTED, final=False), EVENT
    )

    assert [type(e) for e in seen.events] == [FailedOver, Settled]


async def test_what_happened_is_told_even_if_it_cannot_be_stored() -> None:
    seen, outbox = Seen(), FailingOutbox("change")

    with pytest.raises(StoreUnavailable):
        await ledger(seen, outbox).change(
            "m", ending(AttemptState.ACCEPTED, final=False), EVENT
        )

    assert seen.events == [EVENT]


# Waiting.


async def test_who_waits_is_woken_by_the_change_it_waits_for() -> None:
    seen, outbox = Seen(), MemoryOutbox()
    given = record()
    await outbox.add(given)
    book = ledger(seen, outbox)

    waiting = [
        asyncio.create_task(book.awaited(given, is_final, None)) for _ in range(2)
    ]
    await asyncio.sleep(0)
    await book.change(given.message.id, ending(AttemptState.SENT, final=False))
    await asyncio.sleep(0)
    await book.change(given.message.id, ending(AttemptState.DELIVERED, final=True))

    assert [r.status for r in await asyncio.gather(*waiting)] == [Status.DELIVERED] * 2


async def test_who_waits_long_enough_is_told_what_is_known() -> None:
    outbox = MemoryOutbox()
    given = record()
    await outbox.add(given)

    known = await ledger(Seen(), outbox).awaited(given, is_final, 0.001)

    assert known is given


async def test_waiting_leaves_nothing_behind() -> None:
    outbox = MemoryOutbox()
    given = record()
    await outbox.add(given)
    book = ledger(Seen(), outbox)

    waiting = asyncio.create_task(book.awaited(given, is_final, None))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

    assert vars(book)["_waiting"] == {}


async def test_who_waits_for_a_forgotten_message_is_told_what_was_known() -> None:
    known = await ledger(Seen(), MemoryOutbox()).awaited(record(), is_final, 0.001)

    assert known.status is Status.CREATED


async def test_an_outbox_out_of_reach_does_not_end_the_wait_with_an_error() -> None:
    given = record(final=True)

    known = await ledger(Seen(), FailingOutbox("get")).awaited(given, is_final, None)

    assert known is given
