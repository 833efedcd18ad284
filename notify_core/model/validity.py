"""What every message must satisfy, whichever door it comes through."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import Enum
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import attrs

from notify_core.errors import InvalidMessage, Problem
from notify_core.model.message import Content, Message

#: Characters that a text may have. No channel carries more; a slip often does.
MOST_TEXT = 100_000
#: Characters that an address may have: the longest that an e-mail address can be.
MOST_ADDRESS = 320
#: Characters that an idempotency key may have: a store has to index it.
MOST_KEY = 255

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NO_TIME = timedelta(0)


def message_problems(message: Message) -> list[Problem]:
    """Return every fault that a message has by itself, whatever the configuration.

    Raises:
        InvalidMessage: Fields are of a wrong type, so that no more can be told;
            carries a problem for each.
    """
    check_is_message(message)
    wrong = _MESSAGE.problems(message)
    if not wrong and message.content is not None:
        wrong = _CONTENT.problems(message.content)
    if wrong:
        raise InvalidMessage(wrong)
    is_usual = _read_unusual(message) == _LEFT_OUT
    problems = []
    for pointer, rule in _USUAL_RULES if is_usual else _RULES:
        fault = rule(message)
        if fault is not None:
            problems.append(Problem(pointer=pointer, message=fault))
    return problems


def check_is_message(given: object) -> None:
    """Refuse what is no message at all.

    Raises:
        InvalidMessage: It is something else; says what.
    """
    if not isinstance(given, Message):
        why = f"must be a Message, not {type(given).__name__}"
        raise InvalidMessage([Problem(pointer="", message=why)])


@attrs.frozen(kw_only=True)
class _Shape:
    """The types of a class's fields, ready for `isinstance`."""

    pointer: str
    names: tuple[str, ...]
    types: tuple[tuple[type, ...], ...]
    #: Reads all fields at once.
    read: Callable[[object], tuple[object, ...]]

    @classmethod
    def of(cls, described: type, pointer: str) -> _Shape:
        """Take the shape from the annotations of a class."""
        hints = get_type_hints(described)
        return cls(
            pointer=pointer,
            names=tuple(hints),
            types=tuple(_runtime_types(hint) for hint in hints.values()),
            read=attrgetter(*hints),
        )

    def problems(self, value: object) -> list[Problem]:
        """Return a problem for each field whose value is not of its type."""
        found = self.read(value)
        if all(map(isinstance, found, self.types)):
            return []
        return [
            Problem(pointer=f"{self.pointer}/{name}", message=_mistyped(field, types))
            for name, field, types in zip(self.names, found, self.types, strict=True)
            if not isinstance(field, types)
        ]


def _runtime_types(hint: Any) -> tuple[type, ...]:
    """Return `(str, NoneType)` for `str | None`."""
    if isinstance(hint, UnionType):
        return tuple(kind for part in get_args(hint) for kind in _runtime_types(part))
    plain = get_origin(hint) or hint
    # A `dict` is found at once; asking the abstract class takes ten times as long.
    return (dict, Mapping) if plain is Mapping else (plain,)


def _mistyped(found: object, types: tuple[type, ...]) -> str:
    wanted = " or ".join(t.__name__ for t in types if t not in (NoneType, Mapping))
    members = [_coded(member) for t in types if issubclass(t, Enum) for member in t]
    remedy = f": write {', '.join(members[:-1])} or {members[-1]}" if members else ""
    return f"must be {wanted}, not {type(found).__name__}{remedy}"


def _coded(member: Enum) -> str:
    """Return a member as it is written in Python."""
    return f"{type(member).__name__}.{member.name}"


_MESSAGE = _Shape.of(Message, "")
_CONTENT = _Shape.of(Content, "/content")


def _id_fault(message: Message) -> str | None:
    if _ID.fullmatch(message.id):
        return None
    return "must be 1 to 64 letters, digits, - or _: leave it out, and one is made"


def _to_fault(message: Message) -> str | None:
    # What is no address, such as nothing, the recipient's parser says.
    if len(message.to) > MOST_ADDRESS:
        return f"has {len(message.to)} characters; no address has over {MOST_ADDRESS}"
    return None


def _template_fault(message: Message) -> str | None:
    if message.template is None and message.content is None:
        return "is missing, and so is content: name a template, or give a text"
    return None


def _content_fault(message: Message) -> str | None:
    if message.content is not None and message.template is not None:
        return "stands beside a template: leave one of the two out"
    return None


def _params_fault(message: Message) -> str | None:
    if message.params and message.template is None:
        return "belong to a template: name one, or leave them out"
    return None


def _text_fault(message: Message) -> str | None:
    content = message.content
    if content is None:
        return None
    if not (content.text.strip() or content.html):
        return "is empty: say something"
    if len(content.text) > MOST_TEXT:
        return f"has {len(content.text)} characters; at most {MOST_TEXT} are sent"
    return None if _is_encodable(content.text) else "has half of a surrogate pair in it"


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _sender_fault(message: Message) -> str | None:
    if message.sender is None or message.sender.strip():
        return None
    return "is empty: name a sender, or leave it out"


def _labels_fault(message: Message) -> str | None:
    return _strings_fault(message.labels)


def _metadata_fault(message: Message) -> str | None:
    return _strings_fault(message.metadata)


def _strings_fault(named: Mapping[str, str]) -> str | None:
    if not named or all(isinstance(value, str) for value in named.values()):
        return None
    return "must have strings as values"


def _extra_fault(message: Message) -> str | None:
    extra = message.extra
    if not extra or all(isinstance(options, Mapping) for options in extra.values()):
        return None
    return "must have an object of options for each provider type"


def _key_fault(message: Message) -> str | None:
    key = message.idempotency_key
    if key is None or 0 < len(key) <= MOST_KEY:
        return None
    return f"has {len(key)} characters: write 1 to {MOST_KEY}, or leave it out"


def _not_before_fault(message: Message) -> str | None:
    when = message.not_before
    if when is None or when.utcoffset() is not None:
        return None
    return "has no time zone: give it one, as in 2026-01-31T08:00:00+08:00"


def _validity_fault(message: Message) -> str | None:
    if message.validity is None or message.validity > _NO_TIME:
        return None
    return "is not positive: give the time that the message stays of use, as 5m"


#: Where each rule points, in the order of the message's fields.
_RULES: tuple[tuple[str, Callable[[Message], str | None]], ...] = (
    ("/to", _to_fault),
    ("/template", _template_fault),
    ("/params", _params_fault),
    ("/content", _content_fault),
    ("/content/text", _text_fault),
    ("/sender", _sender_fault),
    ("/labels", _labels_fault),
    ("/metadata", _metadata_fault),
    ("/extra", _extra_fault),
    ("/idempotency_key", _key_fault),
    ("/not_before", _not_before_fault),
    ("/validity", _validity_fault),
    ("/id", _id_fault),
)

#: What most messages leave out; no other rule can fail without them.
_UNUSUAL = (*("content", "sender", "metadata", "extra", "not_before", "validity"),)
_read_unusual = attrgetter(*_UNUSUAL)
_LEFT_OUT = _read_unusual(Message(to=""))
_USUAL_RULES = tuple(
    (pointer, rule) for pointer, rule in _RULES if pointer.split("/")[1] not in _UNUSUAL
)
