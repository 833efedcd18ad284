"""Idempotency keys, in this process's memory."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from notify_core.errors import InvalidMessage, Problem
from notify_core.model.message import Message
from notify_core.outbox.repetition import conflict_with
from notify_core.outbox.stored import content_of
from notify_core.policy.counter_key import PROCESS_HASH


@attrs.frozen
class _Kept:
    message: str
    #: Keyed hash of what the message says.
    content: str
    ends_at: datetime


class Keys:
    """Knows of each key which message has it; what that says only as a hash."""

    def __init__(self, span: timedelta) -> None:
        self._span = span
        self._kept: dict[str, _Kept] = {}
        self._by_message: dict[str, str] = {}

    def holder_of(self, message: Message, now: datetime) -> str | None:
        """Return the id of the message that has the same key; None: it is free.

        Raises:
            IdempotencyConflict: That one says something else.
            InvalidMessage: The message holds what no JSON can say.
        """
        key = message.idempotency_key
        kept = None if key is None else self._kept.get(key)
        if kept is None or kept.ends_at <= now:
            return None
        if kept.content != _hash(message):
            raise conflict_with(kept.message)
        return kept.message

    def keep(self, message: Message, now: datetime) -> None:
        """Give a message its key."""
        key = message.idempotency_key
        if key is not None:
            self._kept[key] = _Kept(message.id, _hash(message), now + self._span)
            self._by_message[message.id] = key

    def drop(self, message: str) -> None:
        """Free a message's key."""
        key = self._by_message.pop(message, None)
        if key is not None and self._kept[key].message == message:
            del self._kept[key]


def _hash(message: Message) -> str:
    try:
        return PROCESS_HASH(content_of(message))
    except (TypeError, ValueError) as error:
        raise InvalidMessage([Problem(pointer="", message=str(error))]) from error
