"""A worker whose database is out of reach for ten seconds."""

import asyncio
import time
from contextlib import suppress

import pytest

from notify_core.clock import SystemClock
from notify_core.errors import StoreUnavailable
from notify_core.model.status import Status
from notify_core.notifier import Notifier
from notify_core.outbox.postgres import PostgresOutbox
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


@pytest.mark.timeout(240)
async def test_a_network_parted_for_10_s_refuses_loses_nothing_and_recovers(
    database: str, postgres: PostgresServer
) -> None:
    vendor = FakeVendor()
    async with TcpProxy("127.0.0.1", postgres.port) as proxy:
        url = postgres.url(database.rpartition("/")[2], proxy.port)
        outbox = PostgresOutbox(url, KEY, timeout=SOON)
        configured = accounts(vendor, "a")
        async with (
            notifier(configured, outbox=outbox, clock=SystemClock()) as open_,
            Worker(open_),
        ):
            before = [await _enqueued(open_) for _ in range(20)]
            await _worked_off(open_)
            proxy.part()
            refused = await _refused(open_)
            proxy.mend()
            after = [await _enqueued(open_) for _ in range(20)]
            await _worked_off(open_)
            results = [await known(open_, message) for message in before + after]
        await outbox.aclose()

    sent = [submission.reference for submission in vendor["a"].submissions]
    assert refused > 3
    assert {result.status for result in results} == {Status.ACCEPTED}
    assert len(sent) == len(set(sent)) >= 40


async def _enqueued(open_: Notifier) -> str:
    """Enqueue a message until it is acknowledged."""
    while True:
        with suppress(StoreUnavailable):
            return (await open_.enqueue(code())).id


async def _refused(open_: Notifier) -> int:
    """Enqueue while nothing gets through; return how often it was refused."""
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
