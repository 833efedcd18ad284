"""What clients do that no client should, and what the machine does: no 500, no loss."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from notify_core import Answer, Outcome, Secret
from notify_core.errors import StoreUnavailable
from notify_core.outbox.listing import MessageFilter
from notify_core.outbox.record import Record
from notify_core.outbox.sqlite import SqliteOutbox
from notify_core.provider import Submission
from tests.builders import FailingOutbox, is_written, until
from tests.server.serving import CODE, NDJSON, NUMBER, Serving, serving

LINE = json.dumps({"to": NUMBER, "content": {"text": "Hello"}}).encode() + b"\n"
#: A client that takes longer than this is slow, in these tests.
HURRY = {"limits": {"patience": "200ms"}}


def _head(service: Serving, *more: str, path: str = "/v1/messages") -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: n.example",
        f"Authorization: Bearer {service.key.reveal()}",
        *more,
    ]
    return "\r\n".join([*lines, "", ""]).encode()


async def _write_on(writer: asyncio.StreamWriter, piece: bytes) -> None:
    """Write until nobody reads any more."""
    async with asyncio.timeout(60):
        while True:
            writer.write(piece)
            await writer.drain()


async def _piece(piece: bytes, times: int) -> AsyncIterator[bytes]:
    for _ in range(times):
        yield piece


async def test_a_body_of_100_mb_is_refused_before_it_is_read(service: Serving) -> None:
    head = _head(service, "Content-Type: application/json", "Content-Length: 104857600")

    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    writer.write(head + b"[" * 1000)
    answer = await reader.readuntil(b"\r\n")
    writer.close()

    assert answer.startswith(b"HTTP/1.1 413")


async def test_a_body_of_100_mb_of_unknown_length_is_refused_on_the_way(
    tmp_path: Path,
) -> None:
    body = _piece(b" " * 65536, 1600)
    media = {"Content-Type": "application/json"}

    async with (
        serving(tmp_path, server=HURRY) as service,
        service.client.post("/v1/messages", data=body, headers=media) as answer,
    ):
        told = await answer.json()

    assert answer.status == 413
    assert told["type"] == "urn:notify-core:problem:too-large"


async def test_a_line_of_any_length_is_refused_and_the_next_is_read(
    service: Serving,
) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield LINE
        async for piece in _piece(b"x" * 65536, 40):
            yield piece
        yield b"\n" + LINE

    async with service.client.post(
        "/v1/messages", data=body(), headers=NDJSON
    ) as answer:
        told = [json.loads(line) async for line in answer.content]

    assert [entry.get("line") for entry in told] == [1, 2, 3, None]
    assert told[1]["problem"]["status"] == 413
    assert told[-1]["end"]["taken"] == 2


async def test_half_a_head_is_not_waited_for(tmp_path: Path) -> None:
    started = monotonic()

    async with serving(tmp_path, server=HURRY) as service:
        answer = await service.raw(b"POST /v1/messages HTTP/1.1\r\nHost: n", seconds=9)

    assert answer == b""
    assert monotonic() - started < 8


async def test_half_a_body_is_not_waited_for(tmp_path: Path) -> None:
    async with serving(tmp_path, server=HURRY) as service:
        head = _head(service, "Content-Type: application/json", "Content-Length: 99")
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        writer.write(head + b'{"to"')
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n"), 30)
        writer.close()

    assert answer.startswith(b"HTTP/1.1 408")


async def test_lines_that_do_not_come_are_not_waited_for(tmp_path: Path) -> None:
    pause = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield LINE + LINE[:10]
        await pause.wait()

    async with (
        serving(tmp_path, server=HURRY) as service,
        service.client.post("/v1/messages", data=body(), headers=NDJSON) as answer,
    ):
        told = [json.loads(line) async for line in answer.content]
        pause.set()

    assert told[0]["result"]["status"] == "accepted"
    assert told[1]["end"]["complete"] is False
    assert told[1]["end"]["why"] == "no more lines came"


async def test_who_does_not_read_the_answer_is_left(tmp_path: Path) -> None:
    async with serving(tmp_path, server=HURRY) as service:
        head = _head(
            service, "Content-Type: application/x-ndjson", "Content-Length: 99999999"
        )
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", service.port, limit=1
        )
        writer.write(head)
        with pytest.raises(ConnectionError):
            await _write_on(writer, b"[]\n" * 2000)
        writer.close()
        del reader


@pytest.mark.parametrize("media", ["application/json", "application/x-ndjson"])
async def test_deep_json_is_refused(service: Serving, media: str) -> None:
    deep = b'{"to": "x", "params": ' + b'{"a":' * 90_000

    async with service.client.post(
        "/v1/messages", data=deep, headers={"Content-Type": media}
    ) as answer:
        told = await answer.text()

    assert answer.status == (400 if media == "application/json" else 200)
    assert "no JSON" in told


async def test_json_of_allowed_depth_and_no_deeper_is_read(service: Serving) -> None:
    deep: object = "x"
    for _ in range(40):
        deep = {"a": deep}

    async with service.client.post(
        "/v1/messages", json=CODE | {"params": {"code": deep}}
    ) as answer:
        told = await answer.json()

    assert answer.status == 422
    assert told["errors"][0]["pointer"] == "/params"


@pytest.mark.parametrize(
    "flood",
    [
        [f"X-{n}: y" for n in range(5000)],
        ["X: " + "y" * 100_000],
        ["X" * 100_000 + ": y"],
    ],
    ids=["many", "long", "long name"],
)
async def test_a_flood_of_headers_is_refused(
    service: Serving, flood: list[str]
) -> None:
    answer = await service.raw(_head(service, "Connection: close", *flood))

    head, _, body = answer.partition(b"\r\n\r\n")
    assert answer[9:12] == b"400"
    assert b"Content-Type: application/problem+json" in head
    assert json.loads(body)["type"] == "urn:notify-core:problem:malformed"


async def test_a_broken_line_in_the_middle_stops_nobody(service: Serving) -> None:
    body = LINE + b'{"to": "+86138\xff"}\n' + LINE

    async with service.client.post("/v1/messages", data=body, headers=NDJSON) as answer:
        told = [json.loads(line) async for line in answer.content]

    assert [list(entry)[-1] for entry in told] == ["result", "problem", "result", "end"]


async def test_of_a_client_that_goes_only_whole_lines_are_taken(
    service: Serving,
) -> None:
    chunk = LINE + LINE[:-1]
    head = _head(
        service, "Content-Type: application/x-ndjson", "Transfer-Encoding: chunked"
    )

    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    writer.write(head + f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
    await reader.readuntil(b'"line":1')
    writer.close()
    await asyncio.sleep(0.1)

    assert len(service.vendor["a"].submissions) == 1


async def test_a_client_that_goes_is_no_reason_not_to_send(service: Serving) -> None:
    body = json.dumps(CODE).encode()
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def late(submission: Submission) -> Answer:
        submission.wire.begin()
        reached.set()
        await go_on.wait()
        return Answer(outcome=Outcome.ACCEPTED)

    service.vendor["a"].answers(late)
    length = f"Content-Length: {len(body)}"
    head = _head(service, "Content-Type: application/json", length)

    _, writer = await asyncio.open_connection("127.0.0.1", service.port)
    writer.write(head + body)
    await reached.wait()
    writer.close()
    await asyncio.sleep(0.05)
    go_on.set()
    await asyncio.sleep(0.05)

    listed = (await service.notifier.messages(MessageFilter())).records
    assert [record.status for record in listed] == ["accepted"]


async def test_a_store_that_is_away_takes_nothing_and_says_when_to_come_again(
    tmp_path: Path,
) -> None:
    outbox = FailingOutbox("add", "get")

    async with serving(tmp_path, outbox=outbox) as service:
        async with service.client.post("/v1/messages", json=CODE) as answer:
            one = await answer.json()
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        async with service.client.post("/v1/messages", json=[CODE, CODE]) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        async with service.client.post(
            "/v1/messages", data=LINE * 3, headers=NDJSON
        ) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        async with service.client.get("/readyz") as answer:
            assert answer.status == 503
        async with service.client.get("/healthz") as answer:
            assert answer.status == 200

    assert one["type"] == "urn:notify-core:problem:store-unavailable"
    assert service.vendor["a"].submissions == []


class Unreadable(SqliteOutbox):
    """A store of which nothing can be read back."""

    async def get(self, message: str) -> Record | None:
        """Fail."""
        raise StoreUnavailable("the disk cannot be read")


async def test_a_store_that_goes_away_while_a_caller_waits_refuses_nothing_recorded(
    tmp_path: Path,
) -> None:
    outbox = Unreadable(tmp_path / "notify.db", Secret("0123456789abcdef"))
    go_on = asyncio.Event()

    async def late(submission: Submission) -> Answer:
        submission.wire.begin()
        await go_on.wait()
        return Answer(outcome=Outcome.ACCEPTED)

    async with serving(tmp_path, outbox=outbox) as service:
        service.vendor["a"].answers(late)
        asking = asyncio.create_task(_waited(service))
        await until(lambda: is_written(service.vendor))
        await asyncio.sleep(0.05)
        go_on.set()
        status, result = await asking
    await outbox.aclose()

    assert (status, result["status"]) == (200, "accepted")


async def _waited(service: Serving) -> tuple[int, dict[str, Any]]:
    """Send a message, waiting no second for its outcome."""
    headers = {"Prefer": "wait=0"}
    async with service.client.post(
        "/v1/messages", json=CODE, headers=headers
    ) as answer:
        return answer.status, await answer.json()


async def test_a_store_that_goes_away_in_the_middle_refuses_line_by_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    outbox = FailingOutbox("add", spared=1)

    async def body() -> AsyncIterator[bytes]:
        yield LINE
        await asyncio.sleep(0.05)
        yield LINE

    async with (
        serving(tmp_path, outbox=outbox) as service,
        service.client.post("/v1/messages", data=body(), headers=NDJSON) as answer,
    ):
        told = [json.loads(line) async for line in answer.content]

    assert told[0]["result"]["status"] == "accepted"
    assert told[1]["problem"]["status"] == 503
    assert caplog.text.count("the store is away: the disk is full") == 1
    assert told[2]["end"] == {
        "taken": 1,
        "refused": 1,
        "complete": True,
        "why": None,
    }


async def test_a_stream_gets_its_end_when_the_service_stops(tmp_path: Path) -> None:
    gone = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield LINE
        await gone.wait()

    async with serving(tmp_path) as service:
        async with service.client.post(
            "/v1/messages", data=body(), headers=NDJSON
        ) as answer:
            first = json.loads(await answer.content.readline())
            stopping = asyncio.create_task(service.site.__aexit__(None, None, None))
            end = json.loads(await answer.content.readline())
            gone.set()
        await stopping

    assert first["result"]["status"] == "accepted"
    assert end["end"]["why"] == "the service is stopping"


async def test_compressed_bodies_are_refused(service: Serving) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

    async with service.client.post(
        "/v1/messages", data=b"x", headers=headers
    ) as answer:
        assert answer.status == 415


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("PUT", "/v1/messages", 405),
        ("GET", "/v1/messages/%00", 404),
        ("GET", "/v1/messages?limit=0", 400),
        ("GET", "/v1/messages?limit=x&limit=y", 400),
        ("GET", "/v1/messages?colour=red", 400),
        ("GET", "/v1/messages?cursor=1.2.3", 400),
        ("GET", "/v1/messages?since=yesterday", 400),
        ("GET", "/v1/messages?to=12", 400),
        ("GET", "/v1/providers?balance=perhaps", 400),
        ("POST", "/v1/providers/nobody/resume", 404),
        ("POST", "/v1/messages", 415),
        ("DELETE", "/v1/suppressions/12", 422),
        ("DELETE", "/v1/suppressions/+8613800138000", 404),
    ],
)
async def test_what_cannot_be_done_is_told_as_a_problem(
    service: Serving, method: str, path: str, status: int
) -> None:
    async with service.client.request(method, path) as answer:
        told = await answer.json()

    assert answer.status == told["status"] == status
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize(
    "written",
    [
        b"\x00\x01\x02",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_told_as_a_problem_and_not_quoted(
    service: Serving, written: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    answer = await service.raw(written)

    head, _, body = answer.partition(b"\r\n\r\n")
    told = json.loads(body)
    assert answer[9:12] == b"400"
    assert told["detail"] == "this is no HTTP/1.1 request that can be read"
    assert f"X-Request-Id: {told['request_id']}".encode() in head
    assert f"id={told['request_id']} caller=- " in caplog.text
    assert "HTTP/9.9" not in caplog.text


async def test_what_else_a_client_expects_is_its_own_affair(service: Serving) -> None:
    headers = {"Expect": "miracles"}

    async with service.client.post(
        "/v1/messages", json=CODE, headers=headers
    ) as answer:
        assert answer.status == 200


async def test_a_client_that_holds_its_body_back_is_told_to_go_on(
    service: Serving,
) -> None:
    async with service.client.post("/v1/messages", json=CODE, expect100=True) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    ("path", "body", "errors"),
    [
        ("/v1/providers/a/pause", {}, {"/why": "is missing"}),
        ("/v1/providers/a/pause", {"why": " "}, {"/why": "is empty"}),
        (
            "/v1/providers/a/pause",
            {"why": 5, "b/c": 1},
            {
                "/why": "must be a string, not a number",
                "/b~1c": "is unknown; there are: why",
            },
        ),
        ("/v1/suppressions", {}, {"/to": "is missing", "/why": "is missing"}),
        (
            "/v1/suppressions",
            {"to": NUMBER, "why": "x", "channel": "smoke"},
            {
                "/channel": "is none of its values; "
                "there are: email, sms, voice, webhook"
            },
        ),
    ],
)
async def test_every_fault_of_a_small_body_is_told_with_its_place(
    service: Serving, path: str, body: dict[str, object], errors: dict[str, str]
) -> None:
    async with service.client.post(path, json=body) as answer:
        told = await answer.json()

    assert answer.status == 422
    assert {error["pointer"]: error["detail"] for error in told["errors"]} == errors


async def test_a_body_that_is_no_http_is_no_defect(service: Serving) -> None:
    head = _head(
        service, "Transfer-Encoding: chunked", "Content-Type: application/json"
    )

    answer = await service.raw(head + b"zz\r\n")

    assert answer[9:12] == b"400"
