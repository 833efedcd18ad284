"""Reads the tests that a configuration has of itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Any

from notify_core.config.document import Node
from notify_core.config.routes import routes_by_name
from notify_core.config.wording import shown
from notify_core.errors import InvalidMessage, Problem
from notify_core.model.duration import parse_duration
from notify_core.model.message import Message
from notify_core.model.outcome import Reason
from notify_core.model.route_test import LONGEST, NO_PAUSE, RouteTest, time_fault
from notify_core.model.status import Status
from notify_core.names import nearest
from notify_core.policy.policy_set import PolicySet
from notify_core.wire import from_builtins, message_from_builtins

Written = Mapping[str, Any]

#: When a test begins that does not say: noon on a Thursday.
_NOON = datetime(2026, 1, 1, 12)


def route_tests(tests: Node, timezone: tzinfo) -> tuple[RouteTest, ...]:
    """Return the tests of a checked configuration.

    Args:
        tests: All of them.
        timezone: Of tests that do not say when they begin.
    """
    return tuple(_route_test(node, timezone) for node in tests.elements())


def _route_test(node: Node, timezone: tzinfo) -> RouteTest:
    written: Written = node.value
    when = written.get("when", {})
    return RouteTest(
        name=written["name"],
        at=_moment(written["at"])
        if "at" in written
        else _NOON.replace(tzinfo=timezone),
        given=tuple(_messages(node)),
        repeat=written.get("repeat", 1),
        every=parse_duration(written["every"]) if "every" in written else NO_PAUSE,
        answers=MappingProxyType({name: _reasons(said) for name, said in when.items()}),
        expected=MappingProxyType(
            {name: _EXPECTED[name](said) for name, said in written["expect"].items()}
        ),
        place=node.problem(""),
    )


def _messages(node: Node) -> Iterator[Message]:
    for number, given in enumerate(_given(node), 1):
        yield message_from_builtins({**given.value, "id": f"given-{number}"})


def _given(node: Node) -> list[Node]:
    given = node["given"]
    return list(given.elements()) if isinstance(given.value, list) else [given]


def _reasons(said: str | list[str]) -> tuple[Reason, ...]:
    return tuple(map(Reason, [said] if isinstance(said, str) else said))


def _moment(written: str) -> datetime:
    at = from_builtins(datetime, written)
    if (fault := time_fault(at)) is not None:
        raise InvalidMessage([Problem(pointer="", message=fault)])
    return at


_EXPECTED: Mapping[str, Callable[[Any], Any]] = {
    "route": str,
    "policy": str,
    "pool": str,
    "status": Status,
    "reason": Reason,
    "attempts": int,
    "providers": tuple,
    "retry_at": _moment,
    "invalid": tuple,
}


def route_test_problems(
    root: Node, templates: Collection[str], by_schema: Iterable[Problem]
) -> Iterator[Problem]:
    """Yield what is wrong with the tests, beside what the schema says.

    Args:
        root: The configuration.
        templates: Names of the templates, those in files too.
        by_schema: What the schema says of the whole configuration.
    """
    faulty = [f"{p.pointer}/" for p in by_schema if p.pointer.startswith("/tests/")]
    names: set[str] = set()
    known = _known(root, templates)

    def is_sound(said: Node) -> bool:
        return not any(pointer.startswith(f"{said.pointer}/") for pointer in faulty)

    for node in root["tests"].elements():
        yield from _name_problems(node["name"], names)
        yield from _link_problems(node, known)
        yield from _value_problems(node, is_sound)


def _name_problems(name: Node, names: set[str]) -> Iterator[Problem]:
    if name.text in names:
        yield name.problem(f"{shown(name.text)} is a test's name already")
    names.add(name.text or "")


def _known(root: Node, templates: Collection[str]) -> Mapping[str, Collection[str]]:
    """Return the names that there are, by what they are names of."""
    providers = root["providers"].names()
    return {
        "provider": providers,
        "pool or provider": providers | root["pools"].names(),
        "route": {name for name in routes_by_name(root["routes"]) if name},
        "policy set": root["policies"].names() | {PolicySet().name},
        "template": templates,
    }


def _link_problems(
    node: Node, known: Mapping[str, Collection[str]]
) -> Iterator[Problem]:
    for what, named in _links(node):
        if named.text is not None and named.text not in known[what]:
            why = f"is no {what}; {nearest(named.text, known[what])}"
            yield named.problem(f"{shown(named.text)} {why}")
    for name, said in node["when"].entries():
        if name not in known["provider"]:
            yield said.key_problem(
                f"is no provider; {nearest(name, known['provider'])}"
            )


def _links(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield each name that a test says, with what it is a name of."""
    expect = node["expect"]
    yield "route", expect["route"]
    yield "policy set", expect["policy"]
    yield "pool or provider", expect["pool"]
    for provider in expect["providers"].elements():
        yield "provider", provider
    if "invalid" in expect.names():
        return  # what cannot be sent may name anything
    for given in _given(node):
        yield "template", given["template"]
        yield "route", given["route"]


def _value_problems(node: Node, is_sound: Callable[[Node], bool]) -> Iterator[Problem]:
    expect = node["expect"]
    if "invalid" in expect.names() and len(expect.names()) > 1:
        why = "stands alone: nothing becomes of a message that cannot be sent"
        yield expect["invalid"].key_problem(why)
    for said in (node["at"], expect["retry_at"]):
        if said.text is not None and is_sound(said):
            yield from _misfits(said, _moment)
    if is_sound(node["every"]) and is_sound(node["repeat"]):
        yield from _pause_problems(node)
    for given in _given(node):
        if is_sound(given) and isinstance(given.value, dict):
            yield from _misfits(given, message_from_builtins)


def _pause_problems(node: Node) -> Iterator[Problem]:
    every = node["every"]
    if every.text is None:
        return
    messages = len(_given(node)) * (node["repeat"].value or 1)
    if parse_duration(every.text).total_seconds() * messages > LONGEST.total_seconds():
        years = LONGEST.days // 365
        yield every.problem(f"leads too far: a test lasts at most {years} years")


def _misfits(node: Node, read: Callable[[Any], object]) -> Iterator[Problem]:
    try:
        read(node.value)
    except InvalidMessage as error:
        for problem in error.problems:
            pointer = node.pointer + problem.pointer
            yield node.document.problem(pointer, problem.message)
