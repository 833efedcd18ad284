"""The contract's third part: receipts that came before their message."""

from __future__ import annotations

import asyncio

import pytest

from notify_core.outbox.port import Outbox, Parked
from notify_core.testing.outbox.subject import (
    PHONE,
    Subject,
    attempt,
    kept,
    parked,
    record,
    unknown,
)


class ParkingContract(Subject):
    """Parked receipts are taken once."""

    @pytest.mark.parametrize(
        "name",
        [{"provider_id": "v"}, {"reference": "r"}, {"address": PHONE.address}],
        ids=lambda name: next(iter(name)),
    )
    async def test_a_parked_receipt_is_taken_by_any_of_its_names_and_once(
        self, outbox: Outbox, name: dict[str, str]
    ) -> None:
        """In its account; another name does not take it."""
        waiting = parked(provider_id="v", reference="r", recipient=PHONE.address)
        await outbox.park(waiting)
        assert await taken(outbox, provider_id="x", reference="y") == []
        assert await taken(outbox, "b", **name) == []
        assert await taken(outbox, **name) == [waiting]
        assert await taken(outbox, **name) == []

    async def test_parked_receipts_are_taken_in_the_order_they_came(
        self, outbox: Outbox
    ) -> None:
        """By whatever each of them names."""
        waiting = [
            parked(provider_id="v"),
            parked(reference="r"),
            parked(recipient="t"),
        ]
        for one in waiting:
            await outbox.park(one)
        names = {"provider_id": "v", "reference": "r", "address": "t"}
        assert await taken(outbox, **names) == waiting

    async def test_a_parked_receipt_is_given_to_one_of_many_takers(
        self, outbox: Outbox
    ) -> None:
        """However many ask at once."""
        await outbox.park(parked(provider_id="v"))
        given = await asyncio.gather(
            *(taken(outbox, provider_id="v") for _ in range(9))
        )
        assert sorted(map(len, given)) == [0] * 8 + [1]

    @pytest.mark.parametrize(
        "name",
        [{"provider_id": "v"}, {"reference": "r"}, {"recipient": PHONE.address}],
        ids=lambda name: next(iter(name)),
    )
    async def test_a_change_never_denies_that_a_receipt_waits(
        self, outbox: Outbox, name: dict[str, str]
    ) -> None:
        """It may say nothing of it; nor does it make one up."""
        given, other = record(), record()
        await kept(outbox, given, other)
        await outbox.park(parked(**name))
        named = unknown(provider_id="v", reference="r")
        change = await outbox.change(given.message.id, lambda r: r.with_attempt(named))
        assert change.has_parked is not False
        named = attempt(provider_id="w", reference="s")
        change = await outbox.change(other.message.id, lambda r: r.with_attempt(named))
        assert change.has_parked is not True


async def taken(outbox: Outbox, account: str = "a", **names: str) -> list[Parked]:
    """Return the parked receipts that name any of these."""
    asked = {"provider_id": None, "reference": None, "address": None}
    return await outbox.take_parked(account, **{**asked, **names})
