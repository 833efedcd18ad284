"""A configuration as it was written: values, and where each of them stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from notify_core.aside import breathe
from notify_core.errors import Problem
from notify_core.secret import Secret


@attrs.frozen
class Place:
    """Line and column in a file, from 1."""

    line: int
    column: int


class GivenSecret(dict[str, str]):
    """Stands for a `Secret`: a reference to something that is nowhere written."""

    def __init__(self) -> None:
        super().__init__(env="SECRET")


@attrs.frozen(kw_only=True)
class Document:
    """A configuration, read and not yet checked."""

    #: Mappings, lists, texts, numbers, truth values, None; from Python also `Secret`.
    content: Any = attrs.field(repr=False)
    #: As the user named it; None when the configuration came from Python.
    file: str | None = None
    #: Where relative paths in the configuration begin.
    folder: Path = attrs.field(factory=Path)
    #: JSON pointer to the place of the value.
    values: Mapping[str, Place] = attrs.field(factory=dict, repr=False)
    #: JSON pointer to the place of the key before the value.
    keys: Mapping[str, Place] = attrs.field(factory=dict, repr=False)
    #: Faults that did not keep the rest from being read.
    problems: tuple[Problem, ...] = ()

    @property
    def public(self) -> Any:
        """The content with a reference in the place of each secret from Python."""
        return _public(self.content)

    @property
    def root(self) -> Node:
        """The whole content."""
        return Node(self, "", self.content)

    def problem(self, pointer: str, message: str, *, at_key: bool = False) -> Problem:
        """Return a fault of the value at *pointer*, or of its key."""
        place = self._place(pointer, at_key=at_key)
        return Problem(
            pointer=pointer,
            message=message,
            file=self.file,
            line=None if place is None else place.line,
            column=None if place is None else place.column,
        )

    def ordered(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """Return problems in the order of this file, then those of others by file."""

        def key(problem: Problem) -> tuple[object, ...]:
            is_of_another = problem.file != self.file
            return is_of_another, problem.file or "", *by_place(problem)

        return tuple(sorted(problems, key=key))

    def _place(self, pointer: str, *, at_key: bool) -> Place | None:
        """Return the place of a value, of its key, or of what it should stand in."""
        if self.file is None:
            return None
        first, second = self.values, self.keys
        if at_key:
            first, second = second, first
        while pointer not in first and pointer not in second and pointer:
            pointer = pointer.rpartition("/")[0]
            first, second = self.keys, self.values
        return first.get(pointer) or second.get(pointer) or Place(1, 1)


@attrs.frozen
class Node:
    """One value of a configuration and where it stands.

    Reading it never fails: a mapping, list or text that is something else, which
    the schema's complaint names, reads as an empty one or as none.
    """

    document: Document = attrs.field(repr=False)
    pointer: str
    value: Any = attrs.field(repr=False)

    def __getitem__(self, key: str | int) -> Node:
        breathe()
        return Node(self.document, below(self.pointer, key), self._child(key))

    def entries(self) -> Iterator[tuple[str, Node]]:
        """Yield name and value of a mapping."""
        if isinstance(self.value, dict):
            for key in self.value:
                yield key, self[key]

    def elements(self) -> Iterator[Node]:
        """Yield the elements of a list."""
        if isinstance(self.value, list):
            for index in range(len(self.value)):
                yield self[index]

    def inside(self) -> Iterator[Node]:
        """Yield the values of a mapping, or the elements of a list."""
        yield from self.elements()
        yield from (child for _, child in self.entries())

    @property
    def text(self) -> str | None:
        """The value, when it is a text."""
        return self.value if isinstance(self.value, str) else None

    def names(self) -> set[str]:
        """Return the keys of a mapping."""
        return set(self.value) if isinstance(self.value, dict) else set()

    def problem(self, message: str) -> Problem:
        """Return a fault of this value."""
        return self.document.problem(self.pointer, message)

    def key_problem(self, message: str) -> Problem:
        """Return a fault of this value as a whole, shown at its key."""
        return self.document.problem(self.pointer, message, at_key=True)

    def _child(self, key: str | int) -> Any:
        if isinstance(key, int):
            return self.value[key]
        return self.value.get(key) if isinstance(self.value, dict) else None


def below(pointer: str, key: str | int) -> str:
    """Return the JSON pointer of what stands under *key* (RFC 6901)."""
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


def by_place(problem: Problem) -> tuple[int, int, str]:
    """Return what sorts problems in the order of the file."""
    return problem.line or 0, problem.column or 0, problem.pointer


def _public(value: Any) -> Any:
    match value:
        case Secret():
            return GivenSecret()
        case dict():
            return {key: _public(child) for key, child in value.items()}
        case list():
            return [_public(child) for child in value]
    return value
