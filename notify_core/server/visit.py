"""One request, from its arrival to its answer: its id, its log line, its failure."""

from __future__ import annotations

import logging
import re
import time
import traceback
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from random import getrandbits

import attrs
from aiohttp import web

from notify_core.errors import NotifyError
from notify_core.metrics.families import Family
from notify_core.server.problem import Kind, Refused, refused

log = logging.getLogger("notify_core.server")

REQUEST_ID = "X-Request-Id"
_ID_BITS = 96
_ID = re.compile("[A-Za-z0-9._-]{1,128}")
#: nginx's word for a client that did not wait for the answer.
_GONE = 499

#: Where an application counts its problems, by type.
PROBLEMS = web.AppKey("notify_core.problems", Family)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@attrs.define
class Visit:
    """What is known of the request that is being answered."""

    #: The caller's own, or one of ours.
    id: str
    #: Name of the key that it showed; empty: none yet.
    caller: str = ""


visit: ContextVar[Visit | None] = ContextVar("notify_core.server.visit", default=None)


class RequestIds(logging.Filter):
    """Adds `request_id` to log records: that of the request being answered, or `-`."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add it; no record is left out."""
        current = visit.get()
        record.request_id = "-" if current is None else current.id
        return True


@web.middleware
async def answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a request whatever happens, with its id, and write it down."""
    given = request.headers.get(REQUEST_ID, "")
    current = Visit(given if _ID.fullmatch(given) else new_id())
    visit.set(current)
    started = time.perf_counter()
    status = _GONE
    try:
        response = await handler(request)
        status = response.status
    except ConnectionError:
        raise  # nobody is there to read an answer
    except Exception as error:  # noqa: BLE001 (the last door: a caller gets an answer)
        refusal = _refusal(error)
        if refusal.kind is Kind.STORE_UNAVAILABLE:
            log.warning("the store is away: %s", refusal.cause)
        request.app[PROBLEMS][(refusal.kind.label,)].inc()
        response = refusal.response(current.id)
        status = response.status
    finally:
        if log.isEnabledFor(logging.INFO):
            seconds = time.perf_counter() - started
            write_down(current, request.method, _path(request), status, seconds)
    if not response.prepared:
        response.headers[REQUEST_ID] = current.id
    return response


def new_id() -> str:
    """Return the id of a request that brings none."""
    # It guards nothing, and the system's randomness takes a call of the system.
    return f"{getrandbits(_ID_BITS):024x}"


def _refusal(error: Exception) -> Refused:
    """Return what the caller is told of an error."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, NotifyError):
        return refused(error)
    if isinstance(error, web.HTTPException):
        return _of_framework(error)
    return _defect(error)


def _of_framework(error: web.HTTPException) -> Refused:
    """Return what is told of a request that met no handler."""
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        why = f"this takes {allowed}"
        return Refused(Kind.METHOD_NOT_ALLOWED, why, headers={"Allow": allowed})
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return Refused(Kind.TOO_LARGE, "the body is too large")
    if isinstance(error, web.HTTPNotFound):
        return Refused(Kind.NOT_FOUND, "no such path: see /v1/openapi.json")
    return Refused(Kind.MALFORMED, error.reason)


def _defect(error: Exception) -> Refused:
    """Write a defect down, and return what is told of it: nothing."""
    # Where, not what: an unforeseen text may hold a number or a key.
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "?"
    log.error("unforeseen %s at %s", type(error).__name__, place)
    return Refused(Kind.DEFECT, "the log says more under this request_id")


def write_down(
    current: Visit, method: str, path: str, status: int, seconds: float
) -> None:
    """Write the line of a request to the log."""
    log.info(
        "request id=%s caller=%s method=%s path=%s status=%d seconds=%.4f",
        current.id,
        current.caller or "-",
        method,
        path,
        status,
        seconds,
        extra={"request": current.id, "status": status, "path": path},
    )


def _path(request: web.Request) -> str:
    # As it is declared: a real one may hold a token or a number.
    resource = request.match_info.route.resource
    return "-" if resource is None else resource.canonical
