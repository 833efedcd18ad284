"""A worker in the middle of its work whose database is out of reach for ten seconds."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count
from random import Random

import pytest

from notify_core.clock import SystemClock
from notify_core.dispatch import leases
from notify_core.errors import StoreUnavailable
from notify_core.model.attempt import Answer
from notify_core.model.outcome import Outcome
from notify_core.model.result import Result
from notify_core.model.status import Status
from notify_core.notifier import Notifier
from notify_core.outbox.postgres import PostgresOutbox
from notify_core.provider import Submission
from notify_core.testing import FakeVendor
from notify_core.testing.postgres_server import PostgresServer
from notify_core.testing.tcp_proxy import TcpProxy
from notify_core.worker import Worker
from tests.builders import accounts, code, notifier
from tests.dispatch.durable import known
from tests.outbox.process import KEY

#: Seconds for which nothing gets through.
PARTED = 10.0
#: Seconds after which a transaction has failed, in this test.
SOON = 1.0
#: Of the moment at which the network is parted.
SEED = 7
MESSAGES = 200
#: On a busy machine ten seconds may take longer.
LEASE = timedelta(minutes=1)


@pytest.mark.timeout(240)
async def test_a_network_parted_in_the_middle_loses_nothing_and_recovers_alone(
    database: str, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "SPAN", LEASE)
    vendor = FakeVendor()
    vendor["a"].answers(*[_slowly] * 2 * MESSAGES)
    async with TcpProxy("127.0.0.1", postgres.port) as proxy:
        url = postgres.url(database.rpartition("/")[2], proxy.port)
        outbox = PostgresOutbox(url, KEY, timeout=SOON)
        configured = accounts(vendor, "a")
        async with notifier(configured, outbox=outbox, clock=SystemClock()) as open_:
            told = await open_.enqueue_all([code() for _ in range(MESSAGES)])
            before = [one.id for one in told if isinstance(one, Result)]
            drawn = Random(SEED).randint(1, 200)  # noqa: S311 (no secret)
            proxy.part_after(_after(drawn))
            async with Worker(open_, concurrency=16):
                refused = await _refused(open_, proxy)
                proxy.mend()
                after = [await _enqueued(open_) for _ in range(20)]
                await _worked_off(open_)
                results = [await known(open_, message) for message in before + after]
        await outbox.aclose()

    sent = [submission.reference for submission in vendor["a"].submissions]
    assert refused > 3
    assert {result.status for result in results} == {Status.ACCEPTED}
    assert len(sent) == len(set(sent)) >= len(results)


async def _slowly(submission: Submission) -> Answer:
    submission.wire.begin()
    await asyncio.sleep(0.02)
    return Answer(outcome=Outcome.ACCEPTED, provider_id=submission.reference)


def _after(pieces: int) -> Callable[[bytes], bool]:
    """Return what is true of the piece of that number."""
    passed = count(1)
    return lambda _: next(passed) == pieces


async def _enqueued(open_: Notifier) -> str:
    """Enqueue a message until it is acknowledged."""
    while True:
        with suppress(StoreUnavailable):
            return (await open_.enqueue(code())).id


async def _refused(open_: Notifier, proxy: TcpProxy) -> int:
    """Enqueue while nothing gets through; return how often it was refused."""
    async with asyncio.timeout(60):
        await proxy.parted()
    refused, end = 0, time.monotonic() + PARTED
    while time.monotonic() < end:
        with pytest.raises(StoreUnavailable):
            await open_.enqueue(code())
        refused += 1
    return refused


async def _worked_off(open_: Notifier) -> None:
    async with asyncio.timeout(120):
        while {Status.CREATED, Status.SUBMITTING} & set(await open_.counts()):  # noqa: ASYNC110 (the worker tells nobody)
            await asyncio.sleep(0.05)
