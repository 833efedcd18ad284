"""The contract's eighth part: what is not needed any more is erased."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs

from notify_core.model.channel import Kind
from notify_core.model.outcome import Reason
from notify_core.model.status import AttemptState, Status
from notify_core.outbox.listing import MessageFilter
from notify_core.outbox.port import Outbox
from notify_core.outbox.record import Erased, Record
from notify_core.outbox.retention import AT_ONCE, USUAL, Retention
from notify_core.policy.take import Sliding, Take
from notify_core.testing.outbox.subject import (
    MINUTE,
    NOON,
    OTHER_PHONE,
    PHONE,
    Subject,
    attempt,
    begun,
    closing,
    ended,
    kept,
    message,
    parked,
    record,
    rejected,
    took,
    unknown,
)

#: A microsecond before and the moment at which a time comes.
TICK = timedelta(microseconds=1)
END = NOON + MINUTE
PLENTY = 1000
SECRETS = ("1234", "Your code", "said so", PHONE.address, "tenant", "order", "a key")


class ErasingContract(Subject):
    """Codes at their end, other messages after their time, a person at once."""

    async def test_a_code_is_gone_with_the_change_that_ends_its_message(
        self, outbox: Outbox
    ) -> None:
        """The change itself tells it once more; the store does not."""
        given = talkative(kind=Kind.OTP)
        await kept(outbox, given)
        change = await outbox.change(given.message.id, lambda r: closing(r, spoken()))
        known = await got(outbox, given)
        assert change.after.attempts[0].text == "said so"
        assert secrets_in(known) == [PHONE.address, "tenant", "order", "a key"]
        assert (known.status, known.erased) == (Status.ACCEPTED, Erased.CONTENT)

    async def test_a_code_that_never_goes_out_is_not_stored_at_all(
        self, outbox: Outbox
    ) -> None:
        """It was final when it came."""
        given = talkative(kind=Kind.OTP, planned=Status.REJECTED, final=True)
        await kept(outbox, given)
        assert (await got(outbox, given)).erased is Erased.CONTENT

    async def test_what_is_told_later_of_a_code_is_not_stored_either(
        self, outbox: Outbox
    ) -> None:
        """Nor does a change made of an older record bring back what is gone."""
        given = talkative(kind=Kind.OTP)
        await kept(outbox, given)
        await outbox.change(given.message.id, lambda r: closing(r, spoken()))
        state = AttemptState.DELIVERED
        await outbox.change(
            given.message.id, lambda _: closing(given, spoken(state=state))
        )
        known = await got(outbox, given)
        assert (known.status, known.erased) == (Status.DELIVERED, Erased.CONTENT)
        assert "1234" not in secrets_in(known)
        assert "said so" not in secrets_in(known)

    async def test_a_code_that_waits_for_news_is_gone_at_its_deadline(
        self, outbox: Outbox
    ) -> None:
        """Nobody can be asked to send it again then."""
        given = talkative(kind=Kind.OTP, attempts=(unknown(),), planned=None)
        await kept(outbox, given)
        assert await outbox.erase(USUAL, END - TICK, PLENTY) == 0
        assert await got(outbox, given) == given
        assert await outbox.erase(USUAL, END, PLENTY) == 1
        assert (await got(outbox, given)).erased is Erased.CONTENT

    async def test_what_is_still_to_be_sent_keeps_what_it_says(
        self, outbox: Outbox
    ) -> None:
        """Unless it is not valid any more."""
        waiting = talkative(kind=Kind.OTP)
        invalid = talkative(kind=Kind.OTP, deadline_reason=Reason.EXPIRED)
        await kept(outbox, waiting, invalid)
        assert await outbox.erase(USUAL, END + 1000 * USUAL.address, PLENTY) == 1
        assert await got(outbox, waiting) == waiting
        assert (await got(outbox, invalid)).erased is Erased.CONTENT

    async def test_content_goes_first_and_the_address_later(
        self, outbox: Outbox
    ) -> None:
        """A record that says nothing any more is still there, and still counts."""
        given = talkative(attempts=(spoken(),), planned=None, final=True)
        await kept(outbox, given)
        assert await outbox.erase(USUAL, END + USUAL.content - TICK, PLENTY) == 0
        assert await outbox.erase(USUAL, END + USUAL.content, PLENTY) == 1
        assert secrets_in(await got(outbox, given)) == [
            PHONE.address,
            "tenant",
            "order",
            "a key",
        ]
        assert await outbox.erase(USUAL, END + USUAL.address - TICK, PLENTY) == 0
        assert await outbox.erase(USUAL, END + USUAL.address, PLENTY) == 1
        bare = await got(outbox, given)
        assert (secrets_in(bare), bare.erased) == ([], Erased.ADDRESS)
        assert (bare.status, bare.route) == (Status.ACCEPTED, "root")
        assert await outbox.erase(USUAL, END + 9 * USUAL.address, PLENTY) == 0

    async def test_an_erased_message_is_still_found_by_the_address(
        self, outbox: Outbox
    ) -> None:
        """Only a hash is kept of it."""
        given, other = over(), over(recipient=OTHER_PHONE)
        await kept(outbox, given, other)
        await outbox.erase(USUAL, END + USUAL.content, PLENTY)
        await outbox.erase(USUAL, END + USUAL.address, PLENTY)
        page = await outbox.messages(MessageFilter(address=PHONE.address))
        assert [r.message.id for r in page.records] == [given.message.id]

    async def test_rows_go_where_that_is_wanted(self, outbox: Outbox) -> None:
        """With all that finds them."""
        given = over(attempt(provider_id="v", reference="r"))
        await kept(outbox, given)
        kept_for_a_year = Retention(rows=timedelta(days=365))
        for span in (USUAL.content, USUAL.address, timedelta(days=365)):
            assert await outbox.erase(kept_for_a_year, END + span, PLENTY) == 1
        assert await outbox.get(given.message.id) is None
        assert await outbox.by_provider_id("a", "v") is None
        assert await outbox.by_reference("a", "r") is None
        assert (await outbox.messages(MessageFilter())).records == ()

    async def test_erasing_takes_no_more_than_its_limit_at_a_time(
        self, outbox: Outbox
    ) -> None:
        """It says how many, so that who calls knows when nothing is left."""
        await kept(outbox, *(over() for _ in range(5)))
        now = END + USUAL.content
        assert [await outbox.erase(USUAL, now, 2) for _ in range(4)] == [2, 2, 1, 0]

    async def test_receipts_that_nobody_takes_are_removed(self, outbox: Outbox) -> None:
        """After as long as content."""
        await outbox.park(parked(provider_id="v"))
        assert await outbox.erase(USUAL, NOON + USUAL.content - TICK, PLENTY) == 0
        assert await outbox.erase(USUAL, NOON + USUAL.content, 1) == 1
        names: dict[str, Any] = {"provider_id": "v", "reference": None, "address": None}
        assert await outbox.take_parked("a", **names) == []

    async def test_a_forgotten_person_is_nowhere(self, outbox: Outbox) -> None:
        """However many messages there were; others stay."""
        given = [talkative(attempts=(unknown(),), planned=None) for _ in range(3)]
        other = talkative(recipient=OTHER_PHONE)
        await kept(outbox, *given, other)
        await outbox.park(parked(recipient=PHONE.address))
        assert await outbox.forget(PHONE.address) == len(given)
        for one in given:
            known = await got(outbox, one)
            assert (secrets_in(known), known.erased) == ([], Erased.ADDRESS)
            assert known.status is Status.SUBMIT_UNKNOWN
        assert await got(outbox, other) == other
        assert await outbox.open_unknown("a", PHONE.address) == []
        names: dict[str, Any] = {"provider_id": None, "reference": None}
        assert await outbox.take_parked("a", **names, address=PHONE.address) == []
        page = await outbox.messages(MessageFilter(address=PHONE.address))
        assert page.records == ()
        assert await outbox.forget(PHONE.address) == 0

    async def test_forgetting_withdraws_what_waits_and_frees_what_it_took(
        self, outbox: Outbox
    ) -> None:
        """What is being written is left to who writes it."""
        take = Take("c", Sliding(MINUTE), 1)
        waiting = await took(outbox, take)
        writing = record(attempts=(begun(),), planned=Status.SUBMITTING)
        await kept(outbox, writing)
        await outbox.forget(PHONE.address)
        assert waiting is not None
        withdrawn = await got(outbox, waiting)
        assert (withdrawn.status, withdrawn.final) == (Status.CANCELED, True)
        assert (await got(outbox, writing)).status is Status.SUBMITTING
        assert await took(outbox, take)

    async def test_what_is_told_of_a_forgotten_message_brings_nothing_back(
        self, outbox: Outbox
    ) -> None:
        """Whoever works on it still knows all."""
        given = talkative(attempts=(begun(),), planned=Status.SUBMITTING)
        await kept(outbox, given)
        await outbox.forget(PHONE.address)
        await outbox.change(given.message.id, lambda _: closing(given, spoken()))
        known = await got(outbox, given)
        assert (secrets_in(known), known.status) == ([], Status.ACCEPTED)

    async def test_a_person_with_many_messages_is_forgotten_whole(
        self, outbox: Outbox
    ) -> None:
        """In as many steps as it takes."""
        many = AT_ONCE + 1
        await kept(outbox, *(over(rejected()) for _ in range(many)))
        assert await outbox.forget(PHONE.address) == many


def talkative(**fields: Any) -> Record:
    """Return a record that says what nobody is to know later."""
    said = message(
        labels={"tenant": "a"},
        metadata={"order": "7"},
        extra={"ihuyi": {"note": "1234"}},
        idempotency_key=None,
    )
    return record(attrs.evolve(said, idempotency_key=f"a key {said.id}"), **fields)


def spoken(**fields: Any) -> Any:
    """Return an attempt with the vendor's words."""
    return attempt(text="said so", **fields)


def over(*attempts: Any, **fields: Any) -> Record:
    """Return the record of a message about which nothing more is done."""
    return attrs.evolve(ended(*attempts, final=True), **fields)


async def got(outbox: Outbox, given: Record) -> Record:
    """Return a record as the outbox has it."""
    known = await outbox.get(given.message.id)
    assert known is not None
    return known


def secrets_in(known: Record) -> list[str]:
    """Return which of the secrets stand in a record."""
    shown = str(attrs.asdict(known))
    return [secret for secret in SECRETS if secret in shown]
