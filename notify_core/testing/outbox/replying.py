"""The contract's ninth part: what people reply is kept, once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from notify_core.model.receipt import InboundMessage
from notify_core.outbox.inbound import Inbound, InboundFilter
from notify_core.outbox.port import Hold, Outbox
from notify_core.outbox.retention import USUAL
from notify_core.testing.outbox.subject import (
    MINUTE,
    NOON,
    OTHER_PHONE,
    PHONE,
    Subject,
)

TICK = timedelta(microseconds=1)
PLENTY = 1000


class ReplyingContract(Subject):
    """Replies are kept, listed and erased."""

    async def test_a_reply_is_kept_with_all_that_was_told(self, outbox: Outbox) -> None:
        """Whatever it says."""
        full = reply("你好 🎉 \0", provider_id="v", at=NOON, message="m")
        bare = reply("")
        assert await outbox.keep_inbound(full)
        assert await outbox.keep_inbound(bare)
        assert await listed(outbox) == [bare, full]

    async def test_a_push_that_is_repeated_is_kept_once(self, outbox: Outbox) -> None:
        """As it came first, however many come at once."""
        first, later = reply(at=NOON), reply(at=NOON, received_at=NOON + MINUTE)
        assert await outbox.keep_inbound(first)
        assert not await outbox.keep_inbound(later)
        repeated = [outbox.keep_inbound(reply(provider_id="v")) for _ in range(9)]
        assert sorted(await asyncio.gather(*repeated)) == [False] * 8 + [True]
        assert await listed(outbox) == [reply(provider_id="v"), first]

    async def test_what_follows_from_a_reply_is_kept_with_it_once(
        self, outbox: Outbox
    ) -> None:
        """What was released since stays so, though the push is repeated."""
        stop = Hold(counter="stop", at=NOON, why="said stop")
        assert await outbox.keep_inbound(reply(at=NOON), stop)
        assert await outbox.holds(NOON) == [stop]
        await outbox.release("stop")
        assert not await outbox.keep_inbound(reply(at=NOON), stop)
        assert await outbox.holds(NOON) == []
        assert await outbox.keep_inbound(reply(at=NOON + MINUTE), stop)
        assert await outbox.holds(NOON) == [stop]

    @pytest.mark.parametrize(
        "fields",
        [
            {"provider_id": "w"},
            {"sender": OTHER_PHONE.address},
            {"text": "other"},
            {"at": NOON + MINUTE},
            {"account": "b"},
        ],
        ids=lambda fields: next(iter(fields)),
    )
    async def test_what_differs_is_another_reply(
        self, outbox: Outbox, fields: dict[str, Any]
    ) -> None:
        """Under the vendor's same id too: it may be that of what is replied to."""
        usual: dict[str, Any] = {"provider_id": "v", "at": NOON}
        assert await outbox.keep_inbound(reply(**usual))
        assert await outbox.keep_inbound(reply(**{**usual, **fields}))

    async def test_replies_come_newest_first_and_each_on_one_page(
        self, outbox: Outbox
    ) -> None:
        """By the time of receipt; those of one time by their order."""
        times = [NOON, NOON + MINUTE, NOON, NOON - MINUTE, NOON + MINUTE]
        given = [reply(f"{n}", received_at=at) for n, at in enumerate(times)]
        for one in given:
            await outbox.keep_inbound(one)
        wanted = [given[n] for n in (4, 1, 2, 0, 3)]
        assert await listed(outbox) == wanted
        assert await listed(outbox, limit=5) == wanted
        assert await paged(outbox, 2) == wanted

    @pytest.mark.parametrize(
        ("asked", "fields"),
        [
            ({"provider": "b"}, {"provider": "b"}),
            ({"sender": OTHER_PHONE.address}, {"sender": OTHER_PHONE.address}),
            ({"since": NOON + TICK}, {"received_at": NOON + TICK}),
        ],
        ids=lambda value: next(iter(value)),
    )
    async def test_a_list_of_replies_has_what_is_asked_for(
        self, outbox: Outbox, asked: dict[str, Any], fields: dict[str, Any]
    ) -> None:
        """And nothing else."""
        wanted = reply("wanted", **fields)
        await outbox.keep_inbound(wanted)
        await outbox.keep_inbound(reply("other"))
        assert await listed(outbox, **asked) == [wanted]

    async def test_replies_are_removed_as_content_is(self, outbox: Outbox) -> None:
        """So many at a time."""
        for text in "abc":
            await outbox.keep_inbound(reply(text))
        later = reply("d", received_at=NOON + MINUTE)
        await outbox.keep_inbound(later)
        end = NOON + USUAL.content
        assert await outbox.erase(USUAL, end - TICK, PLENTY) == 0
        assert [await outbox.erase(USUAL, end, 2) for _ in range(3)] == [2, 1, 0]
        assert await listed(outbox) == [later]

    async def test_what_a_forgotten_person_replied_is_removed(
        self, outbox: Outbox
    ) -> None:
        """Though no message was sent to them; others stay."""
        other = reply(sender=OTHER_PHONE.address)
        await outbox.keep_inbound(reply())
        await outbox.keep_inbound(other)
        assert await outbox.forget(PHONE.address) == 0
        assert await listed(outbox) == [other]


def reply(text: str = "yes", **fields: Any) -> Inbound:
    """Return a reply that came at noon."""
    said = {"sender": PHONE.address, "provider_id": None, "at": None}
    told = {name: fields.pop(name, usual) for name, usual in said.items()}
    kept = {"provider": "a", "account": "a", "received_at": NOON}
    return Inbound(inbound=InboundMessage(text=text, **told), **{**kept, **fields})


async def listed(outbox: Outbox, **asked: Any) -> list[Inbound]:
    """Return what is on the first page, which is the only one."""
    page = await outbox.inbound(InboundFilter(**asked))
    assert page.cursor is None
    return list(page.inbound)


async def paged(outbox: Outbox, limit: int) -> list[Inbound]:
    """Return what is on all pages of a size."""
    page = await outbox.inbound(InboundFilter(limit=limit))
    found = [*page.inbound]
    while page.cursor is not None:
        page = await outbox.inbound(InboundFilter(limit=limit, cursor=page.cursor))
        found += page.inbound
    return found
