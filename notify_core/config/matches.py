"""Reads what a route matches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from notify_core.config.defaults import region_fault
from notify_core.config.document import Node
from notify_core.config.wording import shown
from notify_core.errors import Problem
from notify_core.model.masking import masked
from notify_core.patterns import pattern_fault
from notify_core.routing.matcher import EVERYTHING, Condition, Match, Operator

#: As messages have them: E.164; an e-mail address; the name of an endpoint.
_ADDRESS = re.compile(
    r"\+[1-9]\d{1,14}|[^\s@]+@[^\s@A-Z]+|(?!\d+$)[a-z0-9][a-z0-9_-]*", re.ASCII
)

_COUNTRY = re.compile("[A-Z]{2}")


def match(written: Mapping[str, Any] | None) -> Match:
    """Return what a `match` says; the schema was kept."""
    if written is None:
        return EVERYTHING
    return Match(
        tuple(
            _condition(field, operator, wanted)
            for field, said in written.items()
            for operator, wanted in _operators(said).items()
        )
    )


def match_problems(node: Node) -> Iterator[Problem]:
    """Yield what no schema says of a `match`."""
    for field, said in node.entries():
        if (fault := pattern_fault(said["regex"].text or "")) is not None:
            # Where a recipient is wanted, the expression may hold an address.
            yield said["regex"].problem(f"{_shown(field, said['regex'])} {fault}")
        if field == "recipient":
            yield from _address_problems(said)
        if field == "country":
            yield from _country_problems(said)


def equal_values(said: Node) -> Iterator[Node]:
    """Yield every value that a field is compared with as a whole."""
    yield said
    for operator in ("eq", "in", "not"):
        yield said[operator]
        yield from said[operator].elements()


def _address_problems(said: Node) -> Iterator[Problem]:
    for value in equal_values(said):
        if value.text is not None and not _ADDRESS.fullmatch(value.text):
            why = "is no address; write +8613800138000, jane@example.com or an endpoint"
            yield value.problem(f"{_shown('recipient', value)} {why}")


def _country_problems(said: Node) -> Iterator[Problem]:
    for value in equal_values(said):
        # What is no code at all is told by the schema.
        is_code = value.text is not None and _COUNTRY.fullmatch(value.text)
        fault = region_fault(value.text) if value.text and is_code else None
        if fault is not None:
            yield value.problem(f"{value.text!r} {fault}")


def _shown(field: str, node: Node) -> str:
    text = node.text or ""
    return shown(masked(text) if field == "recipient" else text)


def _operators(said: Any) -> Mapping[str, Any]:
    return said if isinstance(said, dict) else {"eq": said}


def _condition(field: str, operator: str, wanted: Any) -> Condition:
    if operator == "exists":
        return Condition(field, Operator.EXISTS if wanted else Operator.ABSENT)
    several = tuple(wanted) if isinstance(wanted, list) else (wanted,)
    return Condition(field, Operator("in" if operator == "eq" else operator), several)
