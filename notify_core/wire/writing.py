"""How values become builtins that JSON can say."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from types import NoneType
from typing import Any

from cattrs import Converter
from cattrs.fns import identity

from notify_core.model.duration import format_duration
from notify_core.model.event import EVENT_TYPES

_MINUTE = timedelta(minutes=1)


def teach_writing(converter: Converter) -> None:
    """Teach a converter the written forms."""
    for plain in (bool, int, NoneType):
        converter.register_unstructure_hook(plain, identity)
    converter.register_unstructure_hook(bytes, unwritable(bytes))
    converter.register_unstructure_hook(float, _written_number)
    converter.register_unstructure_hook(Decimal, _written_decimal)
    # Not by `value`, which takes four times as long.
    converter.register_unstructure_hook(StrEnum, str)
    converter.register_unstructure_hook(datetime, written_time)
    converter.register_unstructure_hook(timedelta, format_duration)
    converter.register_unstructure_hook_factory(
        lambda cls: cls in EVENT_TYPES, lambda cls: _event_writer(converter, cls)
    )


def unwritable(cls: Any) -> Callable[[Any], Any]:
    """Return the hook of a class that has no written form."""

    def refuse(_: Any) -> Any:
        raise TypeError(f"{cls.__name__} cannot be written as JSON")

    return refuse


def _written_number(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("only a finite number can be written as JSON")
    return value


def _written_decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError("only a finite number can be written as JSON")
    return str(value)


def written_time(value: datetime) -> str:
    """Return a time as RFC 3339 has it.

    Raises:
        ValueError: It has no time zone.
    """
    if value.tzinfo is UTC:
        return value.isoformat()
    offset = value.utcoffset()
    if offset is None:
        raise ValueError("a time without time zone cannot be written as JSON")
    # Local times of before the railways are off by seconds, which RFC 3339 cannot say.
    return (value.astimezone(UTC) if offset % _MINUTE else value).isoformat()


def _event_writer(converter: Converter, cls: Any) -> Callable[[Any], dict[str, Any]]:
    """Return the hook of an event: its fields, after the `type` that says which."""
    write = converter.gen_unstructure_attrs_fromdict(cls)
    head = {"type": EVENT_TYPES[cls]}
    return lambda event: head | write(event)
