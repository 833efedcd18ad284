"""The emulators' common base: what arrives and is remembered, starting and stopping."""

from __future__ import annotations

from io import BytesIO

import aiohttp
import pytest

from tests.testing.emulator.tiny import NUMBER, Receiver, TinyVendor, send


async def test_an_accepted_message_arrives(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    answer = await send(client, vendor, text="your code is 482915")

    assert answer == {"code": "ok", "id": "id-1"}
    [arrival] = vendor.messages
    assert (arrival.to, arrival.text) == (NUMBER, "your code is 482915")
    assert arrival.login_code == "482915"
    [submission] = vendor.submissions
    assert (submission.to, submission.code, submission.accepted) == (NUMBER, "ok", True)
    assert (submission.reference, submission.at) == ("r-1", 1_600_000_000.0)


async def test_a_refused_message_is_remembered_but_does_not_arrive(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    answer = await send(client, vendor, text="")

    assert answer == {"code": "empty", "id": None}
    assert vendor.messages == []
    assert [s.code for s in vendor.submissions] == ["empty"]
    assert (vendor.received, vendor.accepted) == (1, 0)


async def test_everything_that_is_remembered_is_bounded(
    client: aiohttp.ClientSession, receiver: Receiver
) -> None:
    async with TinyVendor(receiver.url, keep=3) as vendor:
        for _ in range(5):
            await send(client, vendor, text="x" * 5_000)
            await vendor.pushed()
            await vendor.push_reply(NUMBER, "yes")

        assert [arrival.id for arrival in vendor.messages] == ["id-3", "id-4", "id-5"]
        assert [len(s.text) for s in vendor.submissions] == [1_000] * 3
        assert (vendor.received, vendor.accepted) == (5, 5)
        assert len(vendor.arrivals.replies) == len(vendor.pushes.log) == 3


async def test_a_body_over_one_mebibyte_is_refused(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    body = BytesIO(b"x" * 1_100_000)

    async with client.post(f"{vendor.url}/send", data=body) as response:
        assert response.status == 413


async def test_an_error_in_a_vendors_emulator_is_logged(
    vendor: TinyVendor,
    client: aiohttp.ClientSession,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with client.post(f"{vendor.url}/send", data=b"no JSON") as response:
        assert response.status == 500

    assert "JSONDecodeError" in caplog.text


async def test_no_record_shows_a_number_or_a_text_in_its_repr(
    client: aiohttp.ClientSession, receiver: Receiver
) -> None:
    async with TinyVendor(receiver.url) as vendor:
        await send(client, vendor, text="your code is 482915")
        await vendor.pushed()
        await vendor.push_reply(NUMBER, "thank you")
        vendor.fault(match={"to": NUMBER}, do={"code": "barred"})

        records = [vendor.messages, vendor.submissions, *vendor.arrivals.replies]
        shown = repr([records, list(vendor.faults), list(vendor.pushes.log)])

    assert NUMBER not in shown
    assert "482915" not in shown
    assert "thank you" not in shown


async def test_an_emulator_can_be_started_again_after_it_stopped() -> None:
    vendor = TinyVendor()
    await vendor.start()
    with pytest.raises(RuntimeError, match="already runs"):
        await vendor.start()
    await vendor.stop()
    with pytest.raises(RuntimeError, match="before start"):
        _ = vendor.url

    await vendor.start()

    assert vendor.url.startswith("http://127.0.0.1:")
    await vendor.stop()


async def test_a_port_that_is_taken_is_an_error_that_leaves_nothing_open(
    vendor: TinyVendor,
) -> None:
    port = int(vendor.url.rpartition(":")[2])
    other = TinyVendor()

    with pytest.raises(OSError, match="address already in use"):
        await other.start(port=port)

    await other.stop()


async def test_reset_forgets_everything(
    client: aiohttp.ClientSession, receiver: Receiver
) -> None:
    async with TinyVendor(receiver.url) as vendor:
        await send(client, vendor)
        await vendor.pushed()
        await vendor.push_reply(NUMBER, "hello")
        vendor.fault(do={"code": "busy"})

        async with client.post(f"{vendor.url}/_emulator/reset") as response:
            assert response.status == 204

        assert vendor.messages == []
        assert not vendor.submissions
        assert not vendor.arrivals.replies
        assert not vendor.pushes.log
        assert len(vendor.faults) == vendor.received == vendor.accepted == 0
