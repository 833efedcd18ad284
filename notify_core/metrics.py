"""Prometheus metrics, as an observer on the public hook like any other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import product
from typing import Any, ClassVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info

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
from notify_core.model.outcome import (
    POLICY_REASONS,
    RULES,
    Disposition,
    Outcome,
    Reason,
)
from notify_core.model.status import AttemptState, Status
from notify_core.model.webhook import WebhookRefusal
from notify_core.observers import takes
from notify_core.outbox.dead_letter import dead_letter_reason
from notify_core.plugins import hookimpl

#: Routes that have a label value of their own; the others share one.
MOST_ROUTES = 200
_OTHER_ROUTE = "other"

#: Seconds: a vendor answers in tens of milliseconds, a bad day takes seconds.
_SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
#: Seconds: a receipt comes within a minute, or within days.
_RECEIPT_SECONDS = (1, 5, 15, 60, 300, 1800, 7200, 28800, 86400, 259200)

_ACCEPTED = (Reason.NONE, Reason.DUPLICATE_REQUEST)
#: Reasons of messages and receipts; no attempt's answer has them.
_NOT_OF_ATTEMPTS = POLICY_REASONS | {
    Reason.NO_PROVIDER,
    Reason.EXPIRED,
    Reason.DEADLINE_EXCEEDED,
    Reason.CANCELED,
    Reason.RECIPIENT_UNREACHABLE,
    Reason.CARRIER_REJECTED,
}
#: Why a message may leave a provider.
_LEAVING = tuple(
    reason
    for reason, rule in RULES.items()
    if rule.fails_over
    or rule.disposition in (Disposition.FAILOVER, Disposition.ACCOUNT)
)
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
_RECEIPT_STATES = (
    AttemptState.SENT,
    AttemptState.DELIVERED,
    AttemptState.UNDELIVERED,
    AttemptState.EXPIRED,
)


class _Family(dict[tuple[str, ...], Any]):
    """A metric's children by their labels; kept, since the library is slow to find."""

    def __init__(self, metric: Any) -> None:
        super().__init__()
        self._metric = metric

    def __missing__(self, labels: tuple[str, ...]) -> Any:
        child = self[labels] = self._metric.labels(*labels)
        return child

    def start_at_zero(self, *labels: str) -> None:
        """Make the series before there is anything to count."""
        self[labels]

    def forget(self, providers: Collection[str]) -> None:
        """Remove the series of providers; of a metric with that as its first label."""
        for labels in [labels for labels in self if labels[0] in providers]:
            self._metric.remove(*labels)
            del self[labels]


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
        self._by_provider: list[_Family] = []
        self._declare_message_metrics()
        self._declare_provider_metrics()
        self._declare_push_metrics()

    def _declare_message_metrics(self) -> None:
        self._messages = self._counter(
            "messages", "Messages that came to a status.", "channel", "kind", "status"
        )
        self._route_messages = self._counter(
            "route_messages",
            "First statuses of messages, by route.",
            "route",
            "outcome",
        )
        self._message_duration = self._histogram(
            "message_duration_seconds",
            "From acceptance to the first status.",
            _SECONDS,
            "channel",
            "kind",
        )
        self._unsettled = Gauge(
            "notify_unsettled_messages",
            "Messages that may have been sent, and it is still being found out.",
            registry=self.registry,
        )
        self._suppressed = self._counter(
            "suppressed",
            "Messages that a policy deferred, dropped or refused.",
            "policy",
            "reason",
        )
        self._plugin_errors = self._counter(
            "plugin_errors", "Exceptions out of plugins.", "plugin", "hook"
        )
        self._declare_outbox_metrics()
        self._declare_config_metrics()

    def _declare_outbox_metrics(self) -> None:
        self._outbox_messages = self._gauge(
            "outbox_messages", "Messages in the outbox that are not final.", "status"
        )
        self._oldest = Gauge(
            "notify_outbox_oldest_age_seconds",
            "For how long the message has been due that waits longest for a worker.",
            registry=self.registry,
        )
        self._dead_letters = self._counter(
            "dead_letters", "Messages that ended undone by nobody's wish.", "reason"
        )

    def _declare_config_metrics(self) -> None:
        self._config = Info(
            "notify_config", "The configuration in use.", registry=self.registry
        )
        self._reloaded = Gauge(
            "notify_config_last_reload_successful",
            "Whether the configuration that was read last is the one in use.",
            registry=self.registry,
        )
        self._reloaded_time = Gauge(
            "notify_config_last_reload_success_timestamp_seconds",
            "When the configuration in use was taken over.",
            registry=self.registry,
        )

    def _declare_provider_metrics(self) -> None:
        self._attempts = self._counter(
            "attempts", "Ended attempts.", "provider", "outcome", "reason"
        )
        self._attempt_duration = self._histogram(
            "attempt_duration_seconds",
            "From start to answer.",
            _SECONDS,
            "provider",
            "outcome",
        )
        self._failovers = self._counter(
            "failovers", "Messages that left a provider.", "provider", "reason"
        )
        self._unmapped = self._counter(
            "unmapped_codes", "Refusals with a code that no table knows.", "provider"
        )
        self._segments = self._counter("segments", "Billable parts taken.", "provider")
        self._state = self._gauge(
            "provider_state",
            "Whether it is used: 0 ok, 1 probing after a rest, 2 resting.",
            "provider",
        )
        self._balance = self._gauge(
            "provider_balance", "Left on the account.", "provider", "unit"
        )
        self._balance_time = self._gauge(
            "provider_balance_timestamp_seconds",
            "When the balance was read.",
            "provider",
        )

    def _declare_push_metrics(self) -> None:
        self._receipts = self._counter(
            "receipts", "Delivery reports.", "provider", "status", "match"
        )
        self._receipt_latency = self._histogram(
            "receipt_latency_seconds",
            "From an attempt's start to its receipt.",
            _RECEIPT_SECONDS,
            "provider",
        )
        self._webhook_rejected = self._counter(
            "webhook_rejected", "Refused pushes.", "provider", "reason"
        )

    def _counter(self, name: str, text: str, *labels: str) -> _Family:
        full = f"notify_{name}"
        return self._family(Counter(full, text, labels, registry=self.registry), labels)

    def _gauge(self, name: str, text: str, *labels: str) -> _Family:
        full = f"notify_{name}"
        return self._family(Gauge(full, text, labels, registry=self.registry), labels)

    def _histogram(
        self, name: str, text: str, buckets: tuple[float, ...], *labels: str
    ) -> _Family:
        full = f"notify_{name}"
        metric = Histogram(full, text, labels, registry=self.registry, buckets=buckets)
        return self._family(metric, labels)

    def _family(self, metric: Any, labels: tuple[str, ...]) -> _Family:
        family = _Family(metric)
        if labels[0] == "provider":
            self._by_provider.append(family)
        return family

    def _admitted(self, event: Admitted) -> None:
        if event.reason is not None:
            self._suppressed[event.policy, event.reason].inc()

    def _settled(self, event: Settled) -> None:
        unknown = Status.SUBMIT_UNKNOWN
        if event.status is unknown or event.previous is unknown:
            self._count_unsettled(event)
        self._count_dead_letter(event)
        if event.status is event.previous:
            return
        self._messages[event.channel, event.kind, event.status].inc()
        if event.previous is None:
            self._route_messages[self._route(event.route), event.status].inc()
            self._message_duration[event.channel, event.kind].observe(event.duration)

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
        self._unsettled.inc(is_unsettled - was_unsettled)

    def _count_dead_letter(self, event: Settled) -> None:
        if event.final and not event.previous_final:
            why = dead_letter_reason(event.status, event.reason, final=True)
            if why is not None:
                self._dead_letters[(why,)].inc()

    def _attempted(self, event: Attempted) -> None:
        attempt = event.attempt
        provider, outcome = attempt.provider, attempt.outcome or ""
        self._attempts[provider, outcome, attempt.reason].inc()
        self._attempt_duration[provider, outcome].observe(attempt.duration or 0)
        if attempt.segments:
            self._segments[(provider,)].inc(attempt.segments)
        if attempt.reason is Reason.UNMAPPED:
            self._unmapped[(provider,)].inc()

    def _failed_over(self, event: FailedOver) -> None:
        self._failovers[event.provider, event.reason].inc()

    def _receipt_matched(self, event: ReceiptMatched) -> None:
        self._receipts[event.provider, event.state, event.match].inc()
        if event.latency is not None and event.match is not Match.LATE:
            self._receipt_latency[(event.provider,)].observe(event.latency)

    def _balance_read(self, event: BalanceRead) -> None:
        self._balance[event.provider, event.balance.unit].set(event.balance.amount)
        self._balance_time[(event.provider,)].set(event.at.timestamp())

    def _outbox_read(self, event: OutboxRead) -> None:
        for status in {*_OPEN, *event.messages}:
            self._outbox_messages[(status,)].set(event.messages.get(status, 0))
        self._oldest.set(event.oldest_age)

    def _provider_state_changed(self, event: ProviderStateChanged) -> None:
        if event.unit is HealthUnit.PROVIDER:
            self._state[(event.provider,)].set(_STATES[event.state])

    def _webhook_refused(self, event: WebhookRefused) -> None:
        self._webhook_rejected[event.provider, event.refusal].inc()

    def _plugin_failed(self, event: PluginFailed) -> None:
        self._plugin_errors[event.plugin, event.hook].inc()

    def _opened(self, event: Opened) -> None:
        self._in_use(event)

    def _config_reloaded(self, event: ConfigReloaded) -> None:
        if not event.ok:
            self._reloaded.set(0)
            return
        self._gone.update(event.removed)
        self._gone.difference_update(event.providers)
        for family in self._by_provider:
            family.forget(self._gone)
        self._in_use(event)

    def _in_use(self, event: Opened | ConfigReloaded) -> None:
        self._config.info({"hash": event.config})
        self._reloaded.set(1)
        self._reloaded_time.set(event.at.timestamp())
        for provider in event.providers:
            self._start_at_zero(provider)

    def _start_at_zero(self, provider: str) -> None:
        """Make the series that rates are taken of, so that a first failure shows."""
        for family, *labels in self._first_series():
            family.start_at_zero(provider, *labels)

    def _first_series(self) -> Iterator[tuple[Any, ...]]:
        """Yield each metric of a provider with its labels after the provider's."""
        attempts = [reason for reason in Reason if reason not in _NOT_OF_ATTEMPTS]
        yield from ((self._attempts, _usual_outcome(why), why) for why in attempts)
        yield from ((self._failovers, reason) for reason in _LEAVING)
        yield from ((self._attempt_duration, outcome) for outcome in Outcome)
        yield from ((self._receipts, *pair) for pair in product(_RECEIPT_STATES, Match))
        yield from ((self._webhook_rejected, refusal) for refusal in WebhookRefusal)
        yield from ((self._unmapped,), (self._segments,), (self._receipt_latency,))
        yield (self._state,)

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


def _usual_outcome(reason: Reason) -> Outcome:
    if reason in _ACCEPTED:
        return Outcome.ACCEPTED
    settles = RULES[reason].disposition is Disposition.SETTLE
    return Outcome.UNKNOWN if settles else Outcome.REJECTED


def _is_unsettled(status: Status | None, *, final: bool) -> bool:
    return status is Status.SUBMIT_UNKNOWN and not final
