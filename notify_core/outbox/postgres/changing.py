"""Changes of records, many in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from notify_core.outbox.port import Change, LeaseLost
from notify_core.outbox.postgres import counters, engine
from notify_core.outbox.postgres.messages import Messages
from notify_core.outbox.postgres.moment import Moment
from notify_core.outbox.postgres.rows import Row, new_version
from notify_core.outbox.postgres.server import Connection
from notify_core.outbox.record import Record
from notify_core.outbox.retention import at_rest
from notify_core.outbox.stored import has_same_facts


@attrs.frozen
class Wanted:
    """A change that somebody wants."""

    message: str
    to: Callable[[Record], Record]
    epoch: int | None


@attrs.define
class Draft:
    """A row and its record, while changes are applied to them."""

    row: Row
    before: Record
    record: Record
    #: Whether somebody has the message.
    is_leased: bool
    #: Whether its job is to follow the record.
    is_freed: bool = False
    gives_back: str | None = None

    def apply(self, wanted: Wanted) -> Change:
        """Apply a change.

        Raises:
            LeaseLost: Another run has the message.
            Exception: What the change raises.
        """
        epoch, row, before = wanted.epoch, self.row, self.record
        # A higher one is of a claim that the server lost when it crashed.
        if epoch is not None and epoch != row.epoch:
            raise LeaseLost(f"message {row.id} is run {row.epoch}'s, not {epoch}'s")
        after = wanted.to(before)
        if after is not before:
            self._follow(after, is_run=epoch is not None)
        return Change(before, after)

    def _follow(self, after: Record, *, is_run: bool) -> None:
        self.record = at_rest(after, self.record)
        # What is told of a message from outside ends a lease only with all work on it.
        if not self.is_leased or after.work_at is None:
            self.is_freed = True
        elif is_run and not after.is_running:
            self.is_freed, self.is_leased = True, False
        if self.row.taken is not None and after.gives_back:
            self.gives_back, self.row.taken = self.row.taken, None

    def move(self) -> None:
        """Give the row a new version; its job ends if it is freed."""
        self.row.version = new_version()
        if self.is_freed:
            self.row.job = None

    @property
    def is_changed(self) -> bool:
        """Whether there is something to write."""
        return self.record is not self.before


class Changing:
    """Applies functions to records, each message's in the order given."""

    def __init__(self, messages: Messages, moment: Moment) -> None:
        self._messages = messages
        self._moment = moment

    def is_plain(self, draft: Draft) -> bool:
        """Tell whether a draft changes its row alone, and at most ends its job."""
        work_at, names = draft.record.work_at, self._messages.names
        stays = work_at is not None and self._moment.is_near(work_at)
        return (
            draft.is_changed
            and draft.gives_back is None
            and not (draft.is_freed and stays)
            and not names.removed(draft.before, draft.record)
        )

    async def __call__(
        self, connection: Connection, wanted: Sequence[Wanted]
    ) -> list[Change | Exception]:
        """Apply changes; for each what it did, or why it failed."""
        drafts = await self._drafts(connection, wanted)
        results = [applied(one, drafts.get(one.message)) for one in wanted]
        changed = [
            draft
            for draft in drafts.values()
            if isinstance(draft, Draft) and draft.is_changed
        ]
        if changed:
            await self._write(connection, changed)
        return results

    async def _drafts(
        self, connection: Connection, wanted: Sequence[Wanted]
    ) -> dict[str, Draft | Exception]:
        rows = await self._messages.lock(connection, (one.message for one in wanted))
        bodies = await self._messages.bodies(connection, rows.values())
        asked = {one.message for one in wanted if one.epoch is None}
        jobs = [row.job for row in rows.values() if row.id in asked and row.job]
        held = await engine.held(connection, jobs) if jobs else set()
        drafts: dict[str, Draft | Exception] = {}
        for row in rows.values():
            body = bodies[row.place]
            # A run that goes on keeps its job, whether or not its lease has ended.
            is_leased = row.job in held or (row.id not in asked and row.job is not None)
            drafts[row.id] = (
                body
                if isinstance(body, Exception)
                else Draft(row, body, body, is_leased)
            )
        return drafts

    async def _write(self, connection: Connection, changed: list[Draft]) -> None:
        for draft in changed:
            draft.row.version = new_version()
        await self._move_jobs(connection, [d for d in changed if d.is_freed])
        moved = [(d.row, d.before, d.record) for d in changed]
        await self._messages.write(connection, moved)
        for draft in changed:
            if not has_same_facts(draft.before, draft.record):
                await self._messages.write_facts(connection, draft.row, draft.record)
            if draft.gives_back is not None:
                await counters.give_back(connection, draft.row.id, draft.gives_back)
            self._messages.memory.keep(draft.row, draft.record)

    async def _move_jobs(self, connection: Connection, freed: list[Draft]) -> None:
        """Let the jobs of messages that nobody has follow their records."""
        ended: list[int] = []
        new: list[tuple[Row, engine.Due]] = []
        is_moved = False
        for draft in freed:
            row, work_at = draft.row, draft.record.work_at
            if work_at is None or not self._moment.is_near(work_at):
                if row.job is not None:
                    ended.append(row.job)
                    row.job = None
            elif row.job is not None:
                await engine.put_off(connection, row.job, work_at)
                is_moved = True
            else:
                new.append((row, engine.Due(row.id, row.lane, work_at)))
        await engine.finish(connection, ended)
        made = await engine.add(connection, [due for _, due in new])
        for (row, _), job in zip(new, made, strict=True):
            row.job = job
        if is_moved:
            await engine.announce(connection)


def applied(wanted: Wanted, draft: Draft | Exception | None) -> Change | Exception:
    """Return what a change does to a draft, or why it fails."""
    if draft is None:
        return KeyError(wanted.message)
    if isinstance(draft, Exception):
        return draft
    try:
        return draft.apply(wanted)
    except Exception as error:  # noqa: BLE001 (told to who wanted the change)
        return error
