"""The front door: send messages, ask balances, take pushes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Literal, Self, TypedDict, Unpack

import aiohttp
import attrs
import pluggy

from notify_core import logs
from notify_core.clock import Clock, SystemClock
from notify_core.config import load
from notify_core.config.snapshot import ProviderSettings, Snapshot
from notify_core.dispatch.accept import accept
from notify_core.dispatch.ledger import Ledger
from notify_core.dispatch.run import Run, Surroundings
from notify_core.dispatch.settler import Settler
from notify_core.errors import (
    ConfigurationError,
    NotifyError,
    PluginError,
    StoreUnavailable,
    UnsupportedFeature,
)
from notify_core.metrics import Metrics
from notify_core.model.event import Accepted, BalanceRead, Opened, PluginFailed
from notify_core.model.message import Message
from notify_core.model.receipt import Balance
from notify_core.model.result import Result
from notify_core.model.status import Status
from notify_core.model.webhook import WebhookReply, WebhookRequest
from notify_core.names import nearest
from notify_core.outbox.memory import MemoryOutbox
from notify_core.outbox.port import Outbox
from notify_core.outbox.record import Record
from notify_core.plugins import Plugins
from notify_core.provider import Provider, SupportsBalance
from notify_core.receipts import Receipts
from notify_core.routing.choose import choose_route
from notify_core.transmission import ProviderUnavailable
from notify_core.unit import Unit, Units, open_unit
from notify_core.webhooks import Webhooks

#: Ids that the log line of closing has at most.
MOST_SHOWN = 100

log = logging.getLogger("notify_core.notifier")


class Options(TypedDict, total=False):
    """What a notifier works with, where the usual does not suit."""

    #: Where messages live; None: in memory.
    outbox: Outbox | None
    #: The host's HTTP session; None: one of its own for each provider.
    session: aiohttp.ClientSession | None
    #: Where the time comes from; None: the machine.
    clock: Clock | None
    #: Where the jitter of pauses comes from; None: the machine.
    random: Random | None


class Notifier:
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
        self._session = options.get("session")
        self._clock = options.get("clock") or SystemClock()
        self._random = options.get("random") or Random()  # noqa: S311 (jitter)
        self._outbox = options.get("outbox") or MemoryOutbox()
        self._opened: _Opened | None = None

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
        if self._opened is not None:
            raise RuntimeError("the notifier is open already")
        self._opened = self._begin(await self._open_units())
        providers = tuple(self.snapshot.providers)
        self.plugins.observe(Opened(config=self.snapshot.hash, providers=providers))
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

        They may have been sent, and it was still being found out. With the memory
        outbox nobody will find out now, so they are logged too.
        """
        opened, self._opened = self._opened, None
        if opened is None:
            return ()
        opened.settling.cancel()
        await asyncio.gather(opened.settling, return_exceptions=True)
        await self._close(opened.units.values())
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
        opened = self._require_open()
        route = choose_route(message, self.snapshot)
        now = self._clock.now()
        record = accept(message, route, self.snapshot, now)
        run = Run(record, route, opened.around, now)
        known = await self._outbox.add(run.record)
        if known is None:
            if self.plugins.is_observed(Accepted):
                self._tell_accepted(record)
            try:
                known = await run.to_end()
            finally:
                opened.settler.watch(run.record, route.policy)
        if wait_for is not None:
            known = await opened.ledger.awaited(known, _has_ended, timeout)
        return known.result()

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
        opened = self._require_open()
        record = await self._outbox.get(message)
        if record is None:
            return None
        return (await opened.ledger.awaited(record, _has_ended, timeout)).result()

    async def get(self, message: str) -> Result | None:
        """Return what is known of a message by its id; None when nothing is."""
        record = await self._outbox.get(message)
        return record.result() if record else None

    async def balance(self, provider: str) -> Balance:
        """Ask a provider what is left on its account.

        Raises:
            ConfigurationError: No provider of that name is configured.
            UnsupportedFeature: Its vendor tells no balance.
            ProviderUnavailable: No usable answer came; says why.
        """
        balance = await self._balance(self._unit(provider))
        at = self._clock.now()
        self.plugins.observe(BalanceRead(provider=provider, balance=balance, at=at))
        return balance

    def provider(self, name: str) -> Provider:
        """Return a provider at work, for what only its vendor can do.

        Raises:
            ConfigurationError: No provider of that name is configured.
        """
        return self._unit(name).provider

    def _unit(self, provider: str) -> Unit:
        units = self._require_open().units
        if provider not in units:
            known = nearest(provider, units)
            raise ConfigurationError(f"no provider {provider!r}; {known}")
        return units[provider]

    async def _balance(self, unit: Unit) -> Balance:
        asked, can = unit.provider, unit.settings.capabilities
        if not can.balance or not isinstance(asked, SupportsBalance):
            raise UnsupportedFeature(unit.settings.name, "a balance")
        try:
            return await asked.balance()
        except NotifyError:
            raise
        except Exception as error:
            kind = self._tell_failed(unit, "balance", error)
            raise ProviderUnavailable(f"its plugin raised {kind}") from error

    def _tell_failed(self, unit: Unit, hook: str, error: Exception) -> str:
        plugin, kind = unit.settings.type.name, type(error).__name__
        self.plugins.observe(PluginFailed(plugin=plugin, hook=hook, error=kind))
        return kind

    @property
    def providers(self) -> Mapping[str, ProviderSettings]:
        """The configured providers by name, with what each can do."""
        return self.snapshot.providers

    async def receive(self, provider: str, request: WebhookRequest) -> WebhookReply:
        """Take a vendor's push and return the answer to give; no push raises."""
        return await self._require_open().webhooks.receive(provider, request)

    def _require_open(self) -> _Opened:
        if self._opened is None:
            raise RuntimeError("the notifier is not open: use `async with notifier:`")
        return self._opened

    def _tell_accepted(self, record: Record) -> None:
        self.plugins.observe(
            Accepted(
                message=record.message.id,
                channel=record.message.channel,
                kind=record.kind,
                recipient=record.recipient.masked,
            )
        )

    async def _open_units(self) -> dict[str, Unit]:
        units: dict[str, Unit] = {}
        try:
            for name, settings in self.snapshot.providers.items():
                units[name] = open_unit(settings, self._clock, self._session)
        except PluginError:
            await self._close(units.values())
            raise
        return units

    async def _close(self, units: Iterable[Unit]) -> None:
        """Close all, whatever one of them does."""
        for unit in units:
            try:
                await unit.aclose()
            except Exception as error:  # noqa: BLE001 (a stranger's code must not keep the others open)
                self._tell_failed(unit, "aclose", error)

    def _begin(self, units: Units) -> _Opened:
        ledger = Ledger(self._outbox, self.plugins.observe, self._clock)
        receipts = Receipts(ledger=ledger, clock=self._clock)
        settler = Settler(self.snapshot, units, ledger, receipts, self._clock)
        return _Opened(
            units=units,
            ledger=ledger,
            settler=settler,
            settling=asyncio.create_task(settler.run(), name="notify-settler"),
            webhooks=Webhooks(units=units, ledger=ledger, receipts=receipts),
            around=Surroundings(
                snapshot=self.snapshot,
                units=units,
                ledger=ledger,
                receipts=receipts,
                clock=self._clock,
                random=self._random,
                is_observed=self.plugins.is_observed,
            ),
        )


@attrs.frozen(kw_only=True)
class _Opened:
    """What lives from entering to leaving."""

    units: Units
    ledger: Ledger
    settler: Settler
    settling: asyncio.Task[None]
    webhooks: Webhooks
    around: Surroundings


def _has_ended(record: Record) -> bool:
    return record.final or record.status is Status.DELIVERED
