"""One HTTP request, and whether it was written.

A submission that was written may have been processed, whatever happens next. So
this is the one place where requests leave, and it answers that question for each.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from typing import Any

import aiohttp
import attrs
import msgspec
from aiohttp.abc import AbstractResolver, AbstractStreamWriter
from yarl import URL

from notify_core.errors import ProviderUnavailable
from notify_core.http_status import retry_after, status_answer
from notify_core.model.attempt import Answer
from notify_core.model.outcome import Outcome
from notify_core.transmission import (
    RequestLost,
    Timeouts,
    Wire,
    lost_answer,
)

#: Time for a question, such as a balance.
QUESTION_SECONDS = 7.0
#: No vendor's answer is longer; what is longer is no answer.
MAX_BODY = 1024 * 1024
#: Servers close idle connections after 15 s and more; ours are dropped before.
KEEPALIVE_SECONDS = 10.0


@attrs.frozen(kw_only=True)
class HttpResponse:
    """A whole answer."""

    status: int
    #: Looked up without regard to case.
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)

    def json_object(self) -> dict[str, Any] | None:
        """Return the body as a JSON object; None when it is none."""
        try:
            value = msgspec.json.decode(self.body.removeprefix(b"\xef\xbb\xbf"))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return value if isinstance(value, dict) else None


class _NotingPayload(aiohttp.BytesPayload):
    """A request body that notes when aiohttp begins to write it.

    aiohttp holds the headers back until the first byte of the body, so this is
    the moment before anything leaves.
    """

    def __init__(self, body: bytes, wire: Wire, content_type: str) -> None:
        super().__init__(body, content_type=content_type)
        self._wire = wire

    def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> Coroutine[Any, Any, None]:
        self._wire.begin()
        return super().write_with_length(writer, content_length)


#: The attempt's own time-outs are the only ones, on a host's session too.
_NO_TIMEOUT = aiohttp.ClientTimeout(total=None)


class HttpClient:
    """Makes requests for one provider, on its own session or on a host's."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._session = session
        self._now = now
        #: Whether submissions go through here, so that their `wire` can be believed.
        self.carries_submissions = False

    async def post(
        self,
        url: URL,
        body: bytes,
        *,
        content_type: str,
        headers: Mapping[str, str] | None = None,
        timeouts: Timeouts,
        wire: Wire | None = None,
    ) -> HttpResponse:
        """Post *body* once and read the whole answer.

        Raises:
            RequestLost: No whole answer came; says whether the request was written.
        """
        wire = wire or Wire()
        payload = _NotingPayload(body, wire, content_type)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeouts.connect) as limit:
                wire.on_begin(lambda: limit.reschedule(loop.time() + timeouts.read))
                return await self._exchange("POST", url, payload, headers, wire)
        except TimeoutError:
            raise timeouts.lost(wire) from None

    async def ask(
        self,
        method: str,
        url: URL,
        body: bytes | None = None,
        *,
        content_type: str = "application/octet-stream",
        headers: Mapping[str, str] | None = None,
        seconds: float = QUESTION_SECONDS,
    ) -> HttpResponse:
        """Ask what sends no message, such as a balance, and read the whole answer.

        Args:
            method: `GET` or `POST`.
            url: Where to.
            body: As sent; None: none.
            content_type: Of the body.
            headers: Further headers.
            seconds: From the start until the whole answer is read.

        Raises:
            ProviderUnavailable: None came; says why, and nothing of the URL.
        """
        wire = Wire()
        payload = None if body is None else _NotingPayload(body, wire, content_type)
        try:
            async with asyncio.timeout(seconds):
                return await self._exchange(method, url, payload, headers, wire)
        except TimeoutError:
            why = f"no whole answer within {seconds:g} s"
        except RequestLost as lost:
            why = str(lost)
        raise ProviderUnavailable(why)

    async def submit(
        self,
        url: URL,
        body: bytes,
        *,
        content_type: str,
        headers: Mapping[str, str] | None = None,
        timeouts: Timeouts,
        wire: Wire,
        read: Callable[[HttpResponse], Answer | None],
    ) -> Answer:
        """Post a submission once and return what its fate means.

        Args:
            url: Where to.
            body: As sent.
            content_type: Of the body.
            headers: Further headers.
            timeouts: Of this attempt.
            wire: The submission's own.
            read: Reads the vendor's answer; None when it is not what the vendor
                documents. Then the HTTP status decides.
        """
        self.carries_submissions = True
        try:
            response = await self.post(
                url,
                body,
                content_type=content_type,
                headers=headers,
                timeouts=timeouts,
                wire=wire,
            )
        except RequestLost as lost:
            return lost_answer(lost)
        answer = read(response) or status_answer(
            response.status, response.headers.get("Retry-After")
        )
        return self._with_pause(answer, response)

    def _with_pause(self, answer: Answer, response: HttpResponse) -> Answer:
        """Return a refusal with the time that the answer's head names, if it does."""
        if answer.outcome is not Outcome.REJECTED or answer.retry_at is not None:
            return answer
        at = retry_after(response.headers.get("Retry-After"), self._now())
        return attrs.evolve(answer, retry_at=at) if at else answer

    async def _exchange(
        self,
        method: str,
        url: URL,
        payload: _NotingPayload | None,
        headers: Mapping[str, str] | None,
        wire: Wire,
    ) -> HttpResponse:
        if self._session.closed:
            raise RequestLost(written=False, why="the HTTP session is closed")
        try:
            response = await self._session.request(
                method,
                url,
                data=payload,
                headers=headers,
                allow_redirects=False,
                raise_for_status=False,  # a host's session may say True
                timeout=_NO_TIMEOUT,
            )
            try:
                body = await _whole(response.content)
            finally:
                # Read to its end, it has given its connection back.
                if not response.closed:
                    response.close()
            return HttpResponse(
                status=response.status, headers=response.headers, body=body
            )
        except (aiohttp.ClientError, OSError) as error:
            why = _described(error)
        except ValueError as error:
            if payload is not None and not wire.begun:
                raise  # the request itself cannot be written
            # aiohttp's parser, on answers that are no HTTP at all.
            why = _described(error)
        # Raised here and without a cause: aiohttp's errors show the URL.
        raise RequestLost(written=wire.begun, why=why)


