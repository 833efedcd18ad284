"""Takes an option out of a configuration that has it."""

import re
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from notify_core.config.document import Document

#: Stands for no value at all.
NOTHING = object()

#: A label's name is one key with a point in it.
_ANY_NAME = r"(?:labels\.)?[^.\[\]]+"
_ROUTES_BELOW = re.compile(r"^routes(\.routes\[\])+")


def covers(pattern: str, way: str) -> bool:
    """Return whether a pattern, `policies.*.deadline`, stands for a way."""
    expression = re.escape(pattern).replace(r"\*", _ANY_NAME)
    return re.fullmatch(expression, _ROUTES_BELOW.sub("routes", way)) is not None


@attrs.define
class Removal:
    """Takes away every value that a pattern stands for, or puts another in its place.

    Attributes:
        pattern: Which, `policies.*.limits[].over`.
        instead: What stands there then; `NOTHING`: the default holds.
        happened: Whether there was one.
    """

    pattern: str
    instead: Any = NOTHING
    happened: bool = False

    @classmethod
    def of(cls, mark: pytest.Mark) -> "Removal":
        """Return what a marker `option(pattern, ...)` asks for."""
        return cls(*mark.args, **mark.kwargs)

    def __call__(self, document: Document) -> Document:
        """Return the configuration without the option."""
        return attrs.evolve(document, content=self._without(document.content, ""))

    def _without(self, value: Any, way: str) -> Any:
        if isinstance(value, dict):
            return dict(self._entries(value, way))
        if isinstance(value, list):
            return [self._without(element, f"{way}[]") for element in value]
        return value

    def _entries(self, mapping: dict[str, Any], way: str) -> Iterator[tuple[str, Any]]:
        for key, value in mapping.items():
            below = f"{way}.{key}".removeprefix(".")
            if not covers(self.pattern, below):
                yield key, self._without(value, below)
                continue
            self.happened = True
            if self.instead is not NOTHING:
                yield key, self.instead
