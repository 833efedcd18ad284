"""The emulators' common base, with a tiny vendor on top of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import aiohttp
import attrs
import pytest
from aiohttp import web

from notify_core.testing.emulator import (
    Arrival,
    Do,
    Emulator,
    Order,
    PushRequest,
    PushState,
    Raw,
    Reply,
    Report,
    Verdict,
)

NUMBER = "13800138000"


@attrs.define(kw_only=True)
class TinyOrder(Order):
    vendor: TinyVendor

    def process(self, *, by_magic: bool) -> Verdict:
        if not by_magic and not self.text:
            return self.force("empty")
        return self.force("ok")

    def force(self, code: str) -> Verdict:
        arrivals = self._arrivals() if code == "ok" else ()
        answer = {"code": code, "id": arrivals[0].id if arrivals else None}
        response = web.json_response(answer)
        return Verdict(code=code, response=response, arrivals=arrivals)

    def _arrivals(self) -> tuple[Arrival, ...]:
        self.vendor.sent += 1
        return tuple(
            Arrival(
                id=f"id-{self.vendor.sent}",
                to=to,
                text=self.text,
                at=self.vendor.clock(),
                reference=self.reference,
            )
            for to in self.to
        )


class TinyVendor(Emulator):
    title = "tiny"
    code_form = "[a-z]+"

    def __init__(
        self, push_url: str = "", schedule: tuple[float, ...] = (0,), **options: Any
    ) -> None:
        self.push_url = push_url
        self.push_schedule = schedule
        self.sent = 0
        super().__init__(**options)

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/send", self.send)]

    async def send(self, request: web.Request) -> web.StreamResponse:
        if self.faults.closes_unread():
            return self.drop_unread(request)
        asked = await request.json()
        order = TinyOrder(
            to=tuple(asked["to"].split(",")),
            text=asked["text"],
            reference=asked.get("reference", ""),
            vendor=self,
        )
        return await self.answer(request, order)

    def magic(self, recipient: str) -> Do | None:
        return Do(code="barred") if recipient.endswith("0000000") else None

    def receipt_for(self, arrival: Arrival) -> str:
        return "delivered" if self.push_url else "none"

    def receipt_request(self, report: Report) -> PushRequest | None:
        body = f"{report.id} {report.to} {report.outcome}"
        return self._push("receipt", body, report.id)

    def reply_request(self, reply: Reply, about: Arrival | None) -> PushRequest | None:
        return self._push("reply", f"{reply.to} {reply.text}")

    def _push(self, kind: str, body: str, message: str = "") -> PushRequest | None:
        if not self.push_url:
            return None
        return PushRequest(
            kind=kind, url=self.push_url, body=body.encode(), message=message
        )


class Receiver:
    """What the vendor's customer runs: it notes each push and answers as told."""

    def __init__(self) -> None:
        self.url = ""
        self.pushes: list[str] = []
        self.statuses = [200]

    async def handle(self, request: web.Request) -> web.Response:
        self.pushes.append(await request.text())
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return web.Response(status=status)


class FakeSleep:
    def __init__(self) -> None:
        self.slept: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


@pytest.fixture
async def vendor() -> AsyncIterator[TinyVendor]:
    async with TinyVendor(clock=lambda: 1_600_000_000.0) as vendor:
        yield vendor


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as client:
        yield client


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with serving(receiver.handle) as url:
        receiver.url = url
        yield receiver