async def _whole(content: aiohttp.StreamReader) -> bytes:
    """Read an answer to its end."""
    if content.is_eof():
        body = content.read_nowait()  # it came with its head, as most do
    else:
        chunks = bytearray()
        while len(chunks) <= MAX_BODY and (chunk := await content.readany()):
            chunks += chunk
        body = bytes(chunks)
    if len(body) > MAX_BODY:
        why = "the answer is longer than 1 MiB"
        raise RequestLost(written=True, why=why)
    return body


def _described(error: Exception) -> str:
    """Name what went wrong without the URL, which may carry what is secret."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "the host's name does not resolve"
    if isinstance(error, aiohttp.ClientSSLError):
        return "no trusted TLS connection"
    if isinstance(error, aiohttp.ClientConnectorError):
        number = error.os_error.errno
        # The number's own text: that of the exception has the address in it.
        why = os.strerror(number) if number else "no address of the host answers"
        return f"not connected: {why}"
    return f"the connection or the answer broke ({type(error).__name__})"


def new_session(
    *,
    keepalive: float = KEEPALIVE_SECONDS,
    resolver: AbstractResolver | None = None,
    socket_factory: aiohttp.SocketFactoryType | None = None,
) -> aiohttp.ClientSession:
    """Open a session for one provider: no cookies, no redirects, no proxy.

    Args:
        keepalive: Seconds that an idle connection may still be used for.
        resolver: Looks up names; None: the machine's own.
        socket_factory: Makes the sockets, or refuses to; None: the loop does.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=0,
            keepalive_timeout=keepalive,
            resolver=resolver,
            socket_factory=socket_factory,
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        # All that aiohttp would add, or leave out more slowly than it adds them.
        headers={
            "User-Agent": "notify-core",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
        },
    )
