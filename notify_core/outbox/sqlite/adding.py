"""New messages: what is decided on each, and written."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain

import attrs

from notify_core.errors import InvalidMessage, NotifyError, Problem
from notify_core.outbox.counters import refusals
from notify_core.outbox.port import ADDED, Addition, Entry, Lease
from notify_core.outbox.record import Record
from notify_core.outbox.repetition import USED_ID
from notify_core.outbox.sqlite import counters, keys
from notify_core.outbox.sqlite.counters import CountedRows
from notify_core.outbox.sqlite.messages import Messages, NewRow
from notify_core.outbox.sqlite.tidying import Tidying
from notify_core.policy.counter_key import Hashed
from notify_core.policy.take import Take


@attrs.frozen(kw_only=True)
class New:
    """A message on its way into the file."""

    row: NewRow
    key: keys.Key | None
    takes: tuple[Take, ...]
    at: datetime


class Adding:
    """Adds messages in their order, each with all that it takes or not at all."""

    def __init__(
        self, messages: Messages, hashed: Hashed, keep_keys: timedelta
    ) -> None:
        self._messages = messages
        self._hashed = hashed
        self._keep_keys = keep_keys
        self._tidying = Tidying()

    def new(
        self,
        record: Record,
        takes: tuple[Take, ...],
        at: datetime | None,
        lease: Lease | None = None,
    ) -> New:
        """Make what is written, while other messages are being written.

        Raises:
            InvalidMessage: It cannot be stored.
        """
        at = at or record.accepted_at
        taken = counters.taken_by(takes, at) if takes else None
        try:
            return New(
                row=self._messages.new_row(record, lease, taken),
                key=keys.key_of(record.message, self._hashed),
                takes=takes,
                at=at,
            )
        except (TypeError, ValueError) as error:
            raise InvalidMessage([Problem(pointer="", message=str(error))]) from error

    def new_or_error(self, entry: Entry) -> New | InvalidMessage:
        """Make what is written of a message of many, or say why it cannot be."""
        try:
            return self.new(entry.record, entry.takes, entry.at)
        except InvalidMessage as error:
            return error

    def add(self, database: sqlite3.Connection, new: New) -> Addition:
        """Add one message.

        Raises:
            IdempotencyConflict: Its key is that of a message that says something else.
            InvalidMessage: Its id is that of another message.
        """
        added = self._add(database, new, CountedRows(database, new.takes))
        self._tidying.pass_by(database, new.row.record.accepted_at)
        return added

    def add_all(
        self, database: sqlite3.Connection, given: Sequence[New | InvalidMessage]
    ) -> list[Addition | NotifyError]:
        """Add many messages; for each what came of it, or why it was not added."""
        good = [new for new in given if isinstance(new, New)]
        counted = CountedRows(database, chain(*(new.takes for new in good)))
        added = [
            self._added(database, new, counted) if isinstance(new, New) else new
            for new in given
        ]
        if good:
            self._tidying.pass_by(database, good[-1].row.record.accepted_at)
        return added

    def _added(
        self, database: sqlite3.Connection, new: New, counted: CountedRows
    ) -> Addition | NotifyError:
        try:
            return self._add(database, new, counted)
        except NotifyError as error:
            return error

    def _add(
        self, database: sqlite3.Connection, new: New, counted: CountedRows
    ) -> Addition:
        record, key = new.row.record, new.key
        message, now = record.message.id, record.accepted_at
        if key is not None:
            holder = keys.holder_of(database, key, now)
            known = holder and self._messages.get(database, holder)
            if known:
                return Addition(known=known)
        if new.takes:
            refused = refusals(new.takes, new.at, counted)
            if refused:
                return Addition(refused=refused)
        if not self._messages.add(database, new.row):
            raise InvalidMessage([USED_ID])
        if key is not None:
            keys.keep(database, key, message, now, self._keep_keys)
        if new.takes:
            counters.take(database, message, new.takes, new.at)
        return ADDED
