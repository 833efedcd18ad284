"""How builtins become values: nothing is guessed, turned round or left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, get_args, get_origin

import attrs
import msgspec
from cattrs import Converter
from cattrs.cols import is_mapping, list_structure_factory, mapping_structure_factory

from notify_core.model.duration import parse_duration
from notify_core.model.event import EVENT_TYPES, Event
from notify_core.names import nearest
from notify_core.wire.misfit import Misfit, kind_of, shown

Hook = Callable[[Any, Any], Any]

#: How deep parameters and options may be nested.
MOST_LEVELS = 32

_DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?(E[+-]?[0-9]{1,5})?")
_ZONED_TIME = Annotated[datetime, msgspec.Meta(tz=True)]
_OPEN_OBJECT = Mapping[str, Any]
_EVENTS_BY_TYPE = {name: cls for cls, name in EVENT_TYPES.items()}


def teach_reading(converter: Converter) -> None:
    """Teach a converter to read strictly; what is taught last is asked first."""
    teach_shape = converter.register_structure_hook_factory
    teach_shape(_is_array, lambda cls: _array(cls, converter))
    teach_shape(is_mapping, lambda cls: _object(_mapping(cls, converter)))
    teach_shape(
        attrs.has, lambda cls: _object(converter.gen_structure_attrs_fromdict(cls))
    )
    converter.register_structure_hook_func(lambda cls: cls == _OPEN_OBJECT, _open)
    converter.register_structure_hook(Event, lambda value, _: _event(value, converter))
    for cls, wanted in _PLAIN.items():
        converter.register_structure_hook(cls, _plain(cls, wanted))
    converter.register_structure_hook(StrEnum, _member)
    converter.register_structure_hook(datetime, _time)
    converter.register_structure_hook(timedelta, _duration)
    converter.register_structure_hook(Decimal, _decimal)


def _wrong_kind(wanted: str, value: object) -> Misfit:
    return Misfit(f"must be {wanted}, not {kind_of(value)}")


_PLAIN: Mapping[type, str] = {
    str: "a string",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
}


def _plain(cls: type, wanted: str) -> Hook:
    accepted = (int, float) if cls is float else cls

    def read(value: Any, _: Any) -> Any:
        # To Python, true is a whole number.
        if isinstance(value, accepted) and (cls is bool or not isinstance(value, bool)):
            return value
        raise _wrong_kind(wanted, value)

    return read


def _member(value: Any, enum: type[StrEnum]) -> StrEnum:
    _require_text(value)
    try:
        return enum(value)
    except ValueError:
        hint = nearest(shown(value), [member.value for member in enum])
        raise Misfit(f"is none of its values; {hint}") from None


def _time(value: Any, _: Any) -> datetime:
    _require_text(value)
    try:
        return msgspec.convert(value, _ZONED_TIME)
    except msgspec.ValidationError:
        wanted = "a time with zone: write it as 2026-01-31T08:00:00+08:00"
        raise Misfit(f"is not {wanted}") from None


def _duration(value: Any, _: Any) -> timedelta:
    _require_text(value)
    try:
        return parse_duration(value)
    except ValueError as error:
        raise Misfit(str(error)) from None


def _decimal(value: Any, _: Any) -> Decimal:
    _require_text(value)
    if not _DECIMAL.fullmatch(value):
        raise Misfit("is no decimal number: write it as 12.50")
    return Decimal(value)


def _require_text(value: object) -> None:
    if not isinstance(value, str):
        raise _wrong_kind("a string", value)


def _is_array(cls: Any) -> bool:
    return get_origin(cls) in (tuple, frozenset)


def _array(cls: Any, converter: Converter) -> Hook:
    """Return the hook of `tuple[X, ...]`, `tuple[X, X]` and `frozenset[X]`."""
    build, items = get_origin(cls), get_args(cls)
    read_items = list_structure_factory(cls, converter)
    is_open = build is frozenset or items[-1] is Ellipsis

    def read(value: Any, _: Any) -> Any:
        if not isinstance(value, (list, tuple)):
            raise _wrong_kind("an array", value)
        if not is_open and len(value) != len(items):
            raise Misfit(f"must have {len(items)} items, not {len(value)}")
        return build(read_items(value, cls))

    return read


def _mapping(cls: Any, converter: Converter) -> Hook:
    return mapping_structure_factory(cls, converter, dict)


def _object(read_fields: Hook) -> Hook:
    def read(value: Any, cls: Any) -> Any:
        if not isinstance(value, Mapping):
            raise _wrong_kind("an object", value)
        return read_fields(value, cls)

    return read


def _open(value: Any, _: Any) -> dict[str, Any]:
    """Take an object as it is: a template or a provider says what belongs in it."""
    if not isinstance(value, Mapping):
        raise _wrong_kind("an object", value)
    if _is_deeper(value, MOST_LEVELS):
        raise Misfit(f"is nested deeper than {MOST_LEVELS} levels")
    return dict(value)


def _is_deeper(value: object, levels: int) -> bool:
    if isinstance(value, Mapping):
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return False
    return levels == 0 or any(_is_deeper(item, levels - 1) for item in value)


def _event(value: Any, converter: Converter) -> Any:
    if not isinstance(value, Mapping):
        raise _wrong_kind("an object", value)
    fields = dict(value)
    name = fields.pop("type", None)
    cls = _EVENTS_BY_TYPE.get(name) if isinstance(name, str) else None
    if cls is None:
        fault = "is missing" if name is None else "is no event"
        hint = nearest(shown(name or ""), _EVENTS_BY_TYPE)
        raise Misfit(f"{fault}; {hint}", "/type")
    return converter.structure(fields, cls)
