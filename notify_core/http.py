"""One HTTP request, and whether it was written.

A submission that was written may have been processed, whatever happens next. So
this is the one place where requests leave, and it answers that question for each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import attrs
import msgspec
from aiohttp.abc import AbstractStreamWriter
from yarl import URL

from notify_core.errors import NotifyError
from notify_core.model.attempt import Answer
from notify_core.model.outcome import Outcome, Reason

#: No vendor's answer is longer; what is longer is no answer.
MAX_BODY = 1024 * 1024
#: Servers close idle connections after 15 s and more; ours are dropped before.
KEEPALIVE_SECONDS = 10.0


@attrs.frozen
class Timeouts:
    """How long one attempt may take, in seconds."""

    #: From the start until the request begins to be written.
    connect: float = 2.0
    #: From then until the whole answer is read.
    read: float = 5.0


class Wire:
    """Whether one request began to be written: from then on, any loss is `unknown`."""

    __slots__ = ("_on_begin", "begun")

    def __init__(self) -> None:
        self.begun = False
        self._on_begin: Callable[[], None] | None = None

    def on_begin(self, call: Callable[[], None]) -> None:
        """Call this when writing begins."""
        self._on_begin = call

    def begin(self) -> None:
        """Note that bytes leave now."""
        self.begun = True
        if self._on_begin is not None:
            self._on_begin()


class ProviderUnavailable(NotifyError):
    """A provider gave no usable answer to a question such as its balance."""


class RequestLost(NotifyError):
    """A request ended without an answer.

    Attributes:
        written: Whether it may have been processed.
    """

    def __init__(self, *, written: bool, why: str) -> None:
        super().__init__(why)
        self.written = written


@attrs.frozen(kw_only=True)
class HttpResponse:
    """A whole answer."""

    status: int
    #: Header names as received; matched by `header()` without regard to case.
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)

    def json_object(self) -> dict[str, Any] | None:
        """Return the body as a JSON object; None when it is none."""
        try:
            value = msgspec.json.decode(self.body.removeprefix(b"\xef\xbb\xbf"))
        except (msgspec.DecodeError, UnicodeDecodeError):
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

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        self._wire.begin()
        await super().write_with_length(writer, content_length)


class HttpClient:
    """Makes requests for one provider, on its own session or on a host's."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._session = session
        self._now = now

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
        try:
            return await self._exchange(
                url, _NotingPayload(body, wire, content_type), headers, timeouts, wire
            )
        except TimeoutError as error:
            step = "no whole answer" if wire.begun else "not connected"
            seconds = timeouts.read if wire.begun else timeouts.connect
            why = f"{step} within {seconds:g} s"
            raise RequestLost(written=wire.begun, why=why) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # ValueError: aiohttp's parser on answers that are no HTTP at all.
            raise RequestLost(written=wire.begun, why=_described(error)) from error

    async def _exchange(
        self,
        url: URL,
        payload: _NotingPayload,
        headers: Mapping[str, str] | None,
        timeouts: Timeouts,
        wire: Wire,
    ) -> HttpResponse:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(timeouts.connect) as limit:
            wire.on_begin(lambda: limit.reschedule(loop.time() + timeouts.read))
            async with self._session.post(
                url, data=payload, headers=headers, allow_redirects=False
            ) as response:
                body = await _read_capped(response.content)
                return HttpResponse(
                    status=response.status, headers=response.headers, body=body
                )

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
        return read(response) or status_answer(response, self._now())


async def _read_capped(content: aiohttp.StreamReader) -> bytes:
    chunks = bytearray()
    while chunk := await content.readany():
        chunks += chunk
        if len(chunks) > MAX_BODY:
            raise aiohttp.ClientPayloadError(f"answer longer than {MAX_BODY} bytes")
    return bytes(chunks)


def _described(error: Exception) -> str:
    """Name what went wrong without the URL, which may carry what is secret."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "the host's name does not resolve"
    if isinstance(error, aiohttp.ClientSSLError):
        return "no trusted TLS connection"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"not connected: {error.os_error.strerror or 'refused'}"
    return f"the connection or the answer broke ({type(error).__name__})"


def lost_answer(lost: RequestLost) -> Answer:
    """Return what a lost request means: not sent, or nobody knows."""
    if lost.written:
        return Answer(
            outcome=Outcome.UNKNOWN, reason=Reason.NO_RESPONSE, text=str(lost)
        )
    return Answer(
        outcome=Outcome.REJECTED, reason=Reason.CONNECT_FAILED, text=str(lost)
    )


def status_answer(response: HttpResponse, now: datetime) -> Answer:
    """Return what an HTTP status means when the body says nothing that is known."""
    retry_at = retry_after(response.headers.get("Retry-After"), now)
    outcome, reason = _meaning(response.status, has_retry_after=retry_at is not None)
    return Answer(
        outcome=outcome,
        reason=reason,
        code=f"http {response.status}",
        text=f"HTTP {response.status} with an answer that the vendor does not document",
        retry_at=retry_at if outcome is Outcome.REJECTED else None,
    )


_BY_STATUS = {
    401: (Outcome.REJECTED, Reason.ACCESS_DENIED),
    403: (Outcome.REJECTED, Reason.ACCESS_DENIED),
    408: (Outcome.UNKNOWN, Reason.NO_RESPONSE),
    429: (Outcome.REJECTED, Reason.THROTTLED),
    502: (Outcome.UNKNOWN, Reason.NO_RESPONSE),
    504: (Outcome.UNKNOWN, Reason.NO_RESPONSE),
}
_BY_CLASS = {
    2: (Outcome.UNKNOWN, Reason.NO_RESPONSE),
    3: (Outcome.REJECTED, Reason.INVALID_REQUEST),
    4: (Outcome.REJECTED, Reason.UNMAPPED),
}


def _meaning(status: int, *, has_retry_after: bool) -> tuple[Outcome, Reason]:
    if status == 503 and has_retry_after:  # noqa: PLR2004
        return Outcome.REJECTED, Reason.PROVIDER_ERROR
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return _BY_CLASS.get(status // 100, (Outcome.UNKNOWN, Reason.SERVER_ERROR))


def retry_after(value: str | None, now: datetime) -> datetime | None:
    """Read a Retry-After header: seconds or an HTTP date; None when absent or junk."""
    if value is None:
        return None
    if value.strip().isdigit():
        seconds = min(int(value.strip()), 7 * 24 * 3600)
        return now + timedelta(seconds=seconds)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def new_session() -> aiohttp.ClientSession:
    """Open a session for one provider: no cookies, no time-outs but the attempt's."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEPALIVE_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
        headers={"User-Agent": "notify-core"},
        skip_auto_headers=("Accept-Encoding",),
    )
