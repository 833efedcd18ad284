"""What a notifier opens it closes, and nothing is left behind."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator

import attrs
import pytest

from notify_core.errors import PluginError
from notify_core.metrics import Metrics
from notify_core.model.event import PluginFailed
from notify_core.model.outcome import Reason
from notify_core.model.status import Status
from notify_core.outbox.memory import MemoryOutbox
from notify_core.policy.policy_set import PolicySet
from notify_core.provider import Account, QueryMode, ReceiptMode
from notify_core.secret import Secret
from notify_core.testing import FakeProvider, FakeVendor, FaultServer
from notify_core.testing.fakes import hangs
from notify_core.testing.faults import local_session
from notify_core.transmission import Timeouts
from tests.builders import (
    TOKEN,
    FailingOutbox,
    Seen,
    accounts,
    code,
    notifier,
    provider,
    snapshot,
    text,
    until,
    webhook,
    wired,
)

#: How many sends the leak tests make; `NOTIFY_TEST_SENDS=10000` for the full number.
SENDS = int(os.environ.get("NOTIFY_TEST_SENDS", "300"))


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer() as server:
        yield server


# Opening and closing.


async def test_closing_tells_what_nobody_will_find_out_now(
    vendor: FakeVendor, caplog: pytest.LogCaptureFixture
) -> None:
    vendor["a"].answers(Reason.NO_RESPONSE, Reason.NONE, hangs(written=False))
    open_ = notifier(accounts(vendor, "a"))
    await open_.__aenter__()

    unknown = await open_.send(code())
    await open_.send(code())
    under_way = asyncio.create_task(open_.send(message := code()))
    await until(lambda: len(vendor["a"].submissions) == 3)
    unsettled = await open_.aclose()

    assert unsettled == (unknown.id, message.id)
    assert ", ".join(unsettled) in caplog.text
    assert await open_.aclose() == ()
    under_way.cancel()
    await asyncio.gather(under_way, return_exceptions=True)


async def test_an_outbox_out_of_reach_does_not_keep_anything_open(
    vendor: FakeVendor, caplog: pytest.LogCaptureFixture
) -> None:
    open_ = notifier(accounts(vendor, "a"), outbox=FailingOutbox("unsettled"))
    await open_.__aenter__()

    assert await open_.aclose() == ()
    assert vendor["a"].closed == 1
    assert "cannot be told: the disk is full" in caplog.text


async def test_closing_closes_every_provider_whatever_one_of_them_does(
    seen: Seen,
) -> None:
    class Stuck(FakeProvider):
        async def aclose(self) -> None:
            raise KeyError("s3cret")

    stuck, sound = FakeVendor("stuck", create=lambda _: Stuck()), FakeVendor("sound")
    configured = snapshot(provider(stuck, "a"), provider(sound, "b"))

    async with notifier(configured, seen):
        pass

    assert sound["b"].closed == 1
    failed = PluginFailed(plugin="stuck", hook="aclose", error="KeyError")
    assert seen.of(PluginFailed) == [failed]


async def test_a_provider_that_cannot_be_made_is_named_and_the_others_closed(
    vendor: FakeVendor,
) -> None:
    def break_(account: Account) -> FakeProvider:
        raise KeyError(account.settings["missing"])

    broken = FakeVendor("broken", create=break_)
    configured = snapshot(provider(vendor, "a"), provider(broken, "b"))

    with pytest.raises(PluginError, match="'broken': provider 'b' cannot be made"):
        await notifier(configured).__aenter__()

    assert vendor["a"].closed == 1
    gc.collect()  # an unclosed session would warn now


async def test_each_provider_has_a_session_of_its_own_that_is_closed(
    server: FaultServer,
) -> None:
    accounts_: list[Account] = []

    def make(account: Account) -> FakeProvider:
        accounts_.append(account)
        return FakeProvider()

    vendor = FakeVendor(create=make)
    async with notifier(accounts(vendor, "a", "b")):
        sessions = [vars(account.http)["_session"] for account in accounts_]
        assert sessions[0] is not sessions[1]

    assert all(session.closed for session in sessions)


@pytest.mark.parametrize(
    ("public_url", "callback"),
    [
        (None, None),
        ("https://n.example/webhooks/a", f"https://n.example/webhooks/a/{TOKEN}"),
        ("https://n.example/a/", f"https://n.example/a/{TOKEN}"),
    ],
)
async def test_a_provider_is_told_where_its_vendor_may_call(
    public_url: str | None, callback: str | None
) -> None:
    told: list[Secret | None] = []

    def make(account: Account) -> FakeProvider:
        told.append(account.callback_url)
        return FakeProvider()

    known = attrs.evolve(webhook(), public_url=public_url)

    async with notifier(snapshot(provider(FakeVendor(create=make), webhook=known))):
        pass

    assert [url and url.reveal() for url in told] == [callback]


async def test_a_hosts_session_is_used_and_not_closed(server: FaultServer) -> None:
    vendor = wired(server.url)

    async with local_session() as session:
        async with notifier(accounts(vendor, "a", "b"), session=session) as open_:
            result = await open_.send(code())
        assert result.ok
        assert not session.closed

    assert b"Your code is 1234." in server.requests[0]


async def test_a_hosts_session_survives_a_provider_that_cannot_be_made() -> None:
    broken = FakeVendor(create=lambda account: account.settings["missing"])

    async with local_session() as session:
        with pytest.raises(PluginError):
            await notifier(accounts(broken, "a"), session=session).__aenter__()
        assert not session.closed


async def test_two_notifiers_may_share_metrics(vendor: FakeVendor) -> None:
    metrics = Metrics()
    configured = [accounts(FakeVendor(), "a"), accounts(FakeVendor(), "b")]

    async with (
        notifier(configured[0], metrics=metrics) as one,
        notifier(configured[1], metrics=metrics) as other,
    ):
        await one.send(code())
        await other.send(code())

    labels = {"channel": "sms", "kind": "otp", "status": "accepted"}
    assert metrics.registry.get_sample_value("notify_messages_total", labels) == 2


async def test_an_outbox_that_is_given_is_used(vendor: FakeVendor) -> None:
    outbox = MemoryOutbox()

    async with notifier(accounts(vendor, "a"), outbox=outbox) as open_:
        result = await open_.send(code())

    known = await outbox.get(result.id)
    assert known is not None
    assert known.result() == result


# Nothing is left behind.


def left_behind() -> tuple[int, int]:
    """Return how many tasks there are, and how many open files and sockets."""
    return len(asyncio.all_tasks()), len(os.listdir("/proc/self/fd"))  # noqa: PTH208 (a count)


async def quiet() -> None:
    """Let everything end that is about to."""
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts Linux's files")  # noqa: PTH112
@pytest.mark.parametrize("fault", ["stalled", "tls_silent"])
async def test_sends_that_are_cancelled_leave_nothing_behind(
    server: FaultServer, fault: str
) -> None:
    vendor = wired(server.play(fault))
    open_ = notifier(accounts(vendor, "a"))
    async with open_:
        await quiet()
        before = left_behind()

        for _ in range(SENDS // 100):
            sends = [asyncio.create_task(open_.send(text())) for _ in range(100)]
            await asyncio.sleep(0.01)
            for send in sends:
                send.cancel()
            ends = await asyncio.gather(*sends, return_exceptions=True)
            assert {type(end) for end in ends} == {asyncio.CancelledError}
            await server.left()

        await quiet()
        assert left_behind() == before


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts Linux's files")  # noqa: PTH112
async def test_sends_that_time_out_leave_nothing_behind(server: FaultServer) -> None:
    brief = PolicySet(attempt_timeout=Timeouts(connect=1, read=0.02))
    # Of those with receipts, one task would wait for the next that is due.
    vendor = wired(server.play("stalled"))
    deaf = provider(vendor, receipts=ReceiptMode.NONE, query=QueryMode.NONE)
    configured = snapshot(deaf, policy=brief)

    async with notifier(configured) as open_:
        await quiet()
        before = left_behind()

        for _ in range(SENDS // 100):
            results = await asyncio.gather(*(open_.send(text()) for _ in range(100)))
            assert {r.status for r in results} == {Status.SUBMIT_UNKNOWN}
            await server.left()

        await quiet()
        assert left_behind() == before
