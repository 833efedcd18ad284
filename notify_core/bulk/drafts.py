"""Makes messages of rows, each with a key by which it is taken once."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from notify_core.bulk.rows import Row
from notify_core.errors import InvalidMessage, Problem
from notify_core.model.message import Message
from notify_core.wire import message_from_builtins

#: What a row adds to, where the options have the same field.
_MERGED = ("labels", "metadata")


@attrs.frozen
class Refusal:
    """A row that is no message, or that was not taken."""

    #: Number of the line in which the row begins.
    line: int
    #: What is wrong with it.
    problems: tuple[Problem, ...]


@attrs.frozen
class Draft:
    """A row that is a message."""

    #: Number of the line in which the row begins.
    line: int
    message: Message


@attrs.frozen(kw_only=True)
class Drafting:
    """How rows become messages."""

    #: What tells this import from others: the keys of its rows begin with it.
    key: str
    #: Fields of all rows that do not say otherwise.
    usual: Mapping[str, object] = attrs.field(factory=dict)

    def drafted(self, row: Row) -> Draft | Refusal:
        """Return the message that a row is, or why it is none."""
        if row.fault is not None:
            return Refusal(row.line, (Problem(pointer="", message=row.fault),))
        try:
            message = message_from_builtins(self._fields(row))
        except InvalidMessage as error:
            return Refusal(row.line, error.problems)
        return Draft(row.line, message)

    def _fields(self, row: Row) -> dict[str, object]:
        key = f"{self.key}:{row.line}"
        fields = {"idempotency_key": key, **self.usual, **row.fields}
        for name in _MERGED:
            usual, own = self.usual.get(name), row.fields.get(name)
            if isinstance(usual, Mapping) and isinstance(own, Mapping):
                fields[name] = {**usual, **own}
        return fields
