"""Everything that can happen to a request on the wire, played by a real server."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto

import attrs

from notify_core.http import MAX_BODY
from notify_core.model.outcome import Outcome, Reason
from notify_core.transmission import Timeouts


class Place(Enum):
    """Where the request is sent."""

    #: To a plain HTTP server.
    SERVER = auto()
    #: To a port on which nobody listens.
    REFUSED = auto()
    #: To a port whose queue is full: the connection never comes about.
    FULL = auto()
    #: To a host whose name no resolver knows.
    UNKNOWN_HOST = auto()
    #: To a TLS server whose certificate nobody trusts.
    UNTRUSTED = auto()
    #: By TLS to a server that never answers the handshake.
    SILENT_TLS = auto()


class End(Enum):
    """What becomes of the connection after the answer."""

    #: It is closed in good order.
    CLOSE = auto()
    #: It is reset.
    RESET = auto()
    #: It stays open and nothing more comes.
    STALL = auto()
    #: One byte comes every 20 ms, for ever.
    DRIP = auto()
    #: It waits for the next request.
    KEEP = auto()


def http_answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    """Return an HTTP response as bytes; `retry_after="7"` is a header too."""
    lines = [
        f"HTTP/1.1 {status} Scripted",
        f"Content-Length: {len(body)}",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@attrs.frozen(kw_only=True)
class Script:
    """What a server does with each request."""

    place: Place = Place.SERVER
    #: The server reads the whole request before it does anything.
    reads: bool = True
    #: What it then sends.
    answer: bytes = attrs.field(default=b"", repr=False)
    end: End = End.CLOSE

    @property
    def arrives(self) -> bool:
        """Whether the server has read the whole request."""
        return self.reads and self.place is Place.SERVER


@attrs.frozen(kw_only=True)
class HttpAnswer:
    """An answer that a vendor gives."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def script(self) -> Script:
        """A server that gives it and keeps the connection."""
        answer = http_answer(self.status, self.body, **self.headers)
        return Script(answer=answer, end=End.KEEP)


@attrs.frozen(kw_only=True)
class WireFault:
    """One thing that can happen on the wire, and what it means for a submission."""

    #: `stalled`, `http_502`.
    name: str
    script: Script
    outcome: Outcome
    reason: Reason
    #: How many seconds from now the answer's `retry_at` must lie; None: no such time.
    retry_after: int | None = None

    @property
    def timeouts(self) -> Timeouts:
        """Short where the fault makes one wait; else long, for busy machines."""
        hides = self.script.place in (Place.FULL, Place.SILENT_TLS)
        stalls = self.script.end in (End.STALL, End.DRIP)
        return Timeouts(connect=0.2 if hides else 5, read=0.2 if stalls else 5)


_PAGE = b"<!DOCTYPE html><html><title>Gateway</title><body>Sorry.</body></html>"
_HTML = {"content_type": "text/html; charset=utf-8"}


def _not_sent(name: str, place: Place) -> WireFault:
    return WireFault(
        name=name,
        script=Script(place=place),
        outcome=Outcome.REJECTED,
        reason=Reason.CONNECT_FAILED,
    )


def _lost(
    name: str, answer: bytes = b"", end: End = End.CLOSE, *, reads: bool = True
) -> WireFault:
    return WireFault(
        name=name,
        script=Script(reads=reads, answer=answer, end=end),
        outcome=Outcome.UNKNOWN,
        reason=Reason.NO_RESPONSE,
    )


def _status(
    status: int, outcome: Outcome, reason: Reason, retry_after: int | None = None
) -> WireFault:
    headers = {} if retry_after is None else {"retry_after": str(retry_after)}
    page = http_answer(status, _PAGE, **_HTML, location="/again", **headers)
    return WireFault(
        name=f"http_{status}" + ("_retry_after" if headers else ""),
        script=Script(answer=page, end=End.KEEP),
        outcome=outcome,
        reason=reason,
        retry_after=retry_after,
    )


_REJECTED, _UNKNOWN = Outcome.REJECTED, Outcome.UNKNOWN

#: What happened on the wire, what it means, and whether the request arrived.
FAULTS = (
    # Nothing left.
    _not_sent("refused", Place.REFUSED),
    _not_sent("connect_timeout", Place.FULL),
    _not_sent("unknown_host", Place.UNKNOWN_HOST),
    _not_sent("tls_untrusted", Place.UNTRUSTED),
    _not_sent("tls_silent", Place.SILENT_TLS),
    # The request was written: a server that closes unread looks like any other.
    _lost("closed_unread", reads=False),
    _lost("closed", end=End.CLOSE),
    _lost("reset", end=End.RESET),
    _lost("stalled", end=End.STALL),
    _lost("stalled_body", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", End.STALL),
    _lost("truncated_head", b"HTTP/1.1 200 OK\r\nContent-Le"),
    _lost("truncated", b'HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"code"'),
    _lost("drip", b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n", End.DRIP),
    # An answer came that no vendor documents.
    _lost("empty", http_answer(200), End.KEEP),
    _lost("no_content", b"HTTP/1.1 204 No Content\r\n\r\n", End.KEEP),
    _lost("html", http_answer(200, _PAGE, **_HTML), End.KEEP),
    _lost("garbage", http_answer(200, bytes(range(256))), End.KEEP),
    _lost("not_http", b"SSH-2.0-OpenSSH_9.9\r\n", End.STALL),
    _lost(
        "broken_chunks",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
        End.STALL,
    ),
    _lost("broken_gzip", http_answer(200, b"{}", content_encoding="gzip"), End.KEEP),
    _lost(
        "wrong_encoding",
        http_answer(200, '{"code": 2, "msg": "提交成功"}'.encode("utf-16")),
        End.KEEP,
    ),
    _lost("oversized", http_answer(200, b" " * MAX_BODY + b"{}"), End.KEEP),
    # Redirects are not followed.
    _status(301, _REJECTED, Reason.INVALID_REQUEST),
    _status(302, _REJECTED, Reason.INVALID_REQUEST),
    _status(307, _REJECTED, Reason.INVALID_REQUEST),
    _status(308, _REJECTED, Reason.INVALID_REQUEST),
    # A firewall's page, as far as anybody can tell.
    _status(401, _REJECTED, Reason.ACCESS_DENIED),
    _status(403, _REJECTED, Reason.ACCESS_DENIED),
    # Refused by some other status.
    _status(400, _REJECTED, Reason.UNMAPPED),
    _status(404, _REJECTED, Reason.UNMAPPED),
    _status(422, _REJECTED, Reason.UNMAPPED),
    # Too fast.
    _status(429, _REJECTED, Reason.THROTTLED),
    _status(429, _REJECTED, Reason.THROTTLED, retry_after=7),
    # The server states that it did not take it.
    _status(503, _REJECTED, Reason.PROVIDER_ERROR, retry_after=7),
    # A gateway gave up waiting for who may have processed it.
    _status(408, _UNKNOWN, Reason.NO_RESPONSE),
    _status(502, _UNKNOWN, Reason.NO_RESPONSE),
    _status(504, _UNKNOWN, Reason.NO_RESPONSE),
    # The server failed somewhere.
    _status(500, _UNKNOWN, Reason.SERVER_ERROR),
    _status(501, _UNKNOWN, Reason.SERVER_ERROR),
    _status(503, _UNKNOWN, Reason.SERVER_ERROR),
    _status(599, _UNKNOWN, Reason.SERVER_ERROR),
)
