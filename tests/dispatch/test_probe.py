"""Providers that rest are asked for their balance, not tried with a message."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sized
from contextlib import asynccontextmanager
from decimal import Decimal
from functools import partial

import attrs
import pytest

from notify_core.dispatch import probe
from notify_core.dispatch.probe import Prober
from notify_core.errors import ProviderUnavailable
from notify_core.model.outcome import Reason
from notify_core.model.receipt import Balance
from tests.builders import until
from tests.routing.ward import Ward


class Vendor:
    """Tells balances as scripted, then 100; None: never."""

    def __init__(self, *script: Decimal | Exception | None) -> None:
        self.asked: list[str] = []
        self._script: Iterator[Decimal | Exception | None] = iter(script)

    async def balance(self, name: str) -> Balance:
        """Tell what is left."""
        self.asked.append(name)
        told = next(self._script, Decimal(100))
        if isinstance(told, Exception):
            raise told
        if told is None:
            await asyncio.Event().wait()
        return Balance(amount=told or Decimal(0), unit="CNY")


@asynccontextmanager
async def probing(ward: Ward, vendor: Vendor) -> AsyncIterator[None]:
    """Let a prober work."""
    prober = Prober(ward.health, vendor.balance, ward.clock)
    work = asyncio.create_task(prober.run())
    try:
        yield
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def minutes(ward: Ward, count: int, vendor: Vendor) -> None:
    """Let time pass, a minute at a time; one provider is asked in each."""
    for _ in range(count):
        asked = len(vendor.asked)
        await until(partial(_is_longer, ward.clock.slept, asked))
        ward.clock.advance(60)
        await until(partial(_is_longer, vendor.asked, asked))


def _is_longer(items: Sized, length: int) -> bool:
    return len(items) > length


async def test_a_provider_without_credit_is_asked_every_minute_until_it_has_some() -> (
    None
):
    ward, vendor = Ward("a"), Vendor(Decimal(0), Decimal(-1), Decimal("0.5"))

    async with probing(ward, vendor):
        ward.answers("a", Reason.INSUFFICIENT_BALANCE)
        await minutes(ward, 2, vendor)
        before = ward.rest("a")
        await minutes(ward, 1, vendor)

    assert before is not None
    assert ward.rest("a") is None
    assert vendor.asked == ["a"] * 3
    assert ward.clock.slept == [60] * 3


async def test_all_that_rest_so_are_asked_and_others_are_not() -> None:
    ward, vendor = Ward(*"abcd"), Vendor()
    deaf = ward.providers["d"]
    can = attrs.evolve(deaf.capabilities, balance=False)
    ward.providers["d"] = attrs.evolve(deaf, capabilities=can)

    async with probing(ward, vendor):
        ward.answers("a", Reason.AUTH_FAILED)
        ward.answers("b", Reason.INSUFFICIENT_BALANCE)
        ward.answers("c", Reason.QUOTA_EXHAUSTED)
        ward.answers("d", Reason.INSUFFICIENT_BALANCE)
        await minutes(ward, 1, vendor)

    assert vendor.asked == ["a", "b"]
    assert [name for name in "abcd" if ward.rest(name)] == ["c", "d"]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (ProviderUnavailable("refused with 405"), "refused with 405"),
        (KeyError("s3cret"), "KeyError"),
        (None, "TimeoutError"),
    ],
    ids=["refused", "defect", "silent"],
)
async def test_a_question_that_fails_is_asked_again(
    fault: Exception | None,
    told: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(probe, "LONGEST_ANSWER", 0.01)
    ward, vendor = Ward("a"), Vendor(fault)

    async with probing(ward, vendor):
        ward.answers("a", Reason.AUTH_FAILED)
        await minutes(ward, 1, vendor)
        await until(lambda: len(ward.clock.slept) == 2)
        before = ward.rest("a")
        await minutes(ward, 1, vendor)

    assert before is not None
    assert ward.rest("a") is None
    assert told in caplog.text
    assert "s3cret" not in caplog.text


async def test_without_an_answer_a_message_tries_it_in_the_end() -> None:
    refused = ProviderUnavailable("refused with 405")
    ward, vendor = Ward("a"), Vendor(*[refused] * 9)

    async with probing(ward, vendor):
        ward.answers("a", Reason.AUTH_FAILED)
        await minutes(ward, 5, vendor)

    assert ward.enter("a") is not None


async def test_nobody_is_asked_while_all_are_well() -> None:
    ward, vendor = Ward("a"), Vendor()

    async with probing(ward, vendor):
        ward.answers("a", Reason.NONE, *[Reason.CONNECT_FAILED] * 9)
        for _ in range(20):
            await asyncio.sleep(0)

    assert ward.clock.slept == []
    assert vendor.asked == []
