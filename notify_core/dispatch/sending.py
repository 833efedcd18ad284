"""The one way that every message takes: accept, route, admit, then a run."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TypedDict, Unpack

import attrs

from notify_core.dispatch.admit import (
    Admission,
    Said,
    admit,
    begun,
    deferred,
    ended,
    needs,
    outlives,
    placed,
)
from notify_core.dispatch.closing import withdrawn
from notify_core.dispatch.entered import Entered, enter
from notify_core.dispatch.leases import FIRST
from notify_core.dispatch.missing_receipts import timed_out
from notify_core.dispatch.next_step import follows_receipt
from notify_core.dispatch.run import Run
from notify_core.dispatch.surroundings import Surroundings, Watch, unwatched
from notify_core.dispatch.telling import tell_admission, tell_entered
from notify_core.model.message import Message
from notify_core.model.outcome import Reason
from notify_core.model.status import Status
from notify_core.model.verdict import Verdict
from notify_core.outbox.port import Addition
from notify_core.outbox.record import Record
from notify_core.policy.decision import Decision
from notify_core.routing.route import Route

#: How often one admission looks for a time at which every policy lets it go.
MOST_DEFERRALS = 10

#: After so long in the queue the policies that mind the time are asked again.
FRESH = timedelta(minutes=1)

#: A counter refused, and the policy that asked it said nothing of it.
_UNHEEDED = Said(
    policy="counters",
    decision=Decision(
        verdict=Verdict.REJECT,
        reason=Reason.POLICY_RATE_LIMITED,
        why="a counter has no room",
    ),
)


class How(TypedDict, total=False):
    """How a run goes; see `Run`."""

    epoch: int | None
    is_queued: bool
    given_up: bool


@attrs.frozen
class Sending:
    """Sends messages under one configuration."""

    _around: Surroundings

    def entered(self, message: Message) -> Entered:
        """Accept and route a message, and ask its policies.

        Raises:
            InvalidMessage: It cannot be sent as it is.
        """
        around = self._around
        keeps = around.ledger.outbox.durable
        return enter(message, around.snapshot, around.clock.now(), keeps=keeps)

    async def send(self, message: Message, watch: Watch) -> Record:
        """Send a message, and return what is known of it then.

        Args:
            message: As the caller gave it.
            watch: Told the record and its route when a run ends, in whatever way.

        Raises:
            InvalidMessage: It cannot be sent as it is.
            IdempotencyConflict: Its key was used for other content.
            StoreUnavailable: It could not be recorded; nothing was sent.
        """
        entered = self.entered(message)
        record, route = entered.record, entered.route
        if entered.admission.barred is not None:
            return await self.barred(entered, watch)
        around, leases = self._around, self._around.leases
        run = Run(
            entered.ready,
            route,
            around,
            record.accepted_at,
            epoch=None if leases is None else FIRST,
        )
        lease = None if leases is None else leases.lease()
        try:
            added = await around.ledger.add(run.record, entered.takes, lease=lease)
        except BaseException:
            run.abandon()
            raise
        if added.known is not None or added.refused:
            run.abandon()
        if added.known is not None:
            return added.known
        if added.refused:
            return await self.barred(entered.refused(added.refused), watch)
        self.tell(entered)
        return await self._ended(run, route, watch)

    async def enqueue(self, message: Message) -> Record:
        """Record a message for a worker, and return how it stands.

        Raises:
            InvalidMessage: It cannot be sent as it is.
            IdempotencyConflict: Its key was used for other content.
            StoreUnavailable: It could not be recorded.
        """
        entered = self.entered(message)
        if entered.admission.barred is not None:
            return await self.barred(entered)
        ledger = self._around.ledger
        told = self.queued(entered, await ledger.add(entered.ready, entered.takes))
        return await self.barred(told) if isinstance(told, Entered) else told

    def queued(self, entered: Entered, added: Addition) -> Record | Entered:
        """Return how a message stands that was added to the queue.

        What counters refused was not: it is returned as its policies have it then.
        """
        if added.known is not None:
            return added.known
        if added.refused:
            return entered.refused(added.refused)
        self.tell(entered)
        return entered.ready

    async def due(self, record: Record, watch: Watch) -> Record:
        """Send a recorded message whose time has come; it is routed anew."""
        around = self._around
        now = around.clock.now()
        route = around.snapshot.routes.choose(record)
        admission = await self._asked_again(record, route, now)
        if admission.barred is not None:
            return await self._barred_again(record, route, admission, watch)
        ready = attrs.evolve(placed(record, admission), route=route.name, why="")
        return await self._run(ready, route, watch)

    async def take_up(self, record: Record, epoch: int) -> Record:
        """Send a queued message, which is this process's by a lease."""
        around = self._around
        now, route = around.clock.now(), self.route_of(record)
        if record.planned is Status.DEFERRED or record.accepted_at + FRESH < now:
            route = around.snapshot.routes.choose(record)
            admission = await self._asked_again(record, route, now)
            if admission.barred is not None:
                return await self._barred_again(record, route, admission, epoch=epoch)
            placed_again = placed(record, admission)
            record = attrs.evolve(placed_again, route=route.name, why="")
        if record.planned is not Status.SUBMITTING:
            record = begun(record, route.policy, now)
        return await self._run(record, route, epoch=epoch, is_queued=True)

    async def _asked_again(
        self, record: Record, route: Route, now: datetime
    ) -> Admission:
        """Ask the policies that mind the time at which a message goes."""
        policies = route.policy.recurring
        takes = needs(record, policies)
        outbox = self._around.ledger.outbox
        refused = await outbox.refused(takes, now) if takes else {}
        return admit(record, policies, now, refused)

    async def go_on(
        self, record: Record, watch: Watch = unwatched, epoch: int | None = None
    ) -> Record:
        """Ask another provider for a message, where there is one.

        Its answer was lost and nothing was found out, or a receipt says that it did
        not arrive.
        """
        route = self.route_of(record)
        queued = epoch is not None
        return await self._run(
            record, route, watch, given_up=True, epoch=epoch, is_queued=queued
        )

    def missed(self, record: Record) -> Record:
        """Return the record without the receipts that should have come by now.

        It is reopened where another provider is to follow.
        """
        around, policy = self._around, self.route_of(record).policy
        late = timed_out(record, around.snapshot, policy, around.clock.now())
        if late is record or not self.reopens(late):
            return late
        # In one step: nobody is told an end that is none.
        return attrs.evolve(late, planned=Status.SUBMITTING, final=False)

    def reopens(self, record: Record) -> bool:
        """Tell whether another provider may be asked after a negative receipt."""
        now = self._around.clock.now()
        return follows_receipt(record, self.route_of(record).policy, now)

    def route_of(self, record: Record) -> Route:
        """Return the route that a message took, or takes now that it is gone."""
        routes = self._around.snapshot.routes
        return routes.by_name.get(record.route) or routes.choose(record)

    async def _run(
        self,
        record: Record,
        route: Route,
        watch: Watch = unwatched,
        **how: Unpack[How],
    ) -> Record:
        around = self._around
        run = Run(record, route, around, around.clock.now(), **how)
        known = record.attempts, record.planned

        def begin(now: Record) -> Record:
            return run.record if (now.attempts, now.planned) == known else now

        message = record.message.id
        try:
            stored = await around.ledger.change(message, begin, epoch=how.get("epoch"))
        except BaseException:
            run.abandon()
            raise
        if stored is not run.record:
            run.abandon()  # a receipt came meanwhile, or it was cancelled
            return stored
        return await self._ended(run, route, watch)

    async def _ended(self, run: Run, route: Route, watch: Watch) -> Record:
        leases = self._around.leases
        try:
            if leases is None:
                return await run.to_end()
            with leases.held(*run.lease):
                return await run.to_end()
        finally:
            watch(run.record, route)

    async def barred(self, entered: Entered, watch: Watch = unwatched) -> Record:
        """Record a message that does not go now: later, or not at all."""
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
        return await self._recorded_end(record, route, admission)

    def _outlives(self, record: Record, waiting: Record, route: Route) -> bool:
        """Whether somebody will be there to send it: a process, or a store."""
        keeps = self._around.ledger.outbox.durable
        return outlives(waiting, record.deadline, route.policy, keeps=keeps)

    async def _waited(
        self,
        added: Addition,
        waiting: Record,
        admission: Admission,
        watch: Watch,
    ) -> Record:
        if added.known is not None:
            return added.known
        self._tell(waiting, admission)
        if self._around.ledger.outbox.durable:
            return waiting
        return await self._held(waiting, watch)

    async def _held(self, waiting: Record, watch: Watch) -> Record:
        """Wait here for the time of a message that no store keeps."""
        clock, message = self._around.clock, waiting.message.id
        due_at = waiting.due_at or clock.now()
        try:
            await clock.sleep(max(0.0, (due_at - clock.now()).total_seconds()))
        except asyncio.CancelledError:
            policy = self.route_of(waiting).policy
            snapshot = self._around.snapshot
            await self._around.ledger.change(
                message, lambda r: withdrawn(r, snapshot, policy)
            )
            raise
        return await self.due(waiting, watch)

    async def _recorded_end(
        self, record: Record, route: Route, admission: Admission
    ) -> Record:
        """Record a message that a policy ended."""
        if admission.barred is None:
            admission = attrs.evolve(admission, barred=_UNHEEDED, said=(_UNHEEDED,))
        end = self._end(record, route, admission)
        added = await self._around.ledger.add(end)
        if added.known is not None:
            return added.known
        self._tell(end, admission)
        self._around.ledger.tell_settled(end)
        return end

    def _end(self, record: Record, route: Route, admission: Admission) -> Record:
        if not admission.is_deferred:
            return ended(record, admission)
        waiting = deferred(record, admission, route.policy)
        return waiting if waiting.is_closed else ended(record, admission)

    async def _barred_again(
        self,
        record: Record,
        route: Route,
        admission: Admission,
        watch: Watch = unwatched,
        epoch: int | None = None,
    ) -> Record:
        """Put a message off that was due, or end it."""
        ledger = self._around.ledger
        later = self._later(record, route, admission)
        tell_admission(record, admission, ledger.observe)
        known = await ledger.change(record.message.id, lambda _: later, epoch=epoch)
        if later.status is not Status.DEFERRED or ledger.outbox.durable:
            return known
        return await self._held(later, watch)

    def _later(self, record: Record, route: Route, admission: Admission) -> Record:
        if not admission.is_deferred:
            return ended(record, admission)
        later = deferred(record, admission, route.policy)
        if later.is_closed or self._outlives(record, later, route):
            return later
        return ended(record, admission)

    def tell(self, entered: Entered) -> None:
        """Tell observers of a message that was recorded."""
        self._tell(entered.record, entered.admission)

    def _tell(self, record: Record, admission: Admission) -> None:
        around = self._around
        tell_entered(record, admission, around.ledger.observe, around.is_observed)
