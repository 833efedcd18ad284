"""Which providers are well, from what was heard of them: one for each notifier."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import attrs

from notify_core.clock import Clock
from notify_core.model.attempt import Attempt
from notify_core.model.event import Event
from notify_core.model.health import HealthUnit
from notify_core.model.receipt import Balance
from notify_core.routing.health.condition import FREE, Permit
from notify_core.routing.health.fault import (
    FAULTS,
    SOURCES,
    Cure,
    Fault,
    Source,
    counts_against,
    fault_of,
)
from notify_core.routing.health.register import Register
from notify_core.routing.health.rest import Rest, rest_after
from notify_core.routing.health.unit_key import PROVIDER, UnitKey, units_of

if TYPE_CHECKING:
    from notify_core.config.snapshot import ProviderSettings


@attrs.frozen
class _News:
    """What was heard of an attempt."""

    attempt: Attempt
    message: str
    source: Source
    fault: Fault | None


class Health:
    """Notes what attempts say of providers, and says which are to be left alone.

    Args:
        clock: Where the time comes from.
        observe: Told each change of a unit's state.
        providers: The configured ones, by name.

    Attributes:
        wants_balance: Set while a balance can end a rest early.
    """

    def __init__(
        self,
        clock: Clock,
        observe: Callable[[Event], None],
        providers: Mapping[str, ProviderSettings],
    ) -> None:
        self.wants_balance = asyncio.Event()
        self._clock = clock
        self._providers = providers
        self._unwell = Register(observe)
        #: When a provider's settings changed: attempts from before are not its own.
        self._changed: dict[str, datetime] = {}

    def resting(
        self, provider: str, sender: str | None, template_id: str | None, now: datetime
    ) -> Rest | None:
        """Return why a provider may not be tried with this sender and template.

        Of several rests it is the one that ends last; None: it may be tried.
        """
        if provider not in self._unwell:
            return None
        units = self._unwell.resting(provider, units_of(sender, template_id))
        rests = [c.rest for c in units if c.rest is not None and c.shuts_out(now)]
        return max(rests, key=lambda rest: rest.until, default=None)

    def enter(
        self,
        provider: str,
        sender: str | None,
        template_id: str | None,
        *,
        longest: timedelta,
        anyway: bool = False,
    ) -> Permit | None:
        """Return leave to make one attempt; None: not now.

        Of a unit whose rest has ended only one is given at a time. Whoever has it
        leaves after the attempt's answer was noted.

        Args:
            provider: Who is to be tried.
            sender: The submission's.
            template_id: The submission's.
            longest: How long the attempt may take; then others are let in.
            anyway: Though the rest lasts, since all rest; still one at a time.
        """
        if provider not in self._unwell:
            return FREE
        now = self._clock.now()
        units = tuple(self._unwell.resting(provider, units_of(sender, template_id)))
        if any(c.is_held(now) if anyway else c.shuts_out(now) for c in units):
            return None
        for condition in units:
            if not condition.is_resting(now):
                self._unwell.probe(provider, condition)
        permit = Permit(units) if units else FREE
        permit.hold(now, longest)
        return permit

    async def turn(
        self, provider: str, sender: str | None, template_id: str | None
    ) -> None:
        """Wait until nobody else tries the provider; the caller bounds the time.

        `enter` may still say no: another one was quicker.
        """
        for condition in self._unwell.resting(provider, units_of(sender, template_id)):
            await condition.is_free.wait()

    def note(
        self,
        attempt: Attempt,
        message: str,
        sender: str | None = None,
        template_id: str | None = None,
    ) -> None:
        """Note an attempt that was answered, or what a receipt says of one.

        Args:
            attempt: As it stands now; its state tells an answer from a receipt.
            message: Id of its message.
            sender: Its submission's; of no meaning for a receipt.
            template_id: Its submission's; of no meaning for a receipt.
        """
        if attempt.reason not in FAULTS and attempt.provider not in self._unwell:
            return
        source = SOURCES.get(attempt.state)
        if source is None or not self._is_of_these_settings(attempt):
            return
        news = _News(attempt, message, source, fault_of(attempt))
        is_answer = source is Source.ANSWER
        for key in units_of(sender, template_id) if is_answer else (PROVIDER,):
            self._weigh(key, news)
        self._call_for_balance()

    def take_balance(self, provider: str, balance: Balance) -> None:
        """Note what a provider told of its balance: it ends a rest, or puts it off."""
        condition = self._unwell.find(provider, PROVIDER)
        rest = None if condition is None else condition.rest
        if condition is None or rest is None or rest.cure is None:
            return
        if rest.cure is Cure.TOLD or balance.amount > 0:
            self._unwell.discharge(provider, PROVIDER)
        else:
            self._unwell.lay(provider, condition, rest.put_off(self._clock.now()))
        self._call_for_balance()

    def reload(self, providers: Mapping[str, ProviderSettings]) -> None:
        """Take over a configuration: a provider whose settings changed is well."""
        before, self._providers = self._providers, providers
        now = self._clock.now()
        for name, settings in before.items():
            if name not in providers:
                self._unwell.strike(name)
                self._changed.pop(name, None)
            elif not _is_same_account(settings, providers[name]):
                self._unwell.discharge_all(name)
                self._changed[name] = now
        self._call_for_balance()

    def to_ask(self) -> tuple[str, ...]:
        """Return the providers whose balance can end their rest."""
        return tuple(filter(self._can_be_cured, self._unwell))

    def _can_be_cured(self, provider: str) -> bool:
        condition = self._unwell.find(provider, PROVIDER)
        rest = None if condition is None else condition.rest
        is_askable = self._providers[provider].capabilities.balance
        return is_askable and rest is not None and rest.cure is not None

    def _call_for_balance(self) -> None:
        if any(map(self._can_be_cured, self._unwell)):
            self.wants_balance.set()
        else:
            self.wants_balance.clear()

    def _is_of_these_settings(self, attempt: Attempt) -> bool:
        if attempt.provider not in self._providers:
            return False
        changed = self._changed.get(attempt.provider)
        return changed is None or attempt.started_at >= changed

    def _weigh(self, key: UnitKey, news: _News) -> None:
        """Hold an attempt against one unit, or clear the unit of what was."""
        against = counts_against(key.unit, news.fault, news.attempt.state)
        if against and news.fault is not None:
            self._blame(key, news, news.fault)
        elif against is False:
            self._clear(key, news)

    def _blame(self, key: UnitKey, news: _News, fault: Fault) -> None:
        attempt = news.attempt
        settings = self._providers[attempt.provider].health
        condition = self._unwell.enrol(attempt.provider, key)
        before = condition.rest
        if before is None:
            count = condition.count(news.source, _name_of(key, news))
            if count < settings.failures and not fault.at_once:
                return
        elif attempt.started_at < before.since:
            return  # it began before the rest, and says nothing new
        now = self._clock.now()
        rest = rest_after(
            key, fault, attempt, now=now, settings=settings, before=before
        )
        self._unwell.lay(attempt.provider, condition, rest)

    def _clear(self, key: UnitKey, news: _News) -> None:
        attempt = news.attempt
        condition = self._unwell.find(attempt.provider, key)
        if condition is None:
            return
        if condition.rest is None:
            is_well = condition.forget(news.source)
        else:
            is_well = attempt.started_at >= condition.rest.since
        if is_well:
            self._unwell.discharge(attempt.provider, key)


def _name_of(key: UnitKey, news: _News) -> str:
    """Return what a fault is told apart by: of a template it takes several messages."""
    if key.unit is HealthUnit.PROVIDER:
        return f"{news.message}/{news.attempt.number}"
    return news.message


def _is_same_account(before: ProviderSettings, after: ProviderSettings) -> bool:
    is_same_type = before.type.name == after.type.name
    return is_same_type and before.settings == after.settings
