"""The PostgreSQL outbox while its database is away."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import timedelta

import attrs
import pytest

from notify_core.errors import StoreUnavailable
from notify_core.outbox.port import Lease
from notify_core.outbox.postgres import PostgresOutbox
from notify_core.outbox.postgres.server import Server
from notify_core.outbox.record import Record
from notify_core.testing.outbox.subject import NOON, closing, kept, record
from notify_core.testing.postgres_server import PostgresServer
from notify_core.testing.tcp_proxy import TcpProxy
from tests.outbox.databases import server_or_skip
from tests.outbox.process import KEY

TICK, SECOND = timedelta(microseconds=10), timedelta(seconds=1)
LEASE = Lease(owner="w", until=NOON + timedelta(seconds=15))
KEEPALIVES = ("idle", "interval", "count")
#: Seconds after which a transaction has failed, in these tests.
SOON = 0.3


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """Start a server that is killed in between, and loses nothing then."""
    with server_or_skip(durable=True) as server:
        yield server


@pytest.fixture
def url(server: PostgresServer) -> str:
    server.ask("DROP DATABASE IF EXISTS faults WITH (FORCE)")
    server.ask("CREATE DATABASE faults")
    return server.url("faults")


@pytest.fixture
async def proxy(server: PostgresServer) -> AsyncIterator[TcpProxy]:
    async with TcpProxy("127.0.0.1", server.port) as proxy:
        yield proxy


@pytest.fixture
async def far(
    server: PostgresServer, url: str, proxy: TcpProxy
) -> AsyncIterator[PostgresOutbox]:
    """Give an outbox behind the proxy."""
    outbox = PostgresOutbox(server.url("faults", proxy.port), KEY, timeout=5)
    await outbox.unsettled()
    await outbox.aclose()
    outbox = PostgresOutbox(server.url("faults", proxy.port), KEY, timeout=SOON)
    yield outbox
    proxy.mend()
    await outbox.aclose()


async def acknowledged(outbox: PostgresOutbox, stop: asyncio.Event) -> list[Record]:
    """Add messages until told to stop; return those that were acknowledged."""
    known = []
    while not stop.is_set():
        given = record()
        try:
            await outbox.add(given)
        except StoreUnavailable:
            await asyncio.sleep(0.01)
        else:
            known.append(given)
    return known


async def asking(outbox: PostgresOutbox, stop: asyncio.Event) -> int:
    """Ask for work without end while there is none; return how often."""
    asked = 0
    while not stop.is_set():
        with suppress(StoreUnavailable):
            assert await outbox.claim(LEASE, NOON - timedelta(hours=1), 1) == []
        asked += 1
        await asyncio.sleep(0)
    return asked


async def claimed(outbox: PostgresOutbox) -> list[str]:
    """Claim and close everything; return the ids."""
    served = []
    while claims := await outbox.claim(LEASE, NOON, 50):
        for one in claims:
            await outbox.change(one.record.message.id, closing, one.epoch)
            served.append(one.record.message.id)
    return served


async def test_what_was_acknowledged_survives_a_killed_database(
    server: PostgresServer, url: str
) -> None:
    outbox, stop = PostgresOutbox(url, KEY), asyncio.Event()
    await outbox.unsettled()
    adding = [asyncio.create_task(acknowledged(outbox, stop)) for _ in range(8)]
    idle = asyncio.create_task(asking(outbox, stop))

    await asyncio.sleep(0.2)
    await asyncio.to_thread(server.kill)
    with pytest.raises(StoreUnavailable, match="see that the server runs"):
        await outbox.get("any")
    await asyncio.to_thread(server.start)
    await asyncio.sleep(0.2)
    stop.set()
    known = [given for task in adding for given in await task]

    assert len(known) > 10
    assert await idle > 10
    assert {given.message.id for given in known} <= set(await claimed(outbox))
    await outbox.aclose()


async def test_a_stopped_database_is_used_again_when_it_is_back(
    server: PostgresServer, url: str
) -> None:
    outbox = PostgresOutbox(url, KEY)
    await kept(outbox, given := record())

    await asyncio.to_thread(server.stop)
    for refused in (outbox.add(record()), outbox.claim(LEASE, NOON, 1), outbox.wait(1)):
        with pytest.raises(StoreUnavailable):
            await refused
    await asyncio.to_thread(server.start)

    await outbox.wait(1)
    assert await claimed(outbox) == [given.message.id]
    await outbox.aclose()


async def test_a_parted_network_refuses_soon_and_loses_nothing(
    far: PostgresOutbox, proxy: TcpProxy
) -> None:
    stop = asyncio.Event()
    adding = [asyncio.create_task(acknowledged(far, stop)) for _ in range(8)]
    await asyncio.sleep(0.2)

    proxy.part()
    for refused in (far.add(record()), far.claim(LEASE, NOON, 1), far.get("any")):
        async with asyncio.timeout(10 * SOON):
            with pytest.raises(StoreUnavailable, match="no answer in time"):
                await refused
    proxy.mend()
    await asyncio.sleep(0.2)
    stop.set()
    known = [given for task in adding for given in await task]

    assert len(known) > 10
    assert {given.message.id for given in known} <= set(await claimed(far))


async def test_a_claim_that_was_never_heard_of_is_made_again_at_once(
    far: PostgresOutbox, proxy: TcpProxy, url: str
) -> None:
    near, first, later = PostgresOutbox(url, KEY), record(), record()
    await kept(far, first)
    assert len(await far.claim(LEASE, NOON, 1)) == 1
    await kept(far, later)
    proxy.part_after(lambda piece: b"COMMIT" in piece)

    with pytest.raises(StoreUnavailable):
        await far.claim(LEASE, NOON + TICK, 50)
    proxy.mend()
    others = await near.claim(attrs.evolve(LEASE, owner="other"), NOON + SECOND, 50)
    again = await far.claim(LEASE, NOON + SECOND, 50)

    assert others == []
    assert [claim.record for claim in again] == [later]
    change = await far.change(later.message.id, closing, again[0].epoch)
    assert change.after.is_closed
    await near.aclose()


async def test_who_waits_hears_again_after_the_network_was_parted(
    far: PostgresOutbox, proxy: TcpProxy, url: str
) -> None:
    near = PostgresOutbox(url, KEY)
    await far.wait(0)

    proxy.part()
    with pytest.raises(StoreUnavailable):
        await far.wait(60)
    proxy.mend()
    await far.wait(60)
    waiting = asyncio.create_task(far.wait(60))
    await asyncio.sleep(0.05)
    await kept(near, record())
    async with asyncio.timeout(30):
        await waiting

    await near.aclose()


async def test_who_waits_is_woken_when_the_connection_is_cut(
    far: PostgresOutbox, proxy: TcpProxy
) -> None:
    await far.wait(0)
    waiting = asyncio.create_task(far.wait(60))
    await asyncio.sleep(0.05)

    proxy.cut()

    async with asyncio.timeout(30):
        await waiting


async def test_what_a_lost_connection_left_open_keeps_nobody_waiting(
    far: PostgresOutbox, proxy: TcpProxy, url: str
) -> None:
    near, given = PostgresOutbox(url, KEY), record()
    await kept(far, given)
    loop, is_begun = asyncio.get_running_loop(), asyncio.Event()

    def begin(known: Record) -> Record:
        proxy.part()
        loop.call_soon_threadsafe(is_begun.set)
        return closing(known)

    changing = asyncio.create_task(far.change(given.message.id, begin))
    await is_begun.wait()
    async with asyncio.timeout(5):
        change = await near.change(given.message.id, closing)

    assert change.before == given
    with suppress(StoreUnavailable):
        await changing
    await near.aclose()


async def test_the_server_soon_ends_the_connections_of_who_is_gone(url: str) -> None:
    connection = await Server(url=url).connect()

    shown = [await connection.fetchval(f"SHOW tcp_keepalives_{n}") for n in KEEPALIVES]

    assert shown == ["30", "10", "3"]
    await connection.close(timeout=5)


async def test_a_database_that_may_only_be_read_refuses_until_it_may_be_written(
    server: PostgresServer, url: str
) -> None:
    outbox = PostgresOutbox(url, KEY)
    await outbox.unsettled()
    server.ask("ALTER DATABASE faults SET default_transaction_read_only = on")

    with pytest.raises(StoreUnavailable, match="name the primary server"):
        await outbox.add(record())
    server.ask("ALTER DATABASE faults SET default_transaction_read_only = off")

    await kept(outbox, given := record())
    assert await outbox.get(given.message.id) == given
    await outbox.aclose()


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        (
            "postgresql://postgres:hidden@127.0.0.1:{port}/missing",
            "create the database",
        ),
        ("postgresql://nobody:hidden@127.0.0.1:{port}/faults", "check user"),
        ("postgresql://postgres:hidden@127.0.0.1:1/faults", "see that the server runs"),
    ],
)
async def test_what_is_wrong_is_told_with_a_remedy_and_without_the_password(
    server: PostgresServer, url: str, wrong: str, remedy: str
) -> None:
    outbox = PostgresOutbox(wrong.format(port=server.port), KEY)

    with pytest.raises(StoreUnavailable, match=remedy) as caught:
        await outbox.add(record())

    assert "hidden" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)
