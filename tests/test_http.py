"""The wire table of the design, row by row over real sockets."""

import asyncio
import gzip
import logging
import os
import traceback
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import attrs
import pytest
from aiohttp.abc import ResolveResult
from yarl import URL

from notify_core.errors import ProviderUnavailable
from notify_core.http import MAX_BODY, HttpClient, HttpResponse, new_session
from notify_core.http_status import retry_after
from notify_core.model.attempt import Answer
from notify_core.model.outcome import Outcome, Reason
from notify_core.testing.faults import FaultServer, NoNames, local_session
from notify_core.testing.wire_table import (
    FAULTS,
    End,
    HttpAnswer,
    Place,
    Script,
    WireFault,
)
from notify_core.transmission import (
    RequestLost,
    Timeouts,
    Wire,
    lost_answer,
)

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
HIDDEN = "k3y-of-the-account"
BRIEF = Timeouts(connect=0.15, read=0.15)
PATIENT = Timeouts(connect=5, read=5)

#: How many posts the leak test makes; `NOTIFY_TEST_POSTS=10000` for the full number.
POSTS = int(os.environ.get("NOTIFY_TEST_POSTS", "200"))


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer() as server:
        yield server


def host_session() -> aiohttp.ClientSession:
    """Open a session as a host might, with habits of its own."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=NoNames()),
        raise_for_status=True,
        timeout=aiohttp.ClientTimeout(total=0.01),
        headers={"X-Host": "1"},
    )


@pytest.fixture(params=["own", "host"])
async def session(
    request: pytest.FixtureRequest,
) -> AsyncIterator[aiohttp.ClientSession]:
    opened = local_session() if request.param == "own" else host_session()
    async with opened as session:
        yield session


@pytest.fixture
async def own_session() -> AsyncIterator[aiohttp.ClientSession]:
    async with local_session() as session:
        yield session


async def submit(
    session: aiohttp.ClientSession,
    base: str,
    *,
    wire: Wire | None = None,
    timeouts: Timeouts = PATIENT,
) -> Answer:
    """Submit something that nobody documents, with a secret wherever one may stand."""
    return await HttpClient(session, lambda: NOW).submit(
        URL(base) / HIDDEN % {"key": HIDDEN},
        f"key={HIDDEN}".encode(),
        content_type="application/x-www-form-urlencoded",
        headers={"Authorization": HIDDEN},
        timeouts=timeouts,
        wire=wire or Wire(),
        read=lambda _: None,
    )


# The table.


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_each_wire_fault_has_its_outcome_and_reason(
    fault: WireFault,
    server: FaultServer,
    session: aiohttp.ClientSession,
    caplog: pytest.LogCaptureFixture,
) -> None:
    wire = Wire()

    answer = await submit(
        session, server.play(fault.script), wire=wire, timeouts=fault.timeouts
    )

    assert (answer.outcome, answer.reason) == (fault.outcome, fault.reason)
    assert wire.begun is (fault.reason is not Reason.CONNECT_FAILED)
    assert len(server.requests) == fault.script.arrives  # once or never: not repeated
    due = fault.retry_after and NOW + timedelta(seconds=fault.retry_after)
    assert answer.retry_at == due
    assert HIDDEN not in repr(answer) + caplog.text
    assert not [r for r in caplog.records if r.levelno >= logging.WARNING]


async def test_a_body_that_the_code_table_knows_decides_whatever_the_status(
    server: FaultServer, session: aiohttp.ClientSession
) -> None:
    url = URL(server.play(HttpAnswer(status=500, body=b"4085")))
    known = Answer(outcome=Outcome.REJECTED, reason=Reason.RECIPIENT_BLOCKED)

    answer = await HttpClient(session).submit(
        url,
        b"{}",
        content_type="application/json",
        timeouts=PATIENT,
        wire=Wire(),
        read=lambda response: known if response.body == b"4085" else None,
    )

    assert answer is known


async def test_a_request_arrives_as_it_was_given(
    server: FaultServer, own_session: aiohttp.ClientSession
) -> None:
    await submit(own_session, server.url)

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert body == f"key={HIDDEN}".encode()
    assert head.startswith(f"POST /{HIDDEN}?key={HIDDEN} HTTP/1.1\r\n".encode())
    assert b"Content-Type: application/x-www-form-urlencoded" in head
    assert f"Authorization: {HIDDEN}".encode() in head


async def test_the_longest_answer_allowed_is_read_whole(
    server: FaultServer, own_session: aiohttp.ClientSession
) -> None:
    url = URL(server.play(HttpAnswer(body=b" " * MAX_BODY)))

    response = await HttpClient(own_session).post(
        url, b"", content_type="text/plain", timeouts=PATIENT
    )

    assert len(response.body) == MAX_BODY


async def test_an_answer_that_unpacks_beyond_the_limit_is_no_answer(
    server: FaultServer, own_session: aiohttp.ClientSession
) -> None:
    bomb = gzip.compress(b" " * MAX_BODY * 20)
    url = server.play(HttpAnswer(body=bomb, headers={"Content-Encoding": "gzip"}))

    answer = await submit(own_session, url)

    assert (answer.outcome, answer.reason) == (Outcome.UNKNOWN, Reason.NO_RESPONSE)


async def test_a_closed_session_sends_nothing_and_says_so(server: FaultServer) -> None:
    session = local_session()
    await session.close()
    wire = Wire()

    answer = await submit(session, server.url, wire=wire)

    assert answer.reason is Reason.CONNECT_FAILED
    assert answer.text == "the HTTP session is closed"
    assert not wire.begun


async def test_the_limit_for_reading_counts_from_writing(
    server: FaultServer, own_session: aiohttp.ClientSession
) -> None:
    url = server.play("stalled")

    answer = await submit(own_session, url, timeouts=Timeouts(connect=0.05, read=0.15))

    assert answer.text == "no whole answer within 0.15 s"


# Whether it was written.


class Unwilling(Wire):
    """Stops at the moment when writing begins."""

    def begin(self) -> None:
        raise RuntimeError("not now")


@pytest.mark.parametrize("body", [b"key=1", b""], ids=["a body", "no body"])
async def test_the_note_is_taken_before_the_first_byte_leaves(
    body: bytes, own_session: aiohttp.ClientSession
) -> None:
    came: asyncio.Queue[bytes] = asyncio.Queue()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await came.put(await reader.read())
        writer.close()

    async with await asyncio.start_server(take, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(RequestLost):
            await HttpClient(own_session).post(
                URL(f"http://127.0.0.1:{port}"),
                body,
                content_type="text/plain",
                timeouts=BRIEF,
                wire=Unwilling(),
            )
        await own_session.close()

        assert await came.get() == b""


async def test_a_wire_begins_once() -> None:
    wire = Wire()
    wire.begin()

    with pytest.raises(RuntimeError, match="once"):
        wire.begin()


async def test_a_limit_that_has_run_out_lets_nothing_be_written() -> None:
    def too_late() -> None:
        raise RuntimeError("Cannot change state of expired Timeout")

    wire = Wire()
    wire.on_begin(too_late)

    with pytest.raises(RuntimeError):
        wire.begin()

    assert not wire.begun


# Cancellation, at each point.


class Pondering(NoNames):
    """A resolver that never answers."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def resolve(self, *_: Any, **__: Any) -> list[ResolveResult]:
        self.asked.set()
        await asyncio.Event().wait()
        return []


