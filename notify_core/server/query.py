"""Reads small requests: parameters of a query, and fields of a JSON object."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any, TypeVar

from aiohttp import web

from notify_core.errors import InvalidMessage, Problem
from notify_core.names import nearest
from notify_core.server.problem import Kind, Refused
from notify_core.wire import from_builtins
from notify_core.wire.misfit import kind_of, pointer_to, shown

T = TypeVar("T")

_SAID = {
    Kind.MALFORMED: "`errors` names the parameters that are wrong",
    Kind.INVALID_REQUEST: "`errors` says what to mend",
}
#: A + that was not written as %2B: before a number, and before the zone of a time.
_LOST_PLUS = re.compile(r"^ (?=[0-9])| (?=[0-9]{2}:[0-9]{2}$)")


def check_query(request: web.Request, known: Collection[str]) -> None:
    """Make sure that each parameter of a query is known, and none there twice.

    Raises:
        Refused: One is not.
    """
    query = request.query
    faults = {name: _unknown(name, known) for name in query if name not in known}
    twice = (name for name in query if len(query.getall(name)) > 1)
    _refuse(Kind.MALFORMED, faults | dict.fromkeys(twice, "is there twice"))


def with_plus(text: str) -> str:
    """Return a parameter with the + that stands for a space in a query."""
    return _LOST_PLUS.sub("+", text)


def wrong_parameter(name: str, why: str) -> Refused:
    """Return the refusal of a parameter."""
    return _refused(Kind.MALFORMED, {name: why})


def wrong_field(name: str, why: str) -> Refused:
    """Return the refusal of a field of a body."""
    return _refused(Kind.INVALID_REQUEST, {name: why})


def parameter(cls: type[T], text: str, name: str) -> T:
    """Return a parameter as what it stands for.

    Raises:
        Refused: It is none.
    """
    return _typed(cls, text, name, Kind.MALFORMED)


def field(cls: type[T], value: Any, name: str) -> T:
    """Return a field of a body as what it stands for.

    Raises:
        Refused: It is none.
    """
    return _typed(cls, value, name, Kind.INVALID_REQUEST)


def texts(
    body: object, known: Collection[str], needed: Iterable[str]
) -> dict[str, str]:
    """Return the fields of a JSON object in which each is a string.

    Args:
        body: What was sent.
        known: The fields that there are.
        needed: Those that have to be there, and say something.

    Raises:
        Refused: It is none; carries every fault.
    """
    if not isinstance(body, dict):
        raise Refused(Kind.INVALID_REQUEST, "send a JSON object")
    faults = {name: _unknown(name, known) for name in body if name not in known}
    for name in body.keys() & set(known):
        if not isinstance(body[name], str):
            faults[name] = f"must be a string, not {kind_of(body[name])}"
    for name in needed:
        if not str(body.get(name, "")).strip():
            faults[name] = "is missing" if name not in body else "is empty"
    _refuse(Kind.INVALID_REQUEST, faults)
    return body


def _typed(cls: type[T], value: Any, name: str, kind: Kind) -> T:
    try:
        return from_builtins(cls, value)
    except InvalidMessage as error:
        raise _refused(kind, {name: error.problems[0].message}) from None


def _unknown(name: str, known: Iterable[str]) -> str:
    return f"is unknown; {nearest(shown(name), known)}"


def _refuse(kind: Kind, faults: dict[str, str]) -> None:
    if faults:
        raise _refused(kind, faults)


def _refused(kind: Kind, faults: dict[str, str]) -> Refused:
    problems = [
        Problem(pointer=pointer_to(shown(name)), message=why)
        for name, why in faults.items()
    ]
    return Refused(kind, _SAID[kind], problems=tuple(problems))
