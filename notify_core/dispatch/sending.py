"""The one way that every message takes: accept, route, admit, then a run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import attrs

from notify_core.dispatch.admit import Admission, admit, needs
from notify_core.dispatch.barred import Barred
from notify_core.dispatch.entered import Entered, enter
from notify_core.dispatch.how import DIRECTLY, How
from notify_core.dispatch.leases import FIRST
from notify_core.dispatch.missing_receipts import timed_out
from notify_core.dispatch.next_step import follows_receipt
from notify_core.dispatch.opening import begun, placed
from notify_core.dispatch.run import Run
from notify_core.dispatch.surroundings import Surroundings, Watch, unwatched
from notify_core.dispatch.telling import tell_entered
from notify_core.errors import StoreUnavailable
from notify_core.model.message import Message
from notify_core.model.status import Status
from notify_core.outbox.port import Addition
from notify_core.outbox.record import Record
from notify_core.routing.route import Route

#: After so long in the queue the policies that mind the time are asked again.
FRESH = timedelta(minutes=1)


@attrs.frozen
class Sending:
    """Sends messages under one configuration."""

    _around: Surroundings

    @property
    def barred(self) -> Barred:
        """Records messages that do not go now."""
        return Barred(self._around, self.due)

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
            return await self.barred.add(entered, watch)
        around, leases = self._around, self._around.leases
        run = Run(
            entered.ready,
            route,
            around,
            record.accepted_at,
            How(epoch=None if leases is None else FIRST),
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
            return await self.barred.add(entered.refused(added.refused), watch)
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
            return await self.barred.add(entered)
        ledger = self._around.ledger
        told = self.queued(entered, await ledger.add(entered.ready, entered.takes))
        return await self.barred.add(told) if isinstance(told, Entered) else told

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
            return await self.barred.change(record, route, admission, watch)
        ready = attrs.evolve(placed(record, admission), route=route.name, why="")
        return await self._run(ready, route, watch)

    async def take_up(
        self, record: Record, epoch: int, on_accepted: Callable[[], None]
    ) -> Record:
        """Send a queued message, which is this process's by a lease."""
        around = self._around
        now, route = around.clock.now(), around.snapshot.routes.taken_by(record)
        if record.planned is Status.DEFERRED or record.accepted_at + FRESH < now:
            route = around.snapshot.routes.choose(record)
            admission = await self._asked_again(record, route, now)
            if admission.barred is not None:
                return await self.barred.change(record, route, admission, epoch=epoch)
            placed_again = placed(record, admission)
            record = attrs.evolve(placed_again, route=route.name, why="")
        if record.planned is not Status.SUBMITTING:
            record = begun(record, route.policy, now)
        how = How(epoch=epoch, is_queued=True, on_accepted=on_accepted)
        return await self._run(record, route, unwatched, how)

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
        route = self._around.snapshot.routes.taken_by(record)
        how = How(epoch=epoch, is_queued=epoch is not None, given_up=True)
        return await self._run(record, route, watch, how)

    def missed(self, record: Record) -> Record:
        """Return the record without the receipts that should have come by now.

        It is reopened where another provider is to follow.
        """
        snapshot, now = self._around.snapshot, self._around.clock.now()
        policy = snapshot.routes.taken_by(record).policy
        late = timed_out(record, snapshot, policy, now)
        if late is record or not self.reopens(late):
            return late
        # In one step: nobody is told an end that is none.
        return attrs.evolve(late, planned=Status.SUBMITTING, final=False)

    def reopens(self, record: Record) -> bool:
        """Tell whether another provider may be asked after a negative receipt."""
        policy = self._around.snapshot.routes.taken_by(record).policy
        return follows_receipt(record, policy, self._around.clock.now())

    async def _run(
        self,
        record: Record,
        route: Route,
        watch: Watch,
        how: How = DIRECTLY,
    ) -> Record:
        around = self._around
        run = Run(record, route, around, around.clock.now(), how)
        known = record.attempts, record.planned

        def begin(now: Record) -> Record:
            return run.record if (now.attempts, now.planned) == known else now

        message = record.message.id
        try:
            stored = await around.ledger.change(message, begin, epoch=how.epoch)
        except StoreUnavailable:
            run.abandon()
            if how.is_queued:
                return await run.put_back()
            raise
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

    def tell(self, entered: Entered) -> None:
        """Tell observers of a message that was recorded."""
        around = self._around
        told = around.ledger.observe, around.is_observed
        tell_entered(entered.record, entered.admission, *told)
