"""Read plain data into attrs classes strictly: no coercion, every fault at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import GenericAlias
from typing import Any, Literal, TypeVar, get_args, get_origin

import attrs
import cattrs
from cattrs.errors import ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn

T = TypeVar("T")
_Hook = Callable[[Any, Any], Any]

_NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def structure(data: object, kind: type[T], what: str) -> T:
    """Return *data* as a *kind*.

    Args:
        data: What JSON or YAML gave, or already a *kind*.
        kind: An attrs class.
        what: How an error calls the whole, `settings`.

    Raises:
        ValueError: With every fault and its place.
    """
    if isinstance(data, kind):
        return data
    try:
        return _CONVERTER.structure(data, kind)
    except cattrs.BaseValidationError as error:
        faults = cattrs.transform_error(error, path=what, format_exception=_sentence)
        raise ValueError("; ".join(faults)) from error
    except TypeError as error:
        raise ValueError(f"{error} @ {what}") from error


def _sentence(error: BaseException, _: type | None) -> str:
    match error:
        case ForbiddenExtraKeysError():
            unknown = ", ".join(sorted(error.extra_fields))
            known = ", ".join(a.name for a in attrs.fields(error.cl) if a.init)
            return f"unknown key {unknown} (known: {known})"
        case KeyError():
            return f"missing key {error.args[0]}"
        case _:
            return str(error)


def _expected(what: str, value: object) -> TypeError:
    found = _NAMES.get(type(value), type(value).__name__)
    return TypeError(f"expected {what}, got {found}")


def _primitive(value: object, kind: type) -> object:
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise _expected(_NAMES[kind], value)
    if isinstance(value, str) and not is_encodable(value):
        raise ValueError("half of a surrogate pair is in it")
    return value


def is_encodable(text: str) -> bool:
    """Whether a text can be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _literal(value: object, kind: Any) -> object:
    if value not in get_args(kind):
        raise ValueError(f"expected one of {', '.join(get_args(kind))}")
    return value


def _mapping(value: object, kind: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _expected("a mapping", value)
    return dict(_CONVERTER.structure(value, _generic(dict, get_args(kind))))


def _tuple_of(kind: Any, converter: cattrs.Converter) -> _Hook:
    items = _generic(list, get_args(kind)[:1])

    def read(value: object, _: Any) -> tuple[Any, ...]:
        if not isinstance(value, (list, tuple)):
            raise _expected("a list", value)
        return tuple(converter.structure(value, items))

    return read


def _attrs_class(kind: Any, converter: cattrs.Converter) -> _Hook:
    read = make_dict_structure_fn(kind, converter, _cattrs_forbid_extra_keys=True)

    def build(value: object, _: Any) -> Any:
        if isinstance(value, kind):
            return value
        if not isinstance(value, Mapping):
            raise _expected("a mapping", value)
        return read(value, kind)

    return build


def _generic(origin: type, arguments: tuple[Any, ...]) -> Any:
    return GenericAlias(origin, arguments)


def _is(origin: object) -> Callable[[Any], bool]:
    return lambda kind: get_origin(kind) is origin


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter()
    for kind in _NAMES:
        converter.register_structure_hook(kind, _primitive)
    converter.register_structure_hook_func(_is(Literal), _literal)
    converter.register_structure_hook_func(_is(Mapping), _mapping)
    converter.register_structure_hook_factory(_is(tuple), _tuple_of)
    converter.register_structure_hook_factory(attrs.has, _attrs_class)
    return converter


_CONVERTER = _converter()
