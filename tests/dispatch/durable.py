"""Notifiers on an outbox that outlives them, and a worker of one step."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from notify_core.config.snapshot import Snapshot
from notify_core.model.checked import Facts
from notify_core.model.outcome import Reason
from notify_core.model.result import Result
from notify_core.notifier import Notifier
from notify_core.outbox.record import Record
from notify_core.outbox.sqlite import SqliteOutbox, Synchronous
from notify_core.policy.decision import ALLOW, Decision, Verdict
from notify_core.policy.take import Refused, Take
from notify_core.secret import Secret
from notify_core.testing import FakeClock
from tests.builders import notifier

KEY = Secret("a key of the tests only")


def outbox_in(folder: Path) -> SqliteOutbox:
    """Return the outbox in a folder; several of them are as several processes."""
    return SqliteOutbox(folder / "notify.db", KEY, synchronous=Synchronous.NORMAL)


def durable(
    configured: Snapshot, outbox: SqliteOutbox, clock: FakeClock, *seen: Any
) -> Notifier:
    """Return a notifier on that outbox."""
    return notifier(configured, *seen, outbox=outbox, clock=clock)


class Night:
    """A policy that lets nothing go before a time."""

    def __init__(self, ends: datetime) -> None:
        self._ends = ends

    def needs(self, facts: Facts) -> tuple[Take, ...]:
        """Return nothing."""
        return ()

    def decide(self, facts: Facts, now: datetime, refused: Refused) -> Decision:
        """Defer what comes too early."""
        if now >= self._ends:
            return ALLOW
        reason = Reason.POLICY_QUIET_HOURS
        return Decision(verdict=Verdict.DEFER, reason=reason, until=self._ends)


async def worked(open_: Notifier) -> int:
    """Work on everything that is due, and return how much that was."""
    engine = open_.engine
    claims = await engine.leases.claimed(1000)
    for claim in claims:
        await engine.work(claim)
    return len(claims)


async def worked_off(
    open_: Notifier,
    outbox: SqliteOutbox,
    clock: FakeClock,
    most: timedelta = timedelta(days=1),
) -> int:
    """Work until nothing is due any more; return how much is left after that long."""
    end = clock.now() + most
    while (due := await outbox.next_due()) is not None:
        if due > end:
            return 1
        clock.advance(max(due - clock.now(), timedelta()))
        working = asyncio.create_task(worked(open_))
        while not working.done():
            await asyncio.sleep(0)
            clock.advance(0.01)
    return 0


async def known(open_: Notifier, message: str) -> Result:
    """Return what is known of a message that is there."""
    result = await open_.get(message)
    assert result is not None
    return result


async def stored(outbox: SqliteOutbox, message: str) -> Record:
    """Return the record of a message that is there."""
    record = await outbox.get(message)
    assert record is not None
    return record
