"""The contract's first part: what was given is kept, once."""

from __future__ import annotations

import asyncio

import attrs
import pytest

from notify_core.errors import IdempotencyConflict, InvalidMessage
from notify_core.model.status import Status
from notify_core.outbox.port import ADDED, Outbox
from notify_core.outbox.record import Record
from notify_core.testing.outbox.subject import (
    Subject,
    attempt,
    begun,
    closing,
    ended,
    full_record,
    kept,
    message,
    record,
    unknown,
)

AT_ONCE = 200


class KeepingContract(Subject):
    """Adding, changing, getting; the same message twice."""

    async def test_a_record_comes_back_as_it_was_given(self, outbox: Outbox) -> None:
        """Every field of it."""
        bare, full = record(), full_record()
        await kept(outbox, bare, full)
        assert await outbox.get(bare.message.id) == bare
        assert await outbox.get(full.message.id) == full

    async def test_what_is_not_there_is_none(self, outbox: Outbox) -> None:
        """An unknown id is no error."""
        assert await outbox.get("nothing") is None

    async def test_a_change_gives_both_sides_and_stays(self, outbox: Outbox) -> None:
        """The record before, the record after, and nothing else."""
        given = record()
        await kept(outbox, given)
        change = await outbox.change(
            given.message.id, lambda r: attrs.evolve(r, planned=Status.SUBMITTING)
        )
        assert (change.before, change.after.planned) == (given, Status.SUBMITTING)
        assert await outbox.get(given.message.id) == change.after

    async def test_a_record_is_what_the_last_of_many_changes_made_it(
        self, outbox: Outbox
    ) -> None:
        """Attempts come one by one, and the message itself may be changed too."""
        given = record()
        await kept(outbox, given)
        attempts = tuple(unknown(n, reference=f"r{n}") for n in range(1, 6))
        for n in range(5):
            await outbox.change(
                given.message.id,
                lambda r, n=n: attrs.evolve(r, attempts=attempts[: n + 1]),  # type: ignore[misc]
            )
        change = await outbox.change(
            given.message.id, lambda r: attrs.evolve(closing(r, *attempts), text=None)
        )
        known = await outbox.get(given.message.id)
        assert known == change.after
        assert known is not None
        assert (known.text, known.attempts) == (None, attempts)

    async def test_what_is_not_there_cannot_be_changed(self, outbox: Outbox) -> None:
        """It says so with a `KeyError`."""
        with pytest.raises(KeyError):
            await outbox.change("nothing", lambda r: r)

    async def test_a_change_that_fails_changes_nothing(self, outbox: Outbox) -> None:
        """The error is the caller's, and the outbox works on."""

        def fail(_: Record) -> Record:
            raise ZeroDivisionError

        given = record()
        await kept(outbox, given)
        with pytest.raises(ZeroDivisionError):
            await outbox.change(given.message.id, fail)
        assert await outbox.get(given.message.id) == given

    async def test_changes_at_once_are_all_made_one_after_the_other(
        self, outbox: Outbox
    ) -> None:
        """None is lost and none sees half of another."""

        def one_more(r: Record) -> Record:
            return r.with_attempt(begun(len(r.attempts) + 1))

        given = record()
        await kept(outbox, given)
        await asyncio.gather(
            *(outbox.change(given.message.id, one_more) for _ in range(50))
        )
        known = await outbox.get(given.message.id)
        assert known is not None
        assert [a.number for a in known.attempts] == list(range(1, 51))

    async def test_what_is_unsettled_or_under_way_is_told(self, outbox: Outbox) -> None:
        """In the order in which it came."""
        lost, running = ended(unknown()), record(planned=Status.SUBMITTING)
        given_up, accepted = ended(unknown(), final=True), ended(attempt())
        await kept(outbox, lost, running, given_up, accepted)
        assert await outbox.unsettled() == [lost.message.id, running.message.id]

    async def test_a_key_gives_the_record_that_has_it(self, outbox: Outbox) -> None:
        """The same key and the same content are the same message."""
        first = record(message(idempotency_key="k"))
        await kept(outbox, first)
        again = record(message(idempotency_key="k"))
        assert (await outbox.add(again)).known == first
        assert await outbox.get(again.message.id) is None

    async def test_a_key_gives_the_record_as_it_stands(self, outbox: Outbox) -> None:
        """While the first is under way, and after it."""
        first = record(message(idempotency_key="k"))
        await kept(outbox, first)
        change = await outbox.change(
            first.message.id, lambda r: closing(r, attempt(provider_id="v"))
        )
        addition = await outbox.add(record(message(idempotency_key="k")))
        assert addition.known == change.after

    async def test_a_key_used_for_other_content_says_by_whom(
        self, outbox: Outbox
    ) -> None:
        """The error names the first message."""
        first = record(message(idempotency_key="k"))
        await kept(outbox, first)
        other = message(idempotency_key="k", params={"code": "9999"})
        with pytest.raises(IdempotencyConflict, match=first.message.id):
            await outbox.add(record(other))
        assert await outbox.get(other.id) is None

    async def test_of_the_same_message_many_times_at_once_one_is_kept(
        self, outbox: Outbox
    ) -> None:
        """Everybody is told of that one."""
        given = [record(message(idempotency_key="k")) for _ in range(AT_ONCE)]
        additions = await asyncio.gather(*map(outbox.add, given))
        known = {a.known.message.id for a in additions if a.known is not None}
        kept_ = {r.message.id for r in given if await outbox.get(r.message.id)}
        assert sum(addition.known is None for addition in additions) == 1
        assert len(kept_) == 1
        assert known == kept_

    async def test_an_id_is_used_once(self, outbox: Outbox) -> None:
        """Nothing of the second message is kept."""
        said = message()
        await kept(outbox, record(said))
        other = attrs.evolve(said, params={"code": "9999"}, idempotency_key="k")
        with pytest.raises(InvalidMessage, match="make a new Message"):
            await outbox.add(record(other))
        known = await outbox.get(said.id)
        assert known is not None
        assert known.message == said
        assert await outbox.add(record(message(idempotency_key="k"))) == ADDED
