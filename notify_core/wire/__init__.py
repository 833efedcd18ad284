"""Values to JSON and back, by one converter, strict in what it reads.

Every field is in the JSON, those that `repr` hides too: they are data. The JSON of a
`Message`, a `Receipt` or an `InboundMessage` holds a full address, that of a message
its text and parameters as well: it is for the caller and for stores, never for a log.
A `Result` and the events hold masked addresses and may be logged, except the event
`inbound_received`, which hands a person's reply to the host.

Times are RFC 3339 with a zone, durations a whole number with a unit (`5m`), decimal
numbers and enums strings. What no JSON can say, first of all a `Secret`, is not
written.
"""

from __future__ import annotations

from typing import Any, TypeVar, cast

import msgspec
from cattrs import BaseValidationError

from notify_core.errors import InvalidMessage, Problem
from notify_core.model.event import Event
from notify_core.model.identifier import OF_EVENT
from notify_core.model.message import Message
from notify_core.wire.converter import new_converter
from notify_core.wire.misfit import Misfit, problems_of
from notify_core.wire.plain import plain_message

__all__ = [
    "event_from_json",
    "from_builtins",
    "from_json",
    "message_from_builtins",
    "message_from_json",
    "to_builtins",
    "to_json",
]

T = TypeVar("T")

_CONVERTER = new_converter()
_OF_EVENT = Problem(
    pointer="/id",
    message=f"begins with {OF_EVENT}, as only ids of messages that tell of events do: "
    "leave it out, and one is made",
)


def message_from_json(data: bytes | str) -> Message:
    """Read a message that a caller wrote.

    Raises:
        InvalidMessage: It is no message; carries every fault.
    """
    return from_json(Message, data)


def message_from_builtins(value: object) -> Message:
    """Read a message from what JSON or YAML was decoded to.

    Raises:
        InvalidMessage: It is no message; carries every fault.
    """
    message = plain_message(value) or from_builtins(Message, value)
    if message.id.startswith(OF_EVENT):
        raise InvalidMessage([_OF_EVENT])  # nobody would be told what becomes of it
    return message


def event_from_json(data: bytes | str) -> Event:
    """Read an event; its `type` says which.

    Raises:
        InvalidMessage: It is no event; carries every fault.
    """
    return cast("Event", from_json(cast("type[Any]", Event), data))


def from_json(cls: type[T], data: bytes | str) -> T:
    """Read a value of *cls* from JSON; of two equal keys the last counts.

    Raises:
        InvalidMessage: The JSON says no such value; carries every fault.
    """
    try:
        value = msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        problem = Problem(pointer="", message=f"is no JSON: {error}")
        raise InvalidMessage([problem]) from None
    return from_builtins(cls, value)


def from_builtins(cls: type[T], value: object) -> T:
    """Read a value of *cls* from what JSON or YAML was decoded to.

    Raises:
        InvalidMessage: It is no such value; carries every fault, each with its JSON
            pointer and what to do, and no text, parameter or address.
    """
    try:
        return _CONVERTER.structure(value, cls)
    except (BaseValidationError, Misfit) as error:
        # Without the cause, whose notes show the values.
        raise InvalidMessage(problems_of(error)) from None


def to_json(value: object) -> bytes:
    """Write a value of the model as UTF-8.

    Raises:
        TypeError: It holds something that no JSON can say: a `Secret`, bytes.
        ValueError: It holds a time without zone, a negative duration, no finite number.
    """
    return msgspec.json.encode(to_builtins(value), enc_hook=_exact)


def to_builtins(value: object) -> Any:
    """Return a value of the model as dictionaries, lists, strings and numbers.

    Raises:
        TypeError: It holds something that no JSON can say: a `Secret`, bytes.
        ValueError: It holds a time without zone, a negative duration, no finite number.
    """
    return _CONVERTER.unstructure(value)


def _exact(text: object) -> str:
    """Return the string that a subclass of `str` is, as frameworks mark safe HTML."""
    return str.__str__(cast("str", text))
