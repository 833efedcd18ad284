"""Prometheus metrics, as an observer on the public hook like any other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any, ClassVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info

from notify_core.model.event import (
    Attempted,
    BalanceRead,
    Event,
    FailedOver,
    Match,
    Opened,
    PluginFailed,
    ReceiptMatched,
    Settled,
    WebhookRefused,
)
from notify_core.model.outcome import RULES, Disposition, Outcome, Reason
from notify_core.model.status import AttemptState, Status
from notify_core.model.webhook import WebhookRefusal
from notify_core.plugins import hookimpl, takes

#: Seconds: a vendor answers in tens of milliseconds, a bad day takes seconds.
_SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
#: Seconds: a receipt comes within a minute, or within days.
_RECEIPT_SECONDS = (1, 5, 15, 60, 300, 1800, 7200, 28800, 86400, 259200)

_ACCEPTED = (Reason.NONE, Reason.DUPLICATE_REQUEST)
#: Reasons of messages and receipts; no attempt's answer has them.
_NOT_OF_ATTEMPTS = {
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
        self._declare_message_metrics()
        self._declare_provider_metrics()

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
        self._plugin_errors = self._counter(
            "plugin_errors", "Exceptions out of plugins.", "plugin", "hook"
        )
        self._config = Info(
            "notify_config", "The configuration in use.", registry=self.registry
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
        self._receipts = self._counter(
            "receipts", "Delivery reports.", "provider", "status", "match"
        )
        self._receipt_latency = self._histogram(
            "receipt_latency_seconds",
            "From an attempt's start to its receipt.",
            _RECEIPT_SECONDS,
            "provider",
        )
        self._unmapped = self._counter(
            "unmapped_codes", "Refusals with a code that no table knows.", "provider"
        )
        self._segments = self._counter("segments", "Billable parts taken.", "provider")
        self._webhook_rejected = self._counter(
            "webhook_rejected", "Refused pushes.", "provider", "reason"
        )
        self._balance = self._gauge(
            "provider_balance", "Left on the account.", "provider", "unit"
        )
        self._balance_time = self._gauge(
            "provider_balance_timestamp_seconds",
            "When the balance was read.",
            "provider",
        )

    def _counter(self, name: str, text: str, *labels: str) -> _Family:
        full = f"notify_{name}"
        return _Family(Counter(full, text, labels, registry=self.registry))

    def _gauge(self, name: str, text: str, *labels: str) -> _Family:
        full = f"notify_{name}"
        return _Family(Gauge(full, text, labels, registry=self.registry))

    def _histogram(
        self, name: str, text: str, buckets: tuple[float, ...], *labels: str
    ) -> _Family:
        full = f"notify_{name}"
        return _Family(
            Histogram(full, text, labels, registry=self.registry, buckets=buckets)
        )

    def _settled(self, event: Settled) -> None:
        unknown = Status.SUBMIT_UNKNOWN
        if event.status is unknown or event.previous is unknown:
            self._count_unsettled(event)
        if event.status is event.previous:
            return
        self._messages[event.channel, event.kind, event.status].inc()
        if event.previous is None:
            self._route_messages[event.route, event.status].inc()
            self._message_duration[event.channel, event.kind].observe(event.duration)

    def _count_unsettled(self, event: Settled) -> None:
        was_unsettled = _is_unsettled(event.previous, final=event.previous_final)
        is_unsettled = _is_unsettled(event.status, final=event.final)
        self._unsettled.inc(is_unsettled - was_unsettled)

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

    def _webhook_refused(self, event: WebhookRefused) -> None:
        self._webhook_rejected[event.provider, event.refusal].inc()

    def _plugin_failed(self, event: PluginFailed) -> None:
        self._plugin_errors[event.plugin, event.hook].inc()

    def _opened(self, event: Opened) -> None:
        self._config.info({"hash": event.config})
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

    _COUNTED: ClassVar[Mapping[type[Event], Callable[[Metrics, Any], None]]] = {
        Settled: _settled,
        Attempted: _attempted,
        FailedOver: _failed_over,
        ReceiptMatched: _receipt_matched,
        BalanceRead: _balance_read,
        WebhookRefused: _webhook_refused,
        PluginFailed: _plugin_failed,
        Opened: _opened,
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
