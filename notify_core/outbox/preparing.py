"""What a database writes of a new message, made while others are being written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Generic, TypeVar

import attrs

from notify_core.errors import InvalidMessage, Problem
from notify_core.model.message import Message
from notify_core.outbox.port import Entry, Lease
from notify_core.outbox.record import Record
from notify_core.outbox.stored import content_of
from notify_core.policy.counter_key import Hashed
from notify_core.policy.take import Take

R = TypeVar("R")


@attrs.frozen
class Key:
    """An idempotency key as it is stored: hashes, which say nothing of the message."""

    key: str
    content: str


@attrs.frozen(kw_only=True)
class New(Generic[R]):
    """A message on its way into a database."""

    row: R
    key: Key | None
    takes: tuple[Take, ...]
    at: datetime


@attrs.frozen
class Preparing(Generic[R]):
    """Makes it of one message, or of each of many."""

    #: Makes the row of a record, its lease, and what it takes.
    _new_row: Callable[[Record, Lease | None, str | None], R]
    #: Writes down what is to be given back; None: nothing.
    _taken_by: Callable[[tuple[Take, ...], datetime], str | None]
    _hashed: Hashed

    def new(
        self,
        record: Record,
        takes: tuple[Take, ...],
        at: datetime | None,
        lease: Lease | None = None,
    ) -> New[R]:
        """Make what is written of a message.

        Raises:
            InvalidMessage: It cannot be stored.
        """
        at = at or record.accepted_at
        taken = self._taken_by(takes, at) if takes else None
        try:
            return New(
                row=self._new_row(record, lease, taken),
                key=self._key_of(record.message),
                takes=takes,
                at=at,
            )
        except (TypeError, ValueError) as error:
            raise InvalidMessage([Problem(pointer="", message=str(error))]) from error

    def new_or_error(self, entry: Entry) -> New[R] | InvalidMessage:
        """Make what is written of a message of many, or say why it cannot be."""
        try:
            return self.new(entry.record, entry.takes, entry.at)
        except InvalidMessage as error:
            return error

    def _key_of(self, message: Message) -> Key | None:
        if message.idempotency_key is None:
            return None
        content = self._hashed(content_of(message))
        return Key(self._hashed(message.idempotency_key), content)
