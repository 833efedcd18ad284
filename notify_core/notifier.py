"""The front door: send messages, ask balances, take pushes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypedDict, Unpack, cast
from weakref import WeakSet

import aiohttp
import attrs
import pluggy

from notify_core import logs
from notify_core.clock import Clock, SystemClock
from notify_core.config import load
from notify_core.config.read import Source
from notify_core.config.snapshot import ProviderSettings, Snapshot
from notify_core.dispatch.engine import NOT_DURABLE, Engine
from notify_core.dispatch.parts import Parts
from notify_core.errors import ConfigurationError, NotifyError, StoreUnavailable
from notify_core.event_stream import EventStream
from notify_core.metrics import Metrics
from notify_core.model.event import Event, Opened
from notify_core.model.message import Message
from notify_core.model.receipt import Balance
from notify_core.model.result import Result
from notify_core.model.status import Status
from notify_core.model.webhook import WebhookReply, WebhookRequest
from notify_core.operations import Operations
from notify_core.outbox.address import outbox_at
from notify_core.outbox.port import DurableOutbox, Outbox
from notify_core.outbox.record import Record
from notify_core.plugins import Plugins
from notify_core.provider import Provider
from notify_core.reloading.reloader import Reloader
from notify_core.routing.health.rest import Rest
from notify_core.webhooks_out import Outgoing

if TYPE_CHECKING:
    from notify_core.trial.explanation import Explanation

_STORAGE_STAYS = (
    "outbox and privacy.hash_key stay as they are while a notifier is open: "
    "start it again with the new ones"
)
#: Ids that the log line of closing has at most.
MOST_SHOWN = 100

log = logging.getLogger("notify_core.notifier")


class Options(TypedDict, total=False):
    """What a notifier works with, where the usual does not suit."""

    #: Where messages live, closed by the caller; None: where the configuration says.
    outbox: Outbox | None
    #: The host's HTTP session; None: one of its own for each provider.
    session: aiohttp.ClientSession | None
    #: Where the time comes from; None: the machine.
    clock: Clock | None
    #: Where the jitter of pauses comes from; None: the machine.
    random: Random | None


class Notifier(Operations):
    """Sends messages through the providers of one configuration.

    Use it as an asynchronous context manager: what it opens, it closes.

    Args:
        snapshot: A compiled configuration; `from_config` makes it from a file.
        plugins: The plugins that it was compiled with.
        metrics: Whose registry the metrics are in.
        options: See `Options`.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        plugins: Plugins,
        metrics: Metrics,
        **options: Unpack[Options],
    ) -> None:
        self.snapshot = snapshot
        self.plugins = plugins
        self.metrics = metrics
        self._clock = options.get("clock") or SystemClock()
        given, kept = options.get("outbox"), snapshot.storage
        self._outbox = given or outbox_at(kept.url, kept.hash_key, kept.retention)
        #: What is opened here is closed here.
        self._owns_outbox = given is None
        self._parts = Parts(
            plugins=plugins,
            outbox=self._outbox,
            clock=self._clock,
            random=options.get("random") or Random(),  # noqa: S311 (jitter)
            session=options.get("session"),
        )
        self._engine: Engine | None = None
        self._streams: WeakSet[EventStream] = WeakSet()
        self._reloader = self._new_reloader()

    @classmethod
    def from_config(
        cls,
        source: str | Path | Mapping[str, Any],
        *,
        host: pluggy.PluginManager | None = None,
        plugins: Mapping[str, object] | None = None,
        metrics: Metrics | None = None,
        **options: Unpack[Options],
    ) -> Notifier:
        """Make a notifier from a configuration file or mapping.

        Args:
            source: Path of a YAML or JSON file, or the same as a mapping.
            host: A larger platform's plugin manager, asked after our own.
            plugins: Further plugins by name: observers, provider types.
            metrics: Shared metrics; None makes some on a registry of their own.
            options: As in the constructor.

        Raises:
            ConfigurationError: It cannot be used; carries every problem.
        """
        metrics = metrics or Metrics()
        own = {"metrics": metrics, "logs": logs}
        loaded = Plugins(host=host, extra={**own, **(plugins or {})})
        snapshot = load(source, loaded)
        return cls(snapshot, plugins=loaded, metrics=metrics, **options)

    async def __aenter__(self) -> Self:
        if self._engine is not None:
            raise RuntimeError("the notifier is open already")
        units = await self._parts.opened(self.snapshot, {})
        self._engine = Engine(self.snapshot, units, self._parts)
        with suppress(StoreUnavailable):  # it is read again, when it can be
            await self._engine.pauses.look()
        pass_on = partial(self._passed_on, self._engine)
        self._outgoing = Outgoing(self.plugins, pass_on, self._clock)
        self._outgoing.configure(self.snapshot)
        # Anew: its lock belongs to the loop of the first opening.
        self._reloader = self._new_reloader()
        self._tell_opened()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> tuple[str, ...]:
        """Close what was opened, and return the ids of messages left unsettled.

        They may have been sent, and it was still being found out. With an outbox in
        memory nobody will find out now, so they are logged too; with a durable one a
        worker goes on with them, and none is returned.
        """
        engine, self._engine = self._engine, None
        if engine is None:
            return ()
        await self._outgoing.aclose()
        await engine.aclose()
        for stream in self._streams:
            stream.close()
        self._streams.clear()
        if self._outbox.durable:
            if self._owns_outbox:
                await cast("DurableOutbox", self._outbox).aclose()
            return ()
        return await self._unsettled()

    async def _unsettled(self) -> tuple[str, ...]:
        """Return the ids of messages left unsettled, and log them: nobody else will."""
        try:
            unsettled = tuple(await self._outbox.unsettled())
        except StoreUnavailable as error:
            log.warning("closed; what is unsettled cannot be told: %s", error)
            return ()
        if unsettled:
            first = ", ".join(unsettled[:MOST_SHOWN])
            log.warning("closed with %d unsettled: %s", len(unsettled), first)
        return unsettled

    async def send(
        self,
        message: Message,
        *,
        wait_for: Literal["delivered"] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 (it ends the wait, not the sending)
    ) -> Result:
        """Send a message and return what became of it; no outcome raises.

        Returns when a provider has it, when nothing is left to try, or when it is
        unknown whether one has it. Then settling goes on behind.

        Args:
            message: What to say, and to whom.
            wait_for: `delivered`: return when the receipt came, or the message is
                final in another way.
            timeout: Seconds to wait for that at most; None: for ever.

        Raises:
            InvalidMessage: It cannot be sent as it is; carries every problem.
            IdempotencyConflict: Its key was used for other content.
            StoreUnavailable: It cannot be recorded; nothing was sent.
        """
        engine = self._require_open()
        known = await engine.send(message)
        if wait_for is not None:
            known = await engine.ledger.awaited(known, _has_ended, timeout)
        return known.result()

    async def enqueue(self, message: Message) -> Result:
        """Record a message for a worker, and return at once; no outcome raises.

        It is checked, routed and asked of its policies here, so what they refuse is
        refused here. With an idempotency key that is known, the result is that of the
        message that had it first, as it stands now.

        Args:
            message: What to say, and to whom.

        Raises:
            InvalidMessage: It cannot be sent as it is; carries every problem.
            IdempotencyConflict: Its key was used for other content.
            StoreUnavailable: It cannot be recorded; nothing will be sent.
            ConfigurationError: The outbox does not outlive this process.
        """
        return (await self._queueing().enqueue(message)).result()

    async def enqueue_all(
        self, messages: Iterable[Message]
    ) -> list[Result | NotifyError]:
        """Record many messages for a worker, in one step.

        Returns:
            For each, in order, what `enqueue` would have returned or raised.

        Raises:
            StoreUnavailable: They cannot be recorded; nothing will be sent.
            ConfigurationError: The outbox does not outlive this process.
        """
        added = await self._queueing().enqueue_all(messages)
        return [a if isinstance(a, NotifyError) else a.result() for a in added]

    async def cancel(self, message: str) -> Result | None:
        """Withdraw a message of which nothing was submitted yet.

        Returns:
            Where it stands then: `canceled`, or unchanged where it was too late; None
            when nothing is known of such a message.
        """
        return await self._require_open().cancel(message)

    async def replay(self, message: str) -> Result | None:
        """Enqueue a message again that ended unsent, by the policies of now.

        It becomes a message of its own, and the old one a dead letter no more; replayed
        twice, it is one all the same.

        Returns:
            The result of the new message. Where the old one may have been sent, or is
            still to be sent, its own; None when nothing is known of such a message.

        Raises:
            InvalidMessage: It cannot be sent again: its content was erased, or the
                configuration has no place for it any more.
            StoreUnavailable: It cannot be recorded.
            ConfigurationError: The outbox does not outlive this process.
        """
        record = await self._queueing().replay(message)
        return None if record is None else record.result()

    def events(self, *types: type[Event]) -> EventStream:
        """Return a stream of what happens from now on, in this process.

        It ends when it is closed, or the notifier is. A reader that is too slow misses
        the oldest events; they are counted and logged.

        Args:
            types: The events that are wanted; none: all.
        """
        self._require_open()
        stream = EventStream(self.plugins, types)
        self._streams.add(stream)
        return stream

    @property
    def engine(self) -> Engine:
        """What is at work, for a `Worker`.

        Raises:
            RuntimeError: The notifier is not open.
        """
        return self._require_open()

    async def wait(
        self,
        message: str,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 (as in `send`)
    ) -> Result | None:
        """Wait until a message is delivered or final, *timeout* seconds at most.

        Returns:
            What is known then; None when nothing is known of such a message.
        """
        engine = self._require_open()
        record = await self._outbox.get(message)
        if record is None:
            return None
        return (await engine.ledger.awaited(record, _has_ended, timeout)).result()

    async def get(self, message: str) -> Result | None:
        """Return what is known of a message by its id; None when nothing is."""
        record = await self._outbox.get(message)
        return record.result() if record else None

    async def reload(self, source: Source | None = None) -> Snapshot:
        """Take over a changed configuration whole, or change nothing; return it.

        It is read, checked, compiled and tried aside, while sending goes on. What was
        begun ends under the configuration that it began with. Health, the turns of
        pools and the pace of providers that did not change go on. Reloads that are
        asked for at once happen one after another.

        Args:
            source: A file, or a mapping; None: the file of the one in use again.

        Raises:
            ConfigurationError: It cannot be used; carries every problem.
        """
        self._require_open()
        return await self._reloader.reload(source)

    async def balance(self, provider: str) -> Balance:
        """Ask a provider what is left on its account.

        Raises:
            ConfigurationError: No provider of that name is configured.
            UnsupportedFeature: Its vendor tells no balance.
            ProviderUnavailable: No usable answer came; says why.
        """
        return await self._require_open().balance(provider)

    async def explain(self, message: Message) -> Explanation:
        """Tell what `send` would do with a message now; nothing is sent or counted."""
        # Imported here: who only sends needs none of it.
        from notify_core.trial import explain  # noqa: PLC0415

        engine = self._require_open()
        return await explain(message, engine.planner, self._clock.now(), self._outbox)

    def provider(self, name: str) -> Provider:
        """Return a provider at work, for what only its vendor can do.

        Raises:
            ConfigurationError: No provider of that name is configured.
        """
        return self._require_open().unit(name).provider

    @property
    def providers(self) -> Mapping[str, ProviderSettings]:
        """The configured providers by name, with what each can do."""
        return self.snapshot.providers

    def rest(self, provider: str) -> Rest | None:
        """Return why a provider is left alone now, and how long; None: it is not.

        Raises:
            ConfigurationError: No provider of that name is configured.
        """
        engine = self._require_open()
        name = engine.unit(provider).settings.name
        return engine.planner.health.resting(name, None, None, self._clock.now())

    @property
    def durable(self) -> bool:
        """Whether messages survive the process, so that they can be enqueued."""
        return self._outbox.durable

    async def receive(self, provider: str, request: WebhookRequest) -> WebhookReply:
        """Take a vendor's push and return the answer to give; no push raises."""
        return await self._require_open().webhooks.receive(provider, request)

    def _require_open(self) -> Engine:
        if self._engine is None:
            raise RuntimeError("the notifier is not open: use `async with notifier:`")
        return self._engine

    def _new_reloader(self) -> Reloader:
        return Reloader(
            plugins=self.plugins,
            now=self._clock.now,
            current=lambda: self.snapshot,
            take_over=self._take_over,
        )

    def _queueing(self) -> Engine:
        engine = self._require_open()
        if not self._outbox.durable:
            raise ConfigurationError(NOT_DURABLE)
        return engine

    async def _take_over(self, snapshot: Snapshot) -> None:
        kept = snapshot.storage.retention
        if attrs.evolve(self.snapshot.storage, retention=kept) != snapshot.storage:
            raise ConfigurationError(_STORAGE_STAYS)
        await self._require_open().swap(snapshot)
        if snapshot.server != self.snapshot.server:
            log.warning("the section `server` has changed: restart the service for it")
        self.snapshot = snapshot
        self._outgoing.configure(snapshot)

    async def _passed_on(
        self, engine: Engine, messages: Sequence[Message]
    ) -> Sequence[object]:
        """Take messages that tell of events; without a durable outbox, send them."""
        if self._outbox.durable:
            return await engine.enqueue_all(messages)
        sending = map(engine.send, messages)
        return await asyncio.gather(*sending, return_exceptions=True)

    def _tell_opened(self) -> None:
        config, providers = self.snapshot.hash, tuple(self.snapshot.providers)
        at = self._clock.now()
        self.plugins.observe(Opened(config=config, providers=providers, at=at))


def _has_ended(record: Record) -> bool:
    return record.final or record.status is Status.DELIVERED
