"""Reads a configuration that a program made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notify_core.config.document import Document, below
from notify_core.config.scalars import bounded, whole
from notify_core.config.yaml_reader import MAX_DEPTH
from notify_core.errors import Problem
from notify_core.secret import Secret


class MappingReader:
    """One reading of one mapping: a copy that holds only what a file can hold.

    A `Secret` is kept as it is: where a file writes a reference, a program may give
    the secret itself.
    """

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    def read(self, source: Mapping[str, Any]) -> Document:
        """Return the content; faults have pointers and no lines."""
        content = self._read_value(source, "", 1)
        return Document(content=content, problems=tuple(self._problems))

    def _read_value(self, value: Any, pointer: str, depth: int) -> Any:
        try:
            return self._read_content(value, pointer, depth)
        except ValueError as error:
            self._problems.append(Problem(pointer=pointer, message=str(error)))
            return None

    def _read_content(self, value: Any, pointer: str, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise ValueError(f"is nested deeper than {MAX_DEPTH} levels")
        match value:
            case None | bool() | Secret():
                return value
            case str():
                return whole(str.__str__(value))
            case int() | float():
                return bounded(value)
            case Mapping():
                return self._read_mapping(value, pointer, depth)
            case list() | tuple():
                return [
                    self._read_value(element, below(pointer, index), depth + 1)
                    for index, element in enumerate(value)
                ]
        raise ValueError(f"is a Python {type(value).__name__}, which no file can hold")

    def _read_mapping(
        self, value: Mapping[Any, Any], pointer: str, depth: int
    ) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key, element in value.items():
            name = _key(key)
            mapping[name] = self._read_value(element, below(pointer, name), depth + 1)
        return mapping


def _key(key: object) -> str:
    if isinstance(key, str):
        return whole(str.__str__(key))
    raise ValueError(f"has a key that is a Python {type(key).__name__}, not a text")
