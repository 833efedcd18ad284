"""The real pipeline with scripted providers, a clock of its own and empty counters."""

from __future__ import annotations

from datetime import datetime
from random import Random

from notify_core.clock import Clock
from notify_core.config.snapshot import Snapshot
from notify_core.dispatch.ledger import Ledger
from notify_core.dispatch.sending import Sending
from notify_core.dispatch.surroundings import Surroundings
from notify_core.model.message import Message
from notify_core.outbox.address import MEMORY
from notify_core.outbox.memory import MemoryOutbox
from notify_core.outbox.record import Record
from notify_core.policy.policy_set import Then
from notify_core.receipts import Receipts
from notify_core.routing.health.health import Health
from notify_core.routing.plan import Planner
from notify_core.routing.refusals import VendorRefusals
from notify_core.routing.turns import Turns
from notify_core.suppressions import Suppressions
from notify_core.trial.clock import VirtualClock
from notify_core.trial.scripted import Script, ScriptedUnits

#: Chance is the same each time.
SEED = 1


class _KeptOutbox(MemoryOutbox):
    """Keeps deferred messages for their time, as an outbox on disk does."""

    durable = True


class Stage:
    """Where messages are tried out, one after the other.

    Args:
        snapshot: The configuration.
        at: When the first message is sent, with time zone.
        script: What providers answer.

    Attributes:
        clock: Moves when somebody waits.
        outbox: What was sent here, and what it took.
        planner: Makes the plans.
    """

    def __init__(self, snapshot: Snapshot, at: datetime, script: Script) -> None:
        self.clock = VirtualClock(at)
        is_kept = snapshot.storage.url != MEMORY
        self.outbox = _KeptOutbox() if is_kept else MemoryOutbox()
        random = Random(SEED)  # noqa: S311 (no secret)
        self.planner = fresh_planner(snapshot, self.clock, random)
        ledger = Ledger(self.outbox, _unheard, self.clock)
        self._routes = snapshot.routes
        self._sending = Sending(
            Surroundings(
                snapshot=snapshot,
                units=ScriptedUnits(snapshot.providers, script),
                planner=self.planner,
                ledger=ledger,
                receipts=_no_receipts(ledger, self.clock, self.planner.health),
                suppressions=Suppressions(
                    outbox=self.outbox, hashed=snapshot.hashed, clock=self.clock
                ),
                clock=self.clock,
                random=random,
                is_observed=_never,
            )
        )

    async def send(self, message: Message) -> Record:
        """Send a message; what stays unknown is settled by nobody's word.

        Raises:
            InvalidMessage: It cannot be sent as it is.
            IdempotencyConflict: Its key was used for other content.
        """
        record = await self._sending.send(message, _unheard)
        while record.is_unsettled and self._goes_on(record):
            policy = self._routes.taken_by(record).policy
            self.clock.advance(policy.on_unknown.window(record.kind))
            known = len(record.attempts)
            record = await self._sending.go_on(record, _unheard)
            if len(record.attempts) == known:
                break
        return record

    def _goes_on(self, record: Record) -> bool:
        policy = self._routes.taken_by(record).policy
        return policy.on_unknown.then is Then.FAILOVER


def _no_receipts(ledger: Ledger, clock: Clock, health: Health) -> Receipts:
    return Receipts(
        ledger=ledger, clock=clock, health=health, reopens=_never, go_on=_unheard
    )


def fresh_planner(snapshot: Snapshot, clock: Clock, random: Random) -> Planner:
    """Return a planner to which every provider is well and no turn was taken."""
    return Planner(
        snapshot=snapshot,
        health=Health(clock, _unheard, snapshot.providers),
        refusals=VendorRefusals(),
        turns=Turns(),
        random=random,
    )


def _unheard(*_: object) -> None:
    """Tell nobody: what is tried out is no event."""


def _never(_: object) -> bool:
    return False
