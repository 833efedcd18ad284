"""Plain data becomes attrs classes without coercion, or an error names every fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import attrs
import pytest

from notify_core.testing.emulator import structure


@attrs.frozen(kw_only=True)
class Part:
    size: int = attrs.field(validator=attrs.validators.ge(0))
    names: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Whole:
    name: str
    parts: tuple[Part, ...] = ()
    weight: float | None = None
    labels: Mapping[str, str] = attrs.field(factory=dict)
    colour: Literal["red", "green"] = "red"
    sold: bool = False
    length: int = attrs.field(init=False, default=0)


def test_plain_data_becomes_the_class() -> None:
    data = {
        "name": "box",
        "parts": [{"size": 1, "names": ["lid"]}],
        "weight": 2,
        "labels": {"a": "b"},
        "colour": "green",
    }

    whole = structure(data, Whole, "box")

    assert whole.parts == (Part(size=1, names=("lid",)),)
    assert (whole.weight, whole.labels, whole.colour) == (2.0, {"a": "b"}, "green")


def test_ready_values_are_taken_as_they_are() -> None:
    part = Part(size=1)
    whole = Whole(name="box")

    assert structure(whole, Whole, "box") is whole
    assert structure({"name": "box", "parts": [part]}, Whole, "box").parts == (part,)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (3, "expected a mapping, got a whole number @ box"),
        ({}, "missing key name @ box.name"),
        ({"name": 1}, "expected text, got a whole number @ box.name"),
        ({"name": "b", "sold": 1}, "expected true or false, got a whole number"),
        ({"name": "b", "parts": "ab"}, "expected a list, got text @ box.parts"),
        ({"name": "b", "parts": [{"size": True}]}, "got true or false @ box.parts[0]"),
        ({"name": "b", "parts": [{"size": -1}]}, "'size' must be >= 0"),
        ({"name": "b", "parts": [3]}, "expected a mapping, got a whole number"),
        ({"name": "b", "labels": {"a": 1}}, "got a whole number @ box.labels['a']"),
        ({"name": "b", "labels": "a"}, "expected a mapping, got text @ box.labels"),
        ({"name": "b", "colour": "blue"}, "expected one of red, green @ box.colour"),
        ({"name": "b", "length": 1}, "unknown key length (known: name, parts, weight"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(data: Any, complaint: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (compared below)
        structure(data, Whole, "box")

    assert complaint in str(caught.value)


def test_all_faults_are_reported_at_once() -> None:
    data = {"name": 1, "parts": [{"size": "big"}], "colr": "red"}

    with pytest.raises(ValueError) as caught:  # noqa: PT011 (compared below)
        structure(data, Whole, "box")

    assert str(caught.value).count(" @ box") == 3
