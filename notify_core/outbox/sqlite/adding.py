"""New messages: what is decided on each, and written."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from itertools import chain

from notify_core.errors import InvalidMessage, NotifyError
from notify_core.outbox.counters import refusals
from notify_core.outbox.port import ADDED, Addition
from notify_core.outbox.preparing import New
from notify_core.outbox.repetition import USED_ID
from notify_core.outbox.sqlite import counters, keys
from notify_core.outbox.sqlite.counters import CountedRows
from notify_core.outbox.sqlite.messages import Messages, NewRow
from notify_core.outbox.sqlite.tidying import Tidying

#: A message on its way into the file.
NewMessage = New[NewRow]


class Adding:
    """Adds messages in their order, each with all that it takes or not at all."""

    def __init__(self, messages: Messages, keep_keys: timedelta) -> None:
        self._messages = messages
        self._keep_keys = keep_keys
        self._tidying = Tidying()

    def add(self, database: sqlite3.Connection, new: NewMessage) -> Addition:
        """Add one message.

        Raises:
            IdempotencyConflict: Its key is that of a message that says something else.
            InvalidMessage: Its id is that of another message.
        """
        added = self._add(database, new, CountedRows(database, new.takes))
        self._tidying.pass_by(database, new.row.record.accepted_at)
        return added

    def add_all(
        self, database: sqlite3.Connection, given: Sequence[NewMessage | InvalidMessage]
    ) -> list[Addition | NotifyError]:
        """Add many messages; for each what came of it, or why it was not added."""
        good = [new for new in given if not isinstance(new, InvalidMessage)]
        counted = CountedRows(database, chain(*(new.takes for new in good)))
        added = [
            new
            if isinstance(new, InvalidMessage)
            else self._added(database, new, counted)
            for new in given
        ]
        if good:
            self._tidying.pass_by(database, good[-1].row.record.accepted_at)
        return added

    def _added(
        self, database: sqlite3.Connection, new: NewMessage, counted: CountedRows
    ) -> Addition | NotifyError:
        try:
            return self._add(database, new, counted)
        except NotifyError as error:
            return error

    def _add(
        self, database: sqlite3.Connection, new: NewMessage, counted: CountedRows
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
