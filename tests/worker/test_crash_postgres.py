"""Workers and the database they share are killed: nothing is lost or sent twice."""

import asyncio
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress

import pytest

from bench.crash.failpoint import Failpoint, Step
from bench.crash.vendor import Vendor
from bench.crash.worker import notifier
from notify_core import Content, Message, Notifier, Result
from notify_core.errors import StoreUnavailable
from notify_core.testing.postgres_server import PostgresServer
from tests.outbox.databases import server_or_skip

pytestmark = pytest.mark.usefixtures("uncounted")

MANY = 400
#: How often a worker comes to its step before it dies there.
TIMES = 15


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """Start a server that may be killed, and loses nothing then."""
    with server_or_skip(durable=True) as server:
        yield server


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    vendor = Vendor()
    async with vendor.open():
        yield vendor


@asynccontextmanager
async def worker(
    url: str, vendor: Vendor, step: str = "", times: int = 0
) -> AsyncIterator[Process]:
    """Run a worker in a process of its own; it ends with the block."""
    given = (url, vendor.base, step, str(times))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.crash.worker", *given, stderr=DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not is_so():  # noqa: ASYNC110 (another process works)
            await asyncio.sleep(0.005)


async def worked_off(opened: Notifier) -> None:
    """Wait until nothing is left to do, though the database may be away."""
    async with asyncio.timeout(60):
        while True:
            with suppress(StoreUnavailable):
                if await opened.engine.queue.next_due() is None:
                    return
            await asyncio.sleep(0.05)


@pytest.mark.timeout(180)
async def test_what_killed_workers_and_a_killed_database_leave_is_neither_lost_nor_sent_twice(  # noqa: E501 (it says what is meant)
    server: PostgresServer, vendor: Vendor
) -> None:
    url, ends = server.url(), []
    async with notifier(url, vendor.base, Failpoint(None, 0)) as opened:
        content = Content(text="Your parcel is here.")
        given = [Message(to="+8613800138000", content=content) for _ in range(MANY)]
        told = await opened.enqueue_all(given)

        for step in Step:
            async with worker(url, vendor, step, TIMES) as dying:
                ends.append(await asyncio.wait_for(dying.wait(), 60))
        before = vendor.accepted.total()
        async with worker(url, vendor):
            await until(lambda: vendor.accepted.total() > before + MANY // 4)
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start)
            await worked_off(opened)
        known = [await opened.get(message.id) for message in given]

    assert all(isinstance(result, Result) for result in told)
    assert ends == [-signal.SIGKILL] * len(Step)
    results = [result for result in known if result is not None and result.final]
    assert len(results) == MANY
    assert Counter(vendor.accepted.values()).keys() <= {0, 1}
    assert all(vendor.accepted[result.id] == result.ok for result in results)
    assert sum(result.ok for result in results) > MANY // 2
