"""The contract's second part: attempts are found by what receipts name."""

from __future__ import annotations

import attrs

from notify_core.model.status import AttemptState, Status
from notify_core.outbox.port import Found, Outbox
from notify_core.testing.outbox.subject import (
    OTHER_PHONE,
    PHONE,
    Subject,
    attempt,
    begun,
    ended,
    kept,
    record,
    submitting,
    unknown,
)


class FindingContract(Subject):
    """By the vendor's id, by our reference, by number."""

    async def test_attempts_are_found_by_what_the_vendor_and_we_call_them(
        self, outbox: Outbox
    ) -> None:
        """Within their account."""
        both = ended(
            attempt(1, account="a", provider_id="v1", reference="r"),
            attempt(2, account="b", provider_id="v1", reference="r"),
        )
        await kept(outbox, both)
        assert await outbox.by_provider_id("b", "v1") == Found(record=both, number=2)
        assert await outbox.by_reference("a", "r") == Found(record=both, number=1)
        assert await outbox.by_provider_id("c", "v1") is None
        assert await outbox.by_provider_id("a", "r") is None
        assert await outbox.by_reference("a", "v1") is None

    async def test_an_attempt_is_found_before_it_is_answered(
        self, outbox: Outbox
    ) -> None:
        """A receipt may be faster than the answer."""
        running = record(attempts=(begun(reference="r"),), planned=Status.SUBMITTING)
        await kept(outbox, running)
        assert await outbox.by_reference("a", "r") == Found(record=running, number=1)

    async def test_an_answer_makes_an_attempt_found_by_its_id(
        self, outbox: Outbox
    ) -> None:
        """At once, and with the record as it stands."""
        given = record()
        await kept(outbox, given)
        await outbox.change(given.message.id, submitting)
        assert await outbox.by_provider_id("a", "v1") is None
        change = await outbox.change(
            given.message.id, lambda r: r.with_attempt(attempt(provider_id="v1"))
        )
        found = await outbox.by_provider_id("a", "v1")
        assert found == Found(record=change.after, number=1)

    async def test_an_attempt_is_found_by_a_reference_that_is_its_message_s_id(
        self, outbox: Outbox
    ) -> None:
        """The last one at the account; others' are others'."""
        new = record()
        message = new.message.id
        tried = (
            unknown(1, reference=message),
            attempt(2, account="b", reference=message),
            attempt(3, reference=message),
            attempt(4, reference=None),
        )
        await kept(outbox, whole := attrs.evolve(new, attempts=tried))
        found = await outbox.by_reference("a", message)
        assert found == Found(record=whole, number=3)
        assert await outbox.by_reference("c", message) is None

    async def test_of_repeated_attempts_the_last_is_found_by_reference(
        self, outbox: Outbox
    ) -> None:
        """They are one message to the vendor."""
        await kept(outbox, ended(unknown(1, reference="r"), attempt(2, reference="r")))
        found = await outbox.by_reference("a", "r")
        assert found is not None
        assert found.number == 2  # noqa: PLR2004 (the second attempt)

    async def test_an_attempt_that_was_withdrawn_is_found_no_more(
        self, outbox: Outbox
    ) -> None:
        """What its forerunner is called stays."""
        first, second = unknown(1, reference="r"), begun(2, reference="r")
        given = record(attempts=(first, second), planned=Status.SUBMITTING)
        await kept(outbox, given)
        change = await outbox.change(
            given.message.id, lambda r: attrs.evolve(r, attempts=r.attempts[:1])
        )
        found = await outbox.by_reference("a", "r")
        assert found == Found(record=change.after, number=1)

    async def test_lost_answers_are_found_by_number_until_something_is_heard(
        self, outbox: Outbox
    ) -> None:
        """Within their account."""
        first, second = ended(unknown()), ended(unknown())
        elsewhere = ended(unknown(), recipient=OTHER_PHONE)
        await kept(outbox, first, second, elsewhere)
        both = await outbox.open_unknown("a", PHONE.address)
        sent = attrs.evolve(unknown(), state=AttemptState.SENT)
        await outbox.change(first.message.id, lambda r: r.with_attempt(sent))
        one = await outbox.open_unknown("a", PHONE.address)
        assert {f.record.message.id: f.record for f in both} == {
            one.message.id: one for one in (first, second)
        }
        assert [f.record for f in one] == [second]
        assert await outbox.open_unknown("b", PHONE.address) == []

    async def test_an_answer_lost_after_the_start_is_found_too(
        self, outbox: Outbox
    ) -> None:
        """The attempt was recorded as begun."""
        given = record(attempts=(begun(),), planned=Status.SUBMITTING)
        await kept(outbox, given)
        assert await outbox.open_unknown("a", PHONE.address) == []
        await outbox.change(given.message.id, lambda r: r.with_attempt(unknown()))
        found = await outbox.open_unknown("a", PHONE.address)
        assert [f.number for f in found] == [1]