@asynccontextmanager
async def serving(
    handle: Callable[[web.Request], Awaitable[web.Response]],
) -> AsyncIterator[str]:
    app = web.Application()
    app.add_routes([web.post("/", handle)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield "http://{}:{}/".format(*runner.addresses[0])
    await runner.cleanup()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 (what is awaited has no event)
            await asyncio.sleep(0.001)


async def send(
    client: aiohttp.ClientSession, vendor: Emulator, to: str = NUMBER, text: str = "hi"
) -> Any:
    body = {"to": to, "text": text, "reference": "r-1"}
    async with client.post(f"{vendor.url}/send", json=body) as response:
        return await response.json()


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


async def test_a_scripted_code_is_the_answer_for_the_next_submissions_only(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    vendor.fault(match={"next": 2}, do={"code": "busy"})

    codes = [(await send(client, vendor))["code"] for _ in range(3)]

    assert codes == ["busy", "busy", "ok"]
    assert vendor.accepted == 1
    assert [s.fault for s in vendor.submissions] == ["code busy", "code busy", ""]


async def test_a_fault_for_one_number_meets_it_with_and_without_country_code(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    vendor.fault(match={"to": "+86 138 0013 8000"}, do={"code": "busy"})

    assert (await send(client, vendor, "13900139000"))["code"] == "ok"
    assert (await send(client, vendor, NUMBER))["code"] == "busy"
    assert (await send(client, vendor, f"13900139000,{NUMBER}"))["code"] == "busy"


async def test_the_first_matching_fault_counts(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    vendor.fault(match={"to": NUMBER, "next": 1}, do={"code": "first"})
    vendor.fault(do={"code": "second"})

    codes = [(await send(client, vendor))["code"] for _ in range(3)]

    assert codes == ["first", "second", "second"]


async def test_close_before_drops_the_connection_unprocessed(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    vendor.fault(match={"to": NUMBER}, do={"close": "before"})

    with pytest.raises(aiohttp.ClientConnectionError):
        await send(client, vendor)

    assert (vendor.received, vendor.accepted, vendor.sent) == (1, 0, 0)
    assert [s.fault for s in vendor.submissions] == ["close before"]


async def test_close_before_for_everybody_does_not_wait_for_the_body(
    vendor: TinyVendor,
) -> None:
    vendor.fault(match={"next": 1}, do={"close": "before"})
    host, port = vendor.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))

    writer.write(b"POST /send HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")

    assert await reader.read() == b""
    assert [(s.to, s.fault) for s in vendor.submissions] == [("", "close before")]
    assert len(vendor.faults) == 0
    writer.close()
    await writer.wait_closed()


async def test_close_after_accepts_the_message_and_drops_the_answer(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    vendor.fault(match={"next": 1}, do={"close": "after"})

    with pytest.raises(aiohttp.ServerDisconnectedError):
        await send(client, vendor)

    assert [s.accepted for s in vendor.submissions] == [True]
    assert len(vendor.messages) == 1


async def test_a_receipt_can_follow_a_dropped_answer(
    client: aiohttp.ClientSession, receiver: Receiver
) -> None:
    async with TinyVendor(receiver.url) as vendor:
        vendor.fault(do={"close": "after", "receipt": "failed"})

        with pytest.raises(aiohttp.ServerDisconnectedError):
            await send(client, vendor)
        await vendor.pushed()

        assert receiver.pushes == [f"id-1 {NUMBER} failed"]
        assert vendor.messages[0].receipt == "failed"


async def test_a_receipt_can_overtake_a_stalled_answer(
    client: aiohttp.ClientSession, receiver: Receiver
) -> None:
    async with TinyVendor(receiver.url) as vendor:
        vendor.fault(do={"delay": 0.2})

        sending = asyncio.create_task(send(client, vendor))
        await until(lambda: bool(receiver.pushes))

        assert not sending.done()
        assert (await sending)["code"] == "ok"


async def test_a_stalled_answer_ends_with_the_emulator(
    client: aiohttp.ClientSession,
) -> None:
    vendor = TinyVendor()
    await vendor.start()
    vendor.fault(do={"delay": 3_600})
    sending = asyncio.create_task(send(client, vendor))
    await until(lambda: bool(vendor.messages))

    await asyncio.wait_for(vendor.stop(), timeout=30)

    with pytest.raises(aiohttp.ClientConnectionError):
        await sending


async def test_a_stalled_answer_ends_with_its_client(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    vendor.fault(do={"delay": 3_600})
    before = len(asyncio.all_tasks())

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(send(client, vendor), timeout=0.05)

    await until(lambda: len(asyncio.all_tasks()) == before)
    assert vendor.accepted == 1


@pytest.mark.parametrize(("process", "accepted"), [(False, 0), (True, 1)])
async def test_a_raw_answer_is_given_as_it_is(
    vendor: TinyVendor,
    client: aiohttp.ClientSession,
    process: bool,
    accepted: int,
) -> None:
    raw = {"status": 502, "headers": {"X-Gateway": "g"}, "process": process}
    vendor.fault(do={"raw": {**raw, "base64": "/w=="}})

    async with client.post(
        f"{vendor.url}/send", json={"to": NUMBER, "text": "hi"}
    ) as response:
        assert (response.status, response.headers["X-Gateway"]) == (502, "g")
        assert await response.read() == b"\xff"

    assert vendor.accepted == accepted


async def test_raw_bytes_can_break_the_protocol(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    truncated = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf an answer"
    vendor.fault(do={"raw": {"body": truncated, "wire": True}})

    with pytest.raises(aiohttp.ClientPayloadError):
        await send(client, vendor)


async def test_a_magic_number_always_has_its_outcome_unless_a_fault_is_scripted(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    magic = "13800000000"
    vendor.fault(match={"next": 1}, do={"code": "busy"})

    codes = [(await send(client, vendor, magic))["code"] for _ in range(3)]

    assert codes == ["busy", "barred", "barred"]


@pytest.mark.parametrize(
    ("do", "complaint"),
    [
        ({}, "give code, close, raw, delay or receipt"),
        ({"code": "a", "close": "after"}, "exclude each other"),
        ({"close": "during"}, "expected one of before, after @ fault.do.close"),
        ({"delay": -1}, "'delay' must be >= 0"),
        ({"delay": "long"}, "expected a number, got text @ fault.do.delay"),
        ({"cod": "a"}, "unknown key cod (known: code, close, raw, delay, receipt)"),
        ({"code": "42"}, "this vendor's codes look like [a-z]+ @ fault.do.code"),
        ({"raw": "502"}, "expected a mapping, got text @ fault.do.raw"),
        ({"raw": {"status": 100}}, "'status' must be >= 200"),
        ({"raw": {"base64": "!"}}, "base64"),
        ({"raw": {"headers": []}}, "expected a mapping, got list"),
        ({"raw": {"headers": {"x": "a\r\nb: c"}}}, "x has a control character"),
        ({"raw": {"headers": {"a b": "c"}}}, "'a b' is no name of a header"),
        ({"raw": {"body": "\ud800"}}, "half of a surrogate pair is in it"),
        ({"delay": 1e99}, "'delay' must be <= 86400"),
        ({"delay": float("nan")}, "'delay' must be >= 0"),
    ],
)
def test_a_malformed_fault_is_refused_with_its_place(
    do: dict[str, Any], complaint: str
) -> None:
    vendor = TinyVendor()

    with pytest.raises(ValueError) as caught:  # noqa: PT011 (compared below)
        vendor.fault(do=do)

    assert complaint in str(caught.value)
    assert len(vendor.faults) == 0


def test_faults_are_bounded() -> None:
    vendor = TinyVendor()
    for _ in range(1_000):
        vendor.fault(do={"code": "busy"})

    with pytest.raises(ValueError, match="clear them"):
        vendor.fault(do={"code": "busy"})


def test_what_a_fault_does_can_be_read() -> None:
    do = Do(raw=Raw(status=502), delay=1.5, receipt="none")

    assert str(do) == "raw, delay 1.5, receipt none"


async def test_a_push_is_repeated_on_schedule_until_it_is_acknowledged(
    client: aiohttp.ClientSession, receiver: Receiver
) -> None:
    receiver.statuses = [500, 404, 200]
    sleep = FakeSleep()
    async with TinyVendor(receiver.url, (0, 60, 120, 180), sleep=sleep) as vendor:
        await send(client, vendor)
        await vendor.pushed()

        [push] = vendor.pushes.log
        assert push.state is PushState.ACKNOWLEDGED
        assert [one.status for one in push.tries] == [500, 404, 200]
        assert sleep.slept == [0.0, 0, 60, 120]


async def test_a_push_is_given_up_at_the_end_of_the_schedule(
    client: aiohttp.ClientSession,
) -> None:
    async with TinyVendor("http://127.0.0.1:1/", (0, 60), sleep=FakeSleep()) as vendor:
        await send(client, vendor)
        await vendor.pushed()

        [push] = vendor.pushes.log
        assert push.state is PushState.GIVEN_UP
        assert [(one.status, one.answer) for one in push.tries] == [
            (0, "ClientConnectorError")
        ] * 2


async def test_a_receiver_that_does_not_answer_fails_the_try() -> None:
    async def stall(_: web.Request) -> web.Response:
        await asyncio.sleep(3_600)
        raise AssertionError("never reached")

    class Impatient(TinyVendor):
        push_timeout = 0.05

    async with serving(stall) as url, Impatient(url) as vendor:
        push = await vendor.push_reply(NUMBER, "hello")

        assert [one.answer for one in push.tries] == ["TimeoutError"]


async def test_more_pushes_than_are_kept_are_canceled_not_piled_up(
    receiver: Receiver,
) -> None:
    async with TinyVendor(receiver.url, (3_600,), keep=2) as vendor:
        pushes = [
            asyncio.create_task(vendor.push_reply(NUMBER, "hello")) for _ in range(3)
        ]
        await asyncio.sleep(0)

        assert (await pushes[2]).state is PushState.CANCELED
        await vendor.reset()
        assert {(await push).state for push in pushes} == {PushState.CANCELED}


async def test_a_receipt_can_be_pushed_by_id_by_number_and_for_a_stranger(
    client: aiohttp.ClientSession, receiver: Receiver
) -> None:
    async with TinyVendor(receiver.url) as vendor:
        await send(client, vendor)
        await send(client, vendor)
        await vendor.pushed()
        receiver.pushes.clear()

        await vendor.push_receipt("id-1", outcome="E42")
        await vendor.push_receipt(to=f"+86{NUMBER}")
        await vendor.push_receipt("id-2", to="13900139000")
        await vendor.push_receipt("nobody", to=NUMBER)

        assert receiver.pushes == [
            f"id-1 {NUMBER} E42",
            f"id-2 +86{NUMBER} delivered",
            "id-2 13900139000 delivered",
            f"nobody {NUMBER} delivered",
        ]


async def test_a_push_that_cannot_be_made_says_why(vendor: TinyVendor) -> None:
    with pytest.raises(LookupError, match=r"no message arrived for 1380\*\*\*\*000"):
        await vendor.push_receipt(to=NUMBER)
    with pytest.raises(LookupError, match="no URL is configured for receipts"):
        await vendor.push_receipt("id", to=NUMBER)
    with pytest.raises(LookupError, match="no URL is configured for replies"):
        await vendor.push_reply(NUMBER, "hello")
    with pytest.raises(RuntimeError, match="start the emulator"):
        await TinyVendor("http://127.0.0.1:1/").push_reply(NUMBER, "hello")


async def test_a_vendor_that_pushes_nothing_says_so(
    client: aiohttp.ClientSession,
) -> None:
    class Silent(Emulator):
        def routes(self) -> list[web.RouteDef]:
            return []

    async with Silent() as vendor:
        with pytest.raises(LookupError, match="no URL is configured for receipts"):
            await vendor.push_receipt("id", to=NUMBER)
        with pytest.raises(LookupError, match="no URL is configured for replies"):
            await vendor.push_reply(NUMBER, "hello")


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


async def test_faults_are_scripted_listed_and_cleared_over_http(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    url = f"{vendor.url}/_emulator/faults"
    fault = {"match": {"to": NUMBER}, "do": {"raw": {"body": "乱", "status": 500}}}

    async with client.post(url, json=fault) as response:
        assert response.status == 201
        assert (await response.json())["do"]["raw"]["body"] == "乱"
    async with client.get(url) as response:
        assert [f["match"]["to"] for f in (await response.json())["faults"]] == [NUMBER]
    async with client.delete(url) as response:
        assert response.status == 204

    assert len(vendor.faults) == 0


@pytest.mark.parametrize(
    "body",
    [
        *(b"{", b"[]", b'{"do": {"cod": "x"}}', b"\xff", b"[" * 100_000),
        *(b'{"do": {"raw": {"body": "\\ud800"}}}', b'{"\\ud800": 1}'),
    ],
)
async def test_a_malformed_request_to_the_control_api_is_answered_with_400(
    vendor: TinyVendor, client: aiohttp.ClientSession, body: bytes
) -> None:
    for path in ("faults", "push"):
        async with client.post(f"{vendor.url}/_emulator/{path}", data=body) as response:
            assert response.status == 400
            assert (await response.json())["error"]


async def test_messages_are_listed_and_found_over_http(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    await send(client, vendor, text="your code is 482915")
    await send(client, vendor, "ada@example.com", text="Welcome")

    async def found(**query: str) -> list[str]:
        url = f"{vendor.url}/_emulator/messages"
        async with client.get(url, params=query) as response:
            return [m["id"] for m in (await response.json())["messages"]]

    assert await found() == ["id-1", "id-2"]
    assert await found(to=f"+86{NUMBER}") == ["id-1"]
    assert await found(to="ADA@example.com") == ["id-2"]
    assert await found(q="welcome") == ["id-2"]
    assert await found(q="id-1") == ["id-1"]
    assert await found(q="nothing") == []


async def test_a_login_code_can_be_fetched_over_http(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    await send(client, vendor, text="your code is 482915")

    async with client.get(f"{vendor.url}/_emulator/messages") as response:
        [message] = (await response.json())["messages"]

    assert message["login_code"] == "482915"


async def test_submissions_and_pushes_are_listed_over_http(
    client: aiohttp.ClientSession, receiver: Receiver
) -> None:
    async with TinyVendor(receiver.url) as vendor:
        await send(client, vendor)
        await send(client, vendor, text="")
        await vendor.pushed()

        async with client.get(f"{vendor.url}/_emulator/submissions") as response:
            listed = await response.json()
        async with client.get(f"{vendor.url}/_emulator/pushes") as response:
            [push] = (await response.json())["pushes"]

    assert (listed["received"], listed["accepted"]) == (2, 1)
    assert [s["code"] for s in listed["submissions"]] == ["ok", "empty"]
    assert (push["kind"], push["message"], push["state"]) == (
        "receipt",
        "id-1",
        "acknowledged",
    )
    assert [one["status"] for one in push["tries"]] == [200]


async def test_receipts_and_replies_are_pushed_over_http(
    client: aiohttp.ClientSession, receiver: Receiver
) -> None:
    async with TinyVendor(receiver.url) as vendor:
        url = f"{vendor.url}/_emulator/push"
        receipt = {"kind": "receipt", "id": "x", "to": NUMBER, "outcome": "failed"}
        reply = {"kind": "reply", "to": NUMBER, "text": "好"}

        async with client.post(url, json=receipt) as response:
            assert (await response.json())["state"] == "acknowledged"
        async with client.post(url, json=reply) as response:
            assert response.status == 200

        assert receiver.pushes == [f"x {NUMBER} failed", f"{NUMBER} 好"]


@pytest.mark.parametrize(
    ("asked", "status", "complaint"),
    [
        ({"kind": "parcel"}, 400, "kind: expected one of receipt, reply"),
        ({"kind": ["reply"]}, 400, "kind: expected one of receipt, reply"),
        ({"kind": "reply", "to": NUMBER}, 400, "missing key text @ push.text"),
        ({"kind": "receipt", "id": "x"}, 409, "no message arrived for id x"),
    ],
)
async def test_a_push_that_cannot_be_made_is_refused_over_http(
    vendor: TinyVendor,
    client: aiohttp.ClientSession,
    asked: dict[str, Any],
    status: int,
    complaint: str,
) -> None:
    async with client.post(f"{vendor.url}/_emulator/push", json=asked) as response:
        assert response.status == status
        assert complaint in json.loads(await response.text())["error"]


async def page(client: aiohttp.ClientSession, vendor: Emulator, query: str = "") -> str:
    async with client.get(f"{vendor.url}/{query}") as response:
        assert response.status == 200
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        return await response.text()


async def test_the_page_shows_what_arrived_and_what_did_not(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    empty = await page(client, vendor)
    await send(client, vendor, text="your code is 482915")
    await send(client, vendor, text="")

    html = await page(client, vendor)

    assert "Nothing has arrived yet" in empty
    assert f"<h2>{NUMBER}</h2>" in html
    assert '<span class="code">482915</span>' in html
    assert "1 accepted of 2 submitted" in html
    assert "Not accepted lately (1)" in html
    assert "No reply from here" in html


async def test_the_page_offers_no_reply_where_the_vendor_takes_none(
    client: aiohttp.ClientSession,
) -> None:
    class OneWay(TinyVendor):
        def reply_request(self, reply: Reply, about: Arrival | None) -> None:
            raise LookupError("this product has no replies")

    async with OneWay() as vendor:
        await send(client, vendor)

        assert "No reply from here" in await page(client, vendor)


async def test_the_page_escapes_what_it_shows(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    await send(client, vendor, text="<script>alert(1)</script>")

    html = await page(client, vendor, "?q=%3Cscript%3E")

    assert "<script>alert" not in html
    assert 'value="<script>' not in html
    assert "&lt;script&gt;alert(1)" in html


async def test_the_page_searches(
    vendor: TinyVendor, client: aiohttp.ClientSession
) -> None:
    await send(client, vendor, text="first")
    await send(client, vendor, "13900139000", text="second")

    html = await page(client, vendor, "?q=second")
    nothing = await page(client, vendor, "?q=third")

    assert "13900139000" in html
    assert NUMBER not in html
    assert "Nothing contains “third”." in nothing


async def test_a_reply_from_the_page_is_pushed_and_shown(
    client: aiohttp.ClientSession, receiver: Receiver
) -> None:
    async with TinyVendor(receiver.url) as vendor:
        await send(client, vendor)
        await vendor.pushed()
        form = {"kind": "reply", "to": NUMBER, "text": "I agree", "q": "hi"}

        async with client.post(f"{vendor.url}/_emulator/push", data=form) as response:
            html = await response.text()

        assert response.url.path_qs == "/?q=hi"
        assert receiver.pushes[-1] == f"{NUMBER} I agree"
        assert 'class="mine"' in html
        assert "I agree" in html


@pytest.mark.parametrize(
    "kind", ["application/json", "application/x-www-form-urlencoded", "text/plain"]
)
async def test_a_push_is_asked_for_in_json_under_any_content_type(
    client: aiohttp.ClientSession, receiver: Receiver, kind: str
) -> None:
    asked = json.dumps({"kind": "reply", "to": NUMBER, "text": "a=b&c"}).encode()
    async with (
        TinyVendor(receiver.url) as vendor,
        client.post(
            f"{vendor.url}/_emulator/push", data=asked, headers={"Content-Type": kind}
        ) as response,
    ):
        assert response.status == 200

    assert receiver.pushes[-1] == f"{NUMBER} a=b&c"
