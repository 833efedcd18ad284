"""Reads YAML without its surprises, noting where everything stands.

It reads the parser's events, not its values: so a duplicate key is seen, an alias
repeats a value without copying it, and depth and number are bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import yaml

from notify_core.aside import breathe
from notify_core.config.document import Document, Place, below
from notify_core.config.scalars import Scalar, plain_value, whole
from notify_core.config.secrets import WRITTEN
from notify_core.errors import Problem

#: Levels of mappings and lists in each other.
MAX_DEPTH = 32
#: Values in one file, with all that its aliases repeat.
MAX_VALUES = 100_000

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN_TAGS = (None, "tag:yaml.org,2002:str")

_Read = TypeVar("_Read")


class Unreadable(Exception):
    """The text breaks off.

    Attributes:
        problems: What was found, the last one being what stopped the reading.
    """

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("unreadable")
        self.problems = problems


class YamlReader:
    """One reading of one text.

    Args:
        text: The whole file.
        file: Its name, for the problems.
    """

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._values: dict[str, Place] = {}
        self._keys: dict[str, Place] = {}
        self._problems: list[Problem] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._count = 0
        self._events: Iterator[Any] = yaml.parse(text, Loader=_Loader)

    def read(self) -> Document:
        """Return the content with the place of everything in it.

        Raises:
            Unreadable: The text is no YAML, or there is too much of it.
        """
        try:
            content = self._read_document()
        except yaml.MarkedYAMLError as error:
            self._report(error.problem_mark, "", _syntax_fault(error, self._text))
        else:
            return Document(
                content=content,
                file=self._file,
                values=self._values,
                keys=self._keys,
                problems=tuple(self._problems),
            )
        # Not in the except block: the library's exception quotes the text.
        raise Unreadable(self._problems)

    def _read_document(self) -> Any:
        next(self._events)
        if not isinstance(next(self._events), yaml.DocumentStartEvent):
            return None
        content = self._read_value(next(self._events), "", 1)
        next(self._events)
        after = next(self._events)
        if isinstance(after, yaml.DocumentStartEvent):
            self._stop(after, "", "a second document begins here; only one is read")
        return content

    def _read_value(self, event: Any, pointer: str, depth: int) -> Any:
        breathe()
        self._values.setdefault(pointer, _place(event.start_mark))
        self._weigh(event, pointer, 1)
        if depth > MAX_DEPTH:
            self._stop(event, pointer, f"is nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, yaml.AliasEvent):
            return self._read_alias(event, pointer)
        if event.tag not in _PLAIN_TAGS:
            refused = f"has a tag (!), which is refused; {_instead_of(event.tag)}"
            self._report(event.start_mark, pointer, refused)
        before = self._count
        value = self._read_content(event, pointer, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, self._count - before)
        return value

    def _read_content(self, event: Any, pointer: str, depth: int) -> Any:
        if isinstance(event, yaml.MappingStartEvent):
            return self._read_mapping(pointer, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._read_sequence(pointer, depth)
        return self._read_scalar(event, pointer)

    def _read_mapping(self, pointer: str, depth: int) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._read_key(event, pointer, depth)
            place = below(pointer, "?" if key is None else key)
            if key in mapping:
                line = self._keys[place].line
                self._report(event.start_mark, place, f"stands in line {line} already")
            self._keys.setdefault(place, _place(event.start_mark))
            value = self._read_value(next(self._events), place, depth + 1)
            if key is not None:
                mapping.setdefault(key, value)
        return mapping

    def _read_key(self, event: Any, pointer: str, depth: int) -> str | None:
        """Return a key, which is its own text; None after one that cannot be used."""
        if not isinstance(event, yaml.ScalarEvent):
            wrong = "has a key that is no text; put it in quotes"
            self._report(event.start_mark, pointer, wrong)
            self._read_value(event, below(pointer, "?"), depth + 1)
            return None
        if event.value == "<<" and event.implicit[0]:
            merged = "has a merge key (<<), which is refused; write the keys out"
            self._report(event.start_mark, pointer, merged)
            return None
        return self._checked(event, pointer, whole)

    def _read_sequence(self, pointer: str, depth: int) -> list[Any]:
        sequence: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            place = below(pointer, len(sequence))
            sequence.append(self._read_value(event, place, depth + 1))
        return sequence

    def _read_alias(self, event: Any, pointer: str) -> Any:
        if event.anchor not in self._anchors:
            missing = f"no anchor &{event.anchor} stands before it"
            self._report(event.start_mark, pointer, missing)
            return None
        value, weight = self._anchors[event.anchor]
        self._weigh(event, pointer, weight)
        return value

    def _read_scalar(self, event: Any, pointer: str) -> Scalar:
        is_plain = event.implicit[0] and event.tag is None
        return self._checked(event, pointer, plain_value if is_plain else whole)

    def _checked(
        self, event: Any, pointer: str, read: Callable[[str], _Read]
    ) -> _Read | None:
        try:
            return read(event.value)
        except ValueError as error:
            self._report(event.start_mark, pointer, str(error))
            return None

    def _weigh(self, event: Any, pointer: str, weight: int) -> None:
        self._count += weight
        if self._count > MAX_VALUES:
            self._stop(event, pointer, f"makes it more than {MAX_VALUES} values")

    def _stop(self, event: Any, pointer: str, message: str) -> None:
        self._report(event.start_mark, pointer, message)
        raise Unreadable(self._problems)

    def _report(self, mark: Any, pointer: str, message: str) -> None:
        place = _place(mark)
        problem = Problem(
            pointer=pointer,
            message=message,
            file=self._file,
            line=place.line,
            column=place.column,
        )
        self._problems.append(problem)


def _instead_of(tag: str) -> str:
    """Return what is written in the place of a tag, by what others mean with it."""
    for kind, reference in WRITTEN.items():
        if tag.lower().startswith(f"!{kind}"):
            return f"write {reference}"
    return "a text in quotes needs none"


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1)


def _syntax_fault(error: yaml.MarkedYAMLError, text: str) -> str:
    """Say what the library says, without the lines that it quotes."""
    mark, context = error.problem_mark, error.context_mark
    line = "".join(text.split("\n")[mark.line : mark.line + 1]) if mark else ""
    if mark and line[mark.column : mark.column + 1] == "\t":
        return "a tab stands here; YAML is indented with spaces"
    begun = f", {error.context}" if error.context else ""
    where = f" that begins in line {context.line + 1}" if context else ""
    return f"{error.problem}{begun}{where}"
