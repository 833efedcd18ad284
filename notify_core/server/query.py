"""Reads the query of a request: every parameter known, none twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from aiohttp import web

from notify_core.errors import InvalidMessage, Problem
from notify_core.names import nearest
from notify_core.server.problem import Kind, Refused
from notify_core.wire import from_builtins
from notify_core.wire.misfit import shown

T = TypeVar("T")

_SAID = "`errors` names the parameters that are wrong"


def parameters(request: web.Request, known: Iterable[str]) -> dict[str, str]:
    """Return the parameters of a query.

    Raises:
        Refused: One is unknown, or there twice.
    """
    known = tuple(known)
    problems = []
    for name in request.query:
        if name not in known:
            why = f"is unknown; {nearest(shown(name), known)}"
            problems.append(Problem(pointer=f"/{shown(name)}", message=why))
        elif len(request.query.getall(name)) > 1:
            problems.append(Problem(pointer=f"/{name}", message="is there twice"))
    if problems:
        raise Refused(Kind.MALFORMED, _SAID, problems=tuple(problems))
    return dict(request.query)


def wrong_parameter(name: str, why: str) -> Refused:
    """Return the refusal of a parameter."""
    problem = Problem(pointer=f"/{name}", message=why)
    return Refused(Kind.MALFORMED, _SAID, problems=(problem,))


def wrong_field(name: str, why: str) -> Refused:
    """Return the refusal of a field of a body."""
    problem = Problem(pointer=f"/{name}", message=why)
    said = "`errors` says what to mend"
    return Refused(Kind.INVALID_REQUEST, said, problems=(problem,))


def typed(cls: type[T], value: Any, name: str) -> T:
    """Return a parameter as what it stands for.

    Raises:
        Refused: It is none.
    """
    try:
        return from_builtins(cls, value)
    except InvalidMessage as error:
        fault = error.problems[0].message
        raise Refused(
            Kind.MALFORMED,
            _SAID,
            problems=(Problem(pointer=f"/{name}", message=fault),),
        ) from None


def fields(body: object, known: Mapping[str, type]) -> dict[str, Any]:
    """Return the fields of a small JSON object.

    Raises:
        Refused: It is none, or one is unknown or of another type.
    """
    if not isinstance(body, dict):
        raise Refused(Kind.INVALID_REQUEST, "send a JSON object")
    problems = []
    for name, value in body.items():
        if name not in known:
            why = f"is unknown; {nearest(shown(name), known)}"
            problems.append(Problem(pointer=f"/{shown(name)}", message=why))
        elif not isinstance(value, known[name]):
            why = f"must be {known[name].__name__}"
            problems.append(Problem(pointer=f"/{name}", message=why))
    if problems:
        raise Refused(
            Kind.INVALID_REQUEST, "`errors` says what to mend", problems=tuple(problems)
        )
    return body