async def cancelled(task: asyncio.Task[Answer]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_cancelled_before_it_started_leaves_nothing_written(
    server: FaultServer, own_session: aiohttp.ClientSession
) -> None:
    wire = Wire()
    task = asyncio.create_task(submit(own_session, server.url, wire=wire))

    await cancelled(task)

    assert not wire.begun
    assert server.connections == 0


async def test_cancelled_during_the_look_up_leaves_nothing_written() -> None:
    wire, resolver = Wire(), Pondering()
    async with new_session(resolver=resolver) as session:
        task = asyncio.create_task(submit(session, "http://slow.invalid", wire=wire))
        await resolver.asked.wait()

        await cancelled(task)

    assert not wire.begun


async def test_cancelled_while_connecting_leaves_nothing_written(
    server: FaultServer, own_session: aiohttp.ClientSession
) -> None:
    wire, url = Wire(), server.play(Script(place=Place.FULL))
    task = asyncio.create_task(submit(own_session, url, wire=wire))
    await asyncio.sleep(0.01)  # nobody is there who could tell

    await cancelled(task)

    assert not wire.begun


async def test_cancelled_during_the_tls_handshake_leaves_nothing_written(
    server: FaultServer, own_session: aiohttp.ClientSession
) -> None:
    wire, url = Wire(), server.play(Script(place=Place.SILENT_TLS))
    task = asyncio.create_task(submit(own_session, url, wire=wire))
    await server.connected()

    await cancelled(task)

    assert not wire.begun
    assert server.requests == []


@pytest.mark.parametrize("fault", ["stalled", "stalled_body", "drip"])
async def test_cancelled_after_writing_leaves_it_written(
    fault: str, server: FaultServer, session: aiohttp.ClientSession
) -> None:
    wire, url = Wire(), server.play(fault)
    task = asyncio.create_task(submit(session, url, wire=wire))
    await server.read()

    await cancelled(task)

    assert wire.begun
    await server.left()
    assert len(server.requests) == 1


async def test_a_deadline_of_the_caller_passes_through_as_itself(
    server: FaultServer, own_session: aiohttp.ClientSession
) -> None:
    wire, url = Wire(), server.play("stalled")

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await submit(own_session, url, wire=wire)

    assert wire.begun


# Never repeated.


@pytest.mark.parametrize("fault", ["closed", "reset", "truncated_head"])
async def test_a_loss_on_a_kept_connection_is_not_made_good_by_a_second_request(
    fault: str, server: FaultServer, session: aiohttp.ClientSession
) -> None:
    server.play(HttpAnswer(body=b"{}"))
    await submit(session, server.url)
    server.play(fault)

    answer = await submit(session, server.url)

    assert (answer.outcome, answer.reason) == (Outcome.UNKNOWN, Reason.NO_RESPONSE)
    assert len(server.requests) == 2
    assert server.connections == 1


async def test_a_middleware_of_the_host_cannot_repeat_a_submission(
    server: FaultServer,
) -> None:
    async def again(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        await handler(request)
        return await handler(request)

    url = server.play("http_502")
    async with aiohttp.ClientSession(middlewares=[again]) as session:
        answer = await submit(session, url)

    assert (answer.outcome, answer.reason) == (Outcome.UNKNOWN, Reason.NO_RESPONSE)
    assert len(server.requests) == 1


# Kept connections.


async def test_connections_are_kept_and_used_again(
    server: FaultServer, own_session: aiohttp.ClientSession
) -> None:
    for _ in range(5):
        await submit(own_session, server.play(HttpAnswer(body=b"{}")))

    assert server.connections == 1


async def test_an_idle_connection_that_the_server_closed_is_never_used(
    server: FaultServer, session: aiohttp.ClientSession
) -> None:
    url = server.play(HttpAnswer(status=404))
    await submit(session, url)
    await server.drop()

    answer = await submit(session, url)

    assert answer.code == "http 404"
    assert (server.connections, len(server.requests)) == (2, 2)


async def test_an_idle_connection_is_dropped_before_the_server_would(
    server: FaultServer,
) -> None:
    async with new_session(keepalive=0.02) as session:
        url = server.play(HttpAnswer(status=404))
        await submit(session, url)
        await asyncio.sleep(0.03)

        answer = await submit(session, url)

    assert answer.code == "http 404"
    assert server.connections == 2


async def test_a_connection_with_an_unread_rest_is_not_used_again(
    server: FaultServer, own_session: aiohttp.ClientSession
) -> None:
    await submit(own_session, server.play(HttpAnswer(body=b" " * 8 * MAX_BODY)))

    answer = await submit(own_session, server.play(HttpAnswer(status=404)))

    assert answer.code == "http 404"
    assert server.connections == 2


# Nothing hides in an error, and nothing stays behind.


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_no_traceback_shows_the_url_or_a_secret(
    fault: WireFault, server: FaultServer, own_session: aiohttp.ClientSession
) -> None:
    url = URL(server.play(fault.script)) / HIDDEN % {"key": HIDDEN}
    lost = None
    try:
        await HttpClient(own_session).post(
            url, HIDDEN.encode(), content_type="text/plain", timeouts=BRIEF
        )
    except RequestLost as error:
        lost = error

    shown = "".join(traceback.format_exception(lost)) if lost else ""
    assert HIDDEN not in shown
    assert str(url.host) not in shown


async def test_posts_that_are_cut_short_leave_nothing_behind(
    server: FaultServer, own_session: aiohttp.ClientSession
) -> None:
    url = server.play(Script(end=End.STALL))
    before = open_files(), asyncio.all_tasks()
    timeouts = Timeouts(connect=5, read=0.05)

    for _ in range(0, POSTS, 100):
        posts = [submit(own_session, url, timeouts=timeouts) for _ in range(100)]
        tasks = [asyncio.create_task(post) for post in posts]
        await server.connected(server.connections + 100)
        for task in tasks[::2]:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(end, asyncio.CancelledError) for end in ended[::2])
        assert all(isinstance(end, Answer) for end in ended[1::2])

    await server.left()
    assert (open_files(), asyncio.all_tasks()) == before


def open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


# Reading.


RETRY_AFTER = [
    # Absent or junk: no time.
    (None, None),
    ("", None),
    ("soon", None),
    ("-5", None),
    ("1.5", None),
    ("²", None),
    ("9" * 5000, None),
    ("Thu, 01 Jan 99999999999999 12:00:00 GMT", None),
    # Seconds.
    ("0", timedelta(0)),
    (" 7 ", timedelta(seconds=7)),
    # An HTTP date, with its zone or without.
    ("Thu, 01 Jan 2026 12:00:09 GMT", timedelta(seconds=9)),
    ("Thu, 01 Jan 2026 20:00:09 +0800", timedelta(seconds=9)),
    ("Thu, 01 Jan 2026 12:00:09 -0000", timedelta(seconds=9)),
    # No vendor is waited for longer than a week.
    ("99999999999999", timedelta(days=7)),
    ("Thu, 01 Jan 2099 12:00:00 GMT", timedelta(days=7)),
]


@pytest.mark.parametrize(("value", "wait"), RETRY_AFTER)
def test_retry_after_is_read_in_every_form(
    value: str | None, wait: timedelta | None
) -> None:
    at = retry_after(value, NOW)

    assert at == (None if wait is None else NOW + wait)


BODIES = [
    (b'{"code": 2}', {"code": 2}),
    (b'\xef\xbb\xbf{"code": 2}', {"code": 2}),
    (b"", None),
    (b"[1]", None),
    (b'"text"', None),
    (b"null", None),
    (b"{", None),
    (b'{"code": 2} and more', None),
    ('{"msg": "成功"}'.encode("gb18030"), None),
    ('{"code": 2}'.encode("utf-16"), None),
    (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, None),
]


@pytest.mark.parametrize(("body", "value"), BODIES)
def test_a_body_is_a_json_object_or_nothing(
    body: bytes, value: dict[str, object] | None
) -> None:
    response = HttpResponse(status=200, headers={}, body=body)

    assert response.json_object() == value


def test_a_lost_request_says_whether_it_may_have_been_processed() -> None:
    unwritten = lost_answer(RequestLost(written=False, why="refused"))
    written = lost_answer(RequestLost(written=True, why="reset"))

    assert (unwritten.outcome, unwritten.text) == (Outcome.REJECTED, "refused")
    assert (written.outcome, written.text) == (Outcome.UNKNOWN, "reset")


# Questions.


async def test_a_question_is_answered_whole(own_session: aiohttp.ClientSession) -> None:
    async with FaultServer() as server:
        url = URL(server.play(HttpAnswer(body=b"42", status=404)))

        response = await HttpClient(own_session).ask("GET", url)

        assert (response.status, response.body) == (404, b"42")
        assert server.requests[0].startswith(b"GET / ")


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("stalled", "no whole answer within 0.1 s"),
        ("refused", "not connected"),
        ("not_http", "the connection or the answer broke"),
    ],
)
async def test_a_question_without_an_answer_says_why_and_not_where(
    fault: str, why: str, own_session: aiohttp.ClientSession
) -> None:
    async with FaultServer() as server:
        url = URL(server.play(fault)) / HIDDEN

        with pytest.raises(ProviderUnavailable, match=why) as caught:
            await HttpClient(own_session).ask("POST", url, b"?", seconds=0.1)

    assert HIDDEN not in str(caught.getrepr(style="short"))


async def test_a_coded_refusal_takes_the_pause_that_the_head_names(
    own_session: aiohttp.ClientSession,
) -> None:
    refused = Answer(outcome=Outcome.REJECTED, reason=Reason.THROTTLED)
    answer = HttpAnswer(status=429, headers={"Retry-After": "60"}, body=b"slow down")

    async with FaultServer() as server:
        told = await HttpClient(own_session, lambda: NOW).submit(
            URL(server.play(answer)),
            b"",
            content_type="text/plain",
            timeouts=PATIENT,
            wire=Wire(),
            read=lambda _: refused,
        )

    assert told == attrs.evolve(refused, retry_at=NOW + timedelta(minutes=1))
