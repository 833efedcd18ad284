"""What a list is asked for, as SQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

#: A condition, with `{}` where a value stands, and its values.
Condition = tuple[str, tuple[Any, ...]]


def asked_about(said: Mapping[str, object]) -> Iterator[Condition]:
    """Yield the conditions of one value each that is not None."""
    for condition, value in said.items():
        if value is not None:
            yield condition, (value,)


def where(conditions: Iterable[Condition], mark: str) -> tuple[str, list[Any]]:
    """Return the conditions that hold all at once, and their values.

    Args:
        conditions: None at all lets everything through.
        mark: How the database has the place of a value: `?`, or `${}` with its number.
    """
    written: list[str] = []
    values: list[Any] = []
    for condition, given in conditions:
        numbers = range(len(values) + 1, len(values) + len(given) + 1)
        written.append(condition.format(*map(mark.format, numbers)))
        values += given
    return " AND ".join(written) or "TRUE", values
