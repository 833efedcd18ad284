"""Prometheus metrics, as an observer on the public hook like any other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from prometheus_client import CollectorRegistry

from notify_core.metrics.families import Families, Family
from notify_core.metrics.first_series import start_at_zero
from notify_core.model.event import (
    Admitted,
    Attempted,
    BalanceRead,
    ConfigReloaded,
    Event,
    FailedOver,
    Match,
    Opened,
    OutboxRead,
    PluginFailed,
    ProviderStateChanged,
    ReceiptMatched,
    Settled,
    WebhookRefused,
)
from notify_core.model.health import HealthState, HealthUnit
from notify_core.model.outcome import Reason
from notify_core.model.status import Status
from notify_core.observers import takes
from notify_core.outbox.dead_letter import dead_letter_reason
from notify_core.plugins import hookimpl

#: Routes that have a label value of their own; the others share one.
MOST_ROUTES = 200
_OTHER_ROUTE = "other"

#: What the gauge shows.
_STATES = {HealthState.OK: 0, HealthState.PROBING: 1, HealthState.RESTING: 2}
#: The statuses of messages that are not final.
_OPEN = (
    Status.CREATED,
    Status.DEFERRED,
    Status.SUBMITTING,
    Status.SUBMIT_UNKNOWN,
    Status.ACCEPTED,
    Status.SENT,
)
#: Why a registry cannot take them.
_TAKEN = (
    "the registry has metrics of these names already: "
    "make one Metrics for it, and share that between notifiers"
)


class Metrics:
    """All metrics of notify-core on one registry; notifiers may share it.

    Args:
        registry: Where to register; None makes an own one.

    Raises:
        ValueError: The registry has these metrics already: share the `Metrics`.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        #: Where the metrics are registered.
        self.registry = registry or CollectorRegistry()
        self._routes: set[str] = set()
        #: Providers that a reload took away: runs that began before may still end.
        self._gone: set[str] = set()
        try:
            self._families = Families(self.registry)
        except ValueError as error:
            raise ValueError(_TAKEN) from error

    @property
    def http_problems(self) -> Family:
        """Counts what callers of the HTTP service are told in place of an answer."""
        return self._families.http_problems

    def _admitted(self, event: Admitted) -> None:
        if event.reason is not None:
            self._families.suppressed[event.policy, event.reason].inc()

    def _settled(self, event: Settled) -> None:
        unknown = Status.SUBMIT_UNKNOWN
        if event.status is unknown or event.previous is unknown:
            self._count_unsettled(event)
        self._count_dead_letter(event)
        if event.status is event.previous:
            return
        self._families.messages[event.channel, event.kind, event.status].inc()
        if event.previous is None:
            self._families.route_messages[self._route(event.route), event.status].inc()
            self._families.message_duration[event.channel, event.kind].observe(
                event.duration
            )

    def _route(self, name: str) -> str:
        """Return a route as a label: the first ones have their own."""
        if name not in self._routes:
            if len(self._routes) >= MOST_ROUTES:
                return _OTHER_ROUTE
            self._routes.add(name)
        return name

    def _count_unsettled(self, event: Settled) -> None:
        was_unsettled = _is_unsettled(event.previous, final=event.previous_final)
        is_unsettled = _is_unsettled(event.status, final=event.final)
        self._families.unsettled.inc(is_unsettled - was_unsettled)

    def _count_dead_letter(self, event: Settled) -> None:
        if event.final and not event.previous_final:
            why = dead_letter_reason(event.status, event.reason, final=True)
            if why is not None:
                self._families.dead_letters[(why,)].inc()

    def _attempted(self, event: Attempted) -> None:
        attempt = event.attempt
        provider, outcome = attempt.provider, attempt.outcome or ""
        self._families.attempts[provider, outcome, attempt.reason].inc()
        self._families.attempt_duration[provider, outcome].observe(
            attempt.duration or 0
        )
        if attempt.segments:
            self._families.segments[(provider,)].inc(attempt.segments)
        if attempt.reason is Reason.UNMAPPED:
            self._families.unmapped[(provider,)].inc()

    def _failed_over(self, event: FailedOver) -> None:
        self._families.failovers[event.provider, event.reason].inc()

    def _receipt_matched(self, event: ReceiptMatched) -> None:
        self._families.receipts[event.provider, event.state, event.match].inc()
        if event.latency is not None and event.match is not Match.LATE:
            self._families.receipt_latency[(event.provider,)].observe(event.latency)

    def _balance_read(self, event: BalanceRead) -> None:
        self._families.balance[event.provider, event.balance.unit].set(
            event.balance.amount
        )
        self._families.balance_time[(event.provider,)].set(event.at.timestamp())

    def _outbox_read(self, event: OutboxRead) -> None:
        for status in {*_OPEN, *event.messages}:
            self._families.outbox_messages[(status,)].set(event.messages.get(status, 0))
        self._families.oldest.set(event.oldest_age)

    def _provider_state_changed(self, event: ProviderStateChanged) -> None:
        if event.unit is HealthUnit.PROVIDER:
            self._families.state[(event.provider,)].set(_STATES[event.state])

    def _webhook_refused(self, event: WebhookRefused) -> None:
        self._families.webhook_rejected[event.provider, event.refusal].inc()

    def _plugin_failed(self, event: PluginFailed) -> None:
        self._families.plugin_errors[event.plugin, event.hook].inc()

    def _opened(self, event: Opened) -> None:
        self._in_use(event)

    def _config_reloaded(self, event: ConfigReloaded) -> None:
        if not event.ok:
            self._families.reloaded.set(0)
            return
        self._gone.update(event.removed)
        self._gone.difference_update(event.providers)
        self._families.forget(self._gone)
        self._in_use(event)

    def _in_use(self, event: Opened | ConfigReloaded) -> None:
        self._families.config.info({"hash": event.config})
        self._families.reloaded.set(1)
        self._families.reloaded_time.set(event.at.timestamp())
        for provider in event.providers:
            start_at_zero(self._families, provider)

    _COUNTED: ClassVar[Mapping[type[Event], Callable[[Metrics, Any], None]]] = {
        Admitted: _admitted,
        Settled: _settled,
        Attempted: _attempted,
        FailedOver: _failed_over,
        ReceiptMatched: _receipt_matched,
        BalanceRead: _balance_read,
        OutboxRead: _outbox_read,
        ProviderStateChanged: _provider_state_changed,
        WebhookRefused: _webhook_refused,
        PluginFailed: _plugin_failed,
        Opened: _opened,
        ConfigReloaded: _config_reloaded,
    }

    @hookimpl
    @takes(*_COUNTED)
    def notify_observe(self, event: Event) -> None:
        """Count what happened."""
        count = self._COUNTED.get(type(event))
        if count is not None:
            count(self, event)


def _is_unsettled(status: Status | None, *, final: bool) -> bool:
    return status is Status.SUBMIT_UNKNOWN and not final
