"""Messages that a policy bars: put off, or ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import attrs

from notify_core.dispatch.admit import Admission, Said, admit
from notify_core.dispatch.closing import withdrawn
from notify_core.dispatch.entered import Entered
from notify_core.dispatch.opening import deferred, ended, outlives
from notify_core.dispatch.surroundings import Surroundings, Watch, unwatched
from notify_core.dispatch.telling import tell_admission, tell_entered
from notify_core.model.outcome import Reason
from notify_core.model.status import Status
from notify_core.model.verdict import Verdict
from notify_core.outbox.port import Addition
from notify_core.outbox.record import Record
from notify_core.policy.decision import Decision
from notify_core.routing.route import Route

#: How often one admission looks for a time at which every policy lets it go.
MOST_DEFERRALS = 10

#: A counter refused, and the policy that asked it said nothing of it.
_UNHEEDED = Said(
    policy="counters",
    decision=Decision(
        verdict=Verdict.REJECT,
        reason=Reason.POLICY_RATE_LIMITED,
        why="a counter has no room",
    ),
)


@attrs.frozen
class Barred:
    """Records messages that do not go now: later, or not at all."""

    _around: Surroundings
    #: Sends a message whose time has come.
    _send_due: Callable[[Record, Watch], Awaitable[Record]]

    async def add(self, entered: Entered, watch: Watch = unwatched) -> Record:
        """Record a message that was barred as it came in."""
        record, route, takes = entered.record, entered.route, entered.takes
        ledger, policies = self._around.ledger, route.policy.admission
        admission = entered.admission
        for _ in range(MOST_DEFERRALS):
            if not admission.is_deferred:
                break
            waiting = deferred(record, admission, route.policy)
            if waiting.is_closed or not self._outlives(record, waiting, route):
                break
            added = await ledger.add(waiting, takes, waiting.due_at)
            if not added.refused:
                return await self._waited(added, waiting, admission, watch)
            at = waiting.due_at or record.accepted_at
            admission = admit(record, policies, at, added.refused)
        return await self._ended(record, route, admission)

    async def change(
        self,
        record: Record,
        route: Route,
        admission: Admission,
        watch: Watch = unwatched,
        epoch: int | None = None,
    ) -> Record:
        """Put a recorded message off that was due, or end it."""
        ledger = self._around.ledger
        later = self._later(record, route, admission)
        tell_admission(record, admission, ledger.observe)
        known = await ledger.change(record.message.id, lambda _: later, epoch=epoch)
        if later.status is not Status.DEFERRED or ledger.outbox.durable:
            return known
        return await self._held(later, watch)

    def _outlives(self, record: Record, waiting: Record, route: Route) -> bool:
        """Whether somebody will be there to send it: a process, or a store."""
        keeps = self._around.ledger.outbox.durable
        return outlives(waiting, record.deadline, route.policy, keeps=keeps)

    async def _waited(
        self, added: Addition, waiting: Record, admission: Admission, watch: Watch
    ) -> Record:
        if added.known is not None:
            return added.known
        self._tell(waiting, admission)
        if self._around.ledger.outbox.durable:
            return waiting
        return await self._held(waiting, watch)

    async def _held(self, waiting: Record, watch: Watch) -> Record:
        """Wait here for the time of a message that no store keeps."""
        around, message = self._around, waiting.message.id
        clock, snapshot = around.clock, around.snapshot
        due_at = waiting.due_at or clock.now()
        try:
            await clock.sleep(max(0.0, (due_at - clock.now()).total_seconds()))
        except asyncio.CancelledError:
            policy = snapshot.routes.taken_by(waiting).policy
            await around.ledger.change(
                message, lambda r: withdrawn(r, snapshot, policy)
            )
            raise
        return await self._send_due(waiting, watch)

    async def _ended(
        self, record: Record, route: Route, admission: Admission
    ) -> Record:
        """Record a message that a policy ended."""
        if admission.barred is None:
            admission = attrs.evolve(admission, barred=_UNHEEDED, said=(_UNHEEDED,))
        end = _end(record, route, admission)
        added = await self._around.ledger.add(end)
        if added.known is not None:
            return added.known
        self._tell(end, admission)
        self._around.ledger.tell_settled(end)
        return end

    def _later(self, record: Record, route: Route, admission: Admission) -> Record:
        if not admission.is_deferred:
            return ended(record, admission)
        later = deferred(record, admission, route.policy)
        if later.is_closed or self._outlives(record, later, route):
            return later
        return ended(record, admission)

    def _tell(self, record: Record, admission: Admission) -> None:
        around = self._around
        tell_entered(record, admission, around.ledger.observe, around.is_observed)


def _end(record: Record, route: Route, admission: Admission) -> Record:
    if not admission.is_deferred:
        return ended(record, admission)
    waiting = deferred(record, admission, route.policy)
    return waiting if waiting.is_closed else ended(record, admission)
