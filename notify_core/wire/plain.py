"""Reads the usual message directly, in a third of the converter's time.

Most messages are strings and flat objects of strings. Whatever else there is, and
whatever is wrong, goes to the converter, which also words the complaint.
"""

from __future__ import annotations

from collections.abc import Mapping

from notify_core.model.message import Message


def plain_message(value: object) -> Message | None:
    """Return the message that a value says; None: the converter has to read it."""
    if type(value) is not dict or "to" not in value:
        return None
    for name, field in value.items():
        if type(field) is not _TYPES.get(name):
            return None
        if type(field) is dict and not _TEXT.issuperset(map(type, field.values())):
            return None
    return Message(**value)


_TEXT = frozenset({str})
#: The fields that are read here, each with its type; objects hold texts alone.
_TYPES: Mapping[object, type] = {
    **dict.fromkeys(("to", "template", "id", "idempotency_key"), str),
    **dict.fromkeys(("sender", "locale", "route"), str),
    **dict.fromkeys(("params", "labels", "metadata"), dict),
}
