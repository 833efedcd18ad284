"""What is at work while a notifier is open, under the configuration of the moment."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from notify_core.clock import Clock
from notify_core.config.snapshot import Snapshot
from notify_core.dispatch.balance import balance_of
from notify_core.dispatch.batch import Batch
from notify_core.dispatch.closing import canceled
from notify_core.dispatch.generation import Generation, Leaving
from notify_core.dispatch.how import nothing
from notify_core.dispatch.leases import Leases
from notify_core.dispatch.ledger import Ledger
from notify_core.dispatch.parts import Parts
from notify_core.dispatch.pauses import Pauses
from notify_core.dispatch.probe import Prober
from notify_core.dispatch.queued import Queued
from notify_core.dispatch.replay import again, replayed
from notify_core.dispatch.sending import Sending
from notify_core.dispatch.settler import Settler
from notify_core.dispatch.surroundings import Surroundings
from notify_core.dispatch.tasks import Tasks
from notify_core.errors import ConfigurationError, NotifyError, StoreUnavailable
from notify_core.model.message import Message
from notify_core.model.receipt import Balance
from notify_core.model.result import Result
from notify_core.names import nearest
from notify_core.outbox.keeper import Keeper
from notify_core.outbox.port import Claimed, DurableOutbox, LeaseLost
from notify_core.outbox.record import Record
from notify_core.policy.policy import NamedPolicy
from notify_core.receipts import Receipts
from notify_core.routing.health.health import Health
from notify_core.routing.plan import Planner
from notify_core.routing.refusals import VendorRefusals
from notify_core.routing.route import Route
from notify_core.routing.turns import Turns
from notify_core.suppressions import Suppressions
from notify_core.unit import Unit, Units
from notify_core.webhooks import Webhooks

#: What is said of work that needs an outbox on a disk.
NOT_DURABLE = (
    "the outbox does not outlive this process, so nobody would work on what is in it: "
    "name one in the configuration, outbox: {url: sqlite:///notify.db}"
)

log = logging.getLogger("notify_core.engine")


class Engine:
    """Sends, settles, probes and takes pushes until it is closed.

    Args:
        snapshot: The configuration to begin with.
        units: Its providers, opened; the engine closes them.
        parts: What it works with.
    """

    def __init__(self, snapshot: Snapshot, units: Units, parts: Parts) -> None:
        self._parts = parts
        self._tasks = Tasks()
        observe = parts.plugins.observe
        self.ledger = Ledger(parts.outbox, observe, parts.clock)
        self.suppressions = Suppressions(
            outbox=parts.outbox, hashed=snapshot.hashed, clock=parts.clock
        )
        self._leases = (
            Leases(outbox, parts.clock) if (outbox := parts.durable) else None
        )
        self._health = Health(parts.clock, observe, snapshot.providers)
        self._turns = Turns()
        self.pauses = Pauses(parts.outbox)
        self._refusals = VendorRefusals()
        self._leaving = Leaving(parts.close)
        self._generation = self._made(snapshot, units)
        self._settler = Settler(
            lambda: self._generation.around, self._go_on, self._missed
        )
        self._start()

    def _start(self) -> None:
        """Begin what goes on by itself."""
        parts, start = self._parts, self._tasks.start
        if self._leases is None:
            start(self._settler.run(), "notify-settler")
        else:
            start(self._leases.run(), "notify-leases")
            start(self.pauses.run(), "notify-pauses")
        start(Prober(self._health, self.balance, parts.clock).run(), "notify-prober")
        keeper = Keeper(
            outbox=parts.outbox,
            retention=lambda: self._generation.around.snapshot.storage.retention,
            observe=parts.plugins.observe,
            clock=parts.clock,
        )
        start(keeper.run(), "notify-keeper")

    @property
    def units(self) -> Units:
        """The providers at work, by name."""
        return self._generation.around.units

    def unit(self, provider: str) -> Unit:
        """Return a provider at work.

        Raises:
            ConfigurationError: None of that name is configured.
        """
        if provider not in self.units:
            known = nearest(provider, self.units)
            raise ConfigurationError(f"no provider {provider!r}; {known}")
        return self.units[provider]

    async def balance(self, provider: str) -> Balance:
        """Ask a provider what is left on its account, and tell observers."""
        return await balance_of(self.unit(provider), self._parts)

    @property
    def webhooks(self) -> Webhooks:
        """Takes pushes for the providers at work."""
        around = self._generation.around
        return Webhooks(
            units=around.units,
            ledger=self.ledger,
            receipts=around.receipts,
            suppressions=self.suppressions,
            clock=self.clock,
            policies=_policies(around.snapshot),
        )

    @property
    def planner(self) -> Planner:
        """Makes the plans."""
        return self._generation.around.planner

    async def send(self, message: Message) -> Record:
        """Send a message under the configuration of the moment."""
        with self._generation as generation:
            return await generation.sending.send(message, self._watch)

    async def enqueue(self, message: Message) -> Record:
        """Record a message for a worker."""
        return await self._generation.sending.enqueue(message)

    async def enqueue_all(
        self, messages: Iterable[Message]
    ) -> list[Record | NotifyError]:
        """Record many messages for a worker; for each its record, or its error."""
        return await Batch(self._generation.sending, self.ledger).enqueue(messages)

    async def replay(self, message: str) -> Record | None:
        """Enqueue a message again that ended unsent, as a new one.

        Raises:
            InvalidMessage: It cannot be sent again; says why.
        """
        outbox = self.ledger.outbox
        record = await outbox.get(message)
        if record is None or not (record.final and record.gives_back):
            return record
        if record.replayed_as is not None:
            return await outbox.get(record.replayed_as) or record
        new = await self.enqueue(again(record))
        await self.ledger.change(message, lambda old: replayed(old, new))
        return new

    async def cancel(self, message: str) -> Result | None:
        """Withdraw a message of which nothing was submitted yet."""
        try:
            return (await self.ledger.change(message, canceled)).result()
        except KeyError:
            return None

    @property
    def clock(self) -> Clock:
        """Where the time comes from."""
        return self._parts.clock

    @property
    def queue(self) -> DurableOutbox:
        """The outbox, where it outlives the process.

        Raises:
            ConfigurationError: It does not.
        """
        if (outbox := self._parts.durable) is None:
            raise ConfigurationError(NOT_DURABLE)
        return outbox

    @property
    def leases(self) -> Leases:
        """The leases of the runs in this process.

        Raises:
            ConfigurationError: The outbox has none.
        """
        if self._leases is None:
            raise ConfigurationError(NOT_DURABLE)
        return self._leases

    async def work(
        self, claimed: Claimed, on_accepted: Callable[[], None] = nothing
    ) -> None:
        """Work on a claimed message; a failure is logged, and it is due again.

        Args:
            claimed: The message.
            on_accepted: Called when a provider has taken it: that is to be recorded.
        """
        message, epoch = claimed.record.message.id, claimed.epoch
        try:
            with self._generation as generation:
                await self._worked(generation, claimed, on_accepted)
        except LeaseLost as lost:
            log.info("%s", lost)
        except StoreUnavailable as error:
            log.warning("message %s is taken up again later: %s", message, error)
        except asyncio.CancelledError:
            await self.leases.hand_back(message, epoch)
            raise
        finally:
            self.leases.leave(message, epoch)

    async def _worked(
        self,
        generation: Generation,
        claimed: Claimed,
        on_accepted: Callable[[], None],
    ) -> None:
        queued = Queued(generation.sending, generation.around)
        try:
            record = await queued.work(claimed, on_accepted)
        except (LeaseLost, StoreUnavailable):
            raise
        except Exception as error:
            message, kind = claimed.record.message.id, type(error).__name__
            log.error("message %s is put off: %s", message, kind)  # noqa: TRY400 (its text may show the message)
            log.debug("the trace", exc_info=error)
            record = await queued.put_off(claimed)
        if record.is_running:
            await self.leases.hand_back(record.message.id, claimed.epoch)

    async def swap(self, snapshot: Snapshot) -> None:
        """Work under another configuration; what has begun ends under its own.

        Raises:
            PluginError: A provider cannot be made; nothing has changed then.
        """
        units = await self._parts.opened(snapshot, self.units)
        before = self._generation
        self._health.reload(snapshot.providers)
        self._turns.keep(snapshot.pools.values())
        self._generation = self._made(snapshot, units)
        self._leaving.leave(before, units)

    async def aclose(self) -> None:
        """Stop all work and close every provider."""
        await self._tasks.aclose()
        await self._leaving.aclose()
        await self._parts.close(self.units.values())

    def _made(self, snapshot: Snapshot, units: Units) -> Generation:
        parts = self._parts
        planner = Planner(
            snapshot=snapshot,
            health=self._health,
            refusals=self._refusals,
            turns=self._turns,
            random=parts.random,
            paused=self.pauses.why,
        )
        around = Surroundings(
            snapshot=snapshot,
            units=units,
            planner=planner,
            ledger=self.ledger,
            receipts=self._receipts(),
            suppressions=self.suppressions,
            clock=parts.clock,
            random=parts.random,
            is_observed=parts.plugins.is_observed,
            leases=self._leases,
        )
        sending, idle = Sending(around), self._leaving.close_unused
        return Generation(sending=sending, around=around, idle=idle)

    def _receipts(self) -> Receipts:
        return Receipts(
            ledger=self.ledger,
            clock=self._parts.clock,
            health=self._health,
            reopens=self._reopens,
            go_on=self._follow,
        )

    def _reopens(self, record: Record) -> bool:
        return self._generation.sending.reopens(record)

    def _watch(self, record: Record, route: Route) -> None:
        if self._leases is None:
            self._settler.watch(record, route.policy)

    def _follow(self, record: Record) -> None:
        """Have another provider asked; with a durable outbox, a worker does."""
        if self._leases is None:
            self._tasks.start(self._go_on(record), "notify-failover")

    def _missed(self, record: Record) -> Record:
        return self._generation.sending.missed(record)

    async def _go_on(self, record: Record) -> Record:
        with self._generation as generation:
            return await generation.sending.go_on(record, self._watch)


def _policies(snapshot: Snapshot) -> tuple[NamedPolicy, ...]:
    routes = snapshot.routes.by_name.values()
    return tuple(named for route in routes for named in route.policy.admission)
