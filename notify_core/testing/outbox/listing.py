"""The contract's sixth part: messages are listed, counted, and told if dead."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from notify_core.model.channel import Channel, Kind
from notify_core.model.outcome import Reason
from notify_core.model.status import AttemptState, Status
from notify_core.outbox.dead_letter import dead_letter
from notify_core.outbox.listing import MessageFilter
from notify_core.outbox.port import Outbox
from notify_core.outbox.record import Record
from notify_core.testing.outbox.subject import (
    MINUTE,
    NOON,
    OTHER_PHONE,
    Subject,
    attempt,
    closing,
    ended,
    kept,
    message,
    record,
    rejected,
    submitting,
    unknown,
)

SECOND = timedelta(seconds=1)


class ListingContract(Subject):
    """Pages, filters, counts, dead letters."""

    async def test_messages_come_newest_first_and_each_on_one_page(
        self, outbox: Outbox
    ) -> None:
        """By the time of acceptance; those of one time by their order."""
        times = [NOON, NOON + MINUTE, NOON, NOON - MINUTE, NOON + MINUTE]
        given = [record(accepted_at=at) for at in times]
        await kept(outbox, *given)
        assert await listed(outbox) == [given[n] for n in (4, 1, 2, 0, 3)]
        assert await paged(outbox, 2) == [given[n] for n in (4, 1, 2, 0, 3)]
        assert await paged(outbox, 5) == [given[n] for n in (4, 1, 2, 0, 3)]

    async def test_what_comes_meanwhile_is_on_no_later_page(
        self, outbox: Outbox
    ) -> None:
        """A cursor is a place, not a number of messages."""
        given = [record(accepted_at=NOON + n * SECOND) for n in range(4)]
        await kept(outbox, *given)
        first = await outbox.messages(MessageFilter(limit=2))
        await kept(outbox, record(accepted_at=NOON + MINUTE))
        second = await outbox.messages(MessageFilter(limit=2, cursor=first.cursor))
        assert second.records == (given[1], given[0])
        assert second.cursor is None

    @pytest.mark.parametrize(
        ("asked", "fields"),
        [
            ({"status": Status.DEFERRED}, {"planned": Status.DEFERRED}),
            ({"provider": "b"}, {"attempts": (rejected(), attempt(2, provider="b"))}),
            ({"channel": Channel.VOICE}, {"message": message(channel=Channel.VOICE)}),
            ({"kind": Kind.MARKETING}, {"kind": Kind.MARKETING}),
            ({"template": "bill"}, {"message": message(template="bill")}),
            ({"route": "night"}, {"route": "night"}),
            ({"address": OTHER_PHONE.address}, {"recipient": OTHER_PHONE}),
            ({"since": NOON + SECOND}, {"accepted_at": NOON + SECOND}),
            ({"until": NOON}, {"accepted_at": NOON - SECOND}),
        ],
        ids=lambda value: next(iter(value)),
    )
    async def test_a_filter_lets_through_what_it_names(
        self, outbox: Outbox, asked: dict[str, Any], fields: dict[str, Any]
    ) -> None:
        """And nothing else."""
        wanted, other = record(**fields), record(attempts=(attempt(),))
        await kept(outbox, wanted, other)
        assert await listed(outbox, **asked) == [wanted]

    async def test_filters_are_met_all_at_once(self, outbox: Outbox) -> None:
        """Over pages too."""
        late = [record(route="a", accepted_at=NOON + n * MINUTE) for n in range(4)]
        others = [record(route="b"), record(route="a", kind=Kind.OTP)]
        await kept(outbox, *late, *others)
        asked = {"route": "a", "kind": Kind.NOTICE, "since": NOON + MINUTE}
        assert await paged(outbox, 1, **asked) == late[:0:-1]

    async def test_a_changed_message_is_listed_as_it_stands(
        self, outbox: Outbox
    ) -> None:
        """By its status, its route and its last provider."""
        given = record()
        await kept(outbox, given)
        change = await outbox.change(
            given.message.id, lambda r: attrs.evolve(submitting(r), route="other")
        )
        asked = {"status": Status.SUBMITTING, "provider": "a", "route": "other"}
        assert await listed(outbox, **asked) == [change.after]
        assert await listed(outbox, status=Status.CREATED) == []

    async def test_what_is_not_final_is_counted_by_status(self, outbox: Outbox) -> None:
        """A message that moves is counted where it is."""
        moved, done = record(), record(planned=Status.DEFERRED)
        await kept(outbox, moved, record(), done, ended(unknown()))
        await outbox.change(moved.message.id, submitting)
        await outbox.change(done.message.id, closing)
        assert await outbox.counts() == {
            Status.CREATED: 1,
            Status.SUBMITTING: 1,
            Status.SUBMIT_UNKNOWN: 1,
        }

    async def test_dead_letters_are_those_that_nobody_wished_dead(
        self, outbox: Outbox
    ) -> None:
        """Each has its reason."""
        dead = [
            over(rejected(reason=Reason.AUTH_FAILED)),
            over(planned=Status.REJECTED, reason=Reason.NO_PROVIDER),
            over(planned=Status.EXPIRED, reason=Reason.EXPIRED),
            over(rejected(), reason=Reason.DEADLINE_EXCEEDED),
            over(unknown(reason=Reason.NO_RESPONSE)),
            over(attempt(state=AttemptState.RECEIPT_TIMEOUT)),
        ]
        alive = [
            ended(unknown()),
            over(attempt()),
            over(planned=Status.CANCELED, reason=Reason.CANCELED),
            over(planned=Status.SUPPRESSED, reason=Reason.POLICY_BLOCKED),
            over(planned=Status.REJECTED, reason=Reason.POLICY_RATE_LIMITED),
            over(planned=Status.REJECTED, replayed_as="another"),
        ]
        await kept(outbox, *dead, *alive)
        found = await listed(outbox, dead=True)
        assert found == dead[::-1]
        assert [dead_letter(one) for one in reversed(found)] == [
            "auth_failed",
            "no_provider",
            "expired",
            "deadline_exceeded",
            "no_response",
            "receipt_timeout",
        ]

    async def test_what_dies_and_what_is_revived_is_told(self, outbox: Outbox) -> None:
        """A dead letter that is tried again is none."""
        given = record()
        await kept(outbox, given)
        await outbox.change(given.message.id, lambda r: closing(r, rejected()))
        died = await listed(outbox, dead=True)
        await outbox.change(
            given.message.id, lambda r: r.moved(r.attempts, Status.CREATED)
        )
        assert [one.message.id for one in died] == [given.message.id]
        assert await listed(outbox, dead=True) == []


async def listed(outbox: Outbox, **asked: Any) -> list[Record]:
    """Return what is on the first page, which is the only one."""
    page = await outbox.messages(MessageFilter(**asked))
    assert page.cursor is None
    return list(page.records)


async def paged(outbox: Outbox, limit: int, **asked: Any) -> list[Record]:
    """Return what is on all pages of a size."""
    found: list[Record] = []
    cursor: str | None = None
    while True:
        page = await outbox.messages(MessageFilter(limit=limit, cursor=cursor, **asked))
        found += page.records
        assert page.cursor is None or len(page.records) == limit
        if page.cursor is None:
            return found
        cursor = page.cursor


def over(*attempts: Any, **fields: Any) -> Record:
    """Return the record of a message about which nothing more is done."""
    return attrs.evolve(ended(*attempts, final=True), **fields)
