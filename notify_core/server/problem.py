"""What a caller is told when a request is not done: RFC 9457 problem details."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

import attrs
import msgspec
from aiohttp import web

from notify_core.errors import (
    ConfigurationError,
    IdempotencyConflict,
    InvalidMessage,
    NotifyError,
    Problem,
    StoreUnavailable,
)

PROBLEM_TYPE = "application/problem+json"
#: When a store that was away is asked again, in seconds.
AGAIN: Mapping[str, str] = {"Retry-After": "5"}
_URN = "urn:notify-core:problem:{}"


class Kind(Enum):
    """The kinds of problems: HTTP status, and the title that goes with the type."""

    MALFORMED = 400, "The request cannot be read"
    UNAUTHORIZED = 401, "No valid API key was shown"
    FORBIDDEN = 403, "The API key does not open this"
    NOT_FOUND = 404, "There is no such thing"
    METHOD_NOT_ALLOWED = 405, "Not with this method"
    TOO_SLOW = 408, "The request took too long to arrive"
    IDEMPOTENCY_CONFLICT = 409, "The idempotency key was used for other content"
    TOO_LARGE = 413, "The request is too large"
    UNSUPPORTED_MEDIA_TYPE = 415, "Not in this format"
    INVALID_MESSAGE = 422, "The message cannot be sent as it is"
    INVALID_REQUEST = 422, "What is asked for cannot be done as it is"
    INVALID_CONFIGURATION = 422, "The configuration cannot be used"
    RATE_LIMITED = 429, "Too many requests with this API key"
    DEFECT = 500, "A defect in notify-core or in a plugin"
    STORE_UNAVAILABLE = 503, "Messages cannot be recorded now"
    CLOSING = 503, "The service is stopping"

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.value[0]

    @property
    def title(self) -> str:
        """For people."""
        return self.value[1]

    @property
    def label(self) -> str:
        """The end of the type, by which it is counted."""
        return self.name.lower().replace("_", "-")

    @property
    def type(self) -> str:
        """The URI that programs compare."""
        return _URN.format(self.label)


@attrs.frozen(eq=False)
class Refused(Exception):
    """A request is not done."""

    kind: Kind
    #: For people: what happened, and what to do.
    detail: str
    problems: tuple[Problem, ...] = attrs.field(default=(), kw_only=True)
    headers: Mapping[str, str] = attrs.field(factory=dict, kw_only=True)
    #: For the log alone, where the caller is not to know.
    cause: str = attrs.field(default="", kw_only=True)

    def document(self) -> dict[str, Any]:
        """Return the problem details, with a JSON pointer for each fault."""
        told: dict[str, Any] = {
            "type": self.kind.type,
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
        }
        if self.problems:
            told["errors"] = [_error(problem) for problem in self.problems]
        return told

    def response(self, request_id: str) -> web.Response:
        """Return the answer to the caller."""
        return web.Response(
            status=self.kind.status,
            headers=self.headers,
            body=msgspec.json.encode({**self.document(), "request_id": request_id}),
            content_type=PROBLEM_TYPE,
        )


def _error(problem: Problem) -> dict[str, Any]:
    told: dict[str, Any] = {"pointer": problem.pointer, "detail": problem.message}
    if problem.file is not None:
        told |= {"file": problem.file, "line": problem.line, "column": problem.column}
    return told


def refused(error: NotifyError) -> Refused:
    """Return what a caller is told about an error."""
    for kind, of in _KINDS:
        if isinstance(error, kind):
            problems: Iterable[Problem] = getattr(error, "problems", ())
            is_away = of is Kind.STORE_UNAVAILABLE
            return Refused(
                of,
                _detail(error),
                problems=tuple(problems),
                headers=AGAIN if is_away else {},
                cause=str(error) if is_away else "",
            )
    return Refused(Kind.DEFECT, type(error).__name__)


def _detail(error: NotifyError) -> str:
    match error:
        case InvalidMessage():
            return "nothing was sent; `errors` says what to mend"
        case StoreUnavailable():
            # Not which file or server: that is no caller's affair.
            return "nothing was taken: ask again; the log of the service says why"
        case ConfigurationError():
            return str(error.args[0])
    return str(error)


#: From the special to the general.
_KINDS: tuple[tuple[type[NotifyError], Kind], ...] = (
    (InvalidMessage, Kind.INVALID_MESSAGE),
    (IdempotencyConflict, Kind.IDEMPOTENCY_CONFLICT),
    (StoreUnavailable, Kind.STORE_UNAVAILABLE),
    (ConfigurationError, Kind.INVALID_CONFIGURATION),
)
