"""Every metric by its name, labels and meaning."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info

#: Seconds: a vendor answers in tens of milliseconds, a bad day takes seconds.
_SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
#: Seconds: a receipt comes within a minute, or within days.
_RECEIPT_SECONDS = (1, 5, 15, 60, 300, 1800, 7200, 28800, 86400, 259200)


class Family(dict[tuple[str, ...], Any]):
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


class Families:
    """All metrics on one registry.

    Raises:
        ValueError: The registry has these metrics already: share the `Metrics`.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._by_provider: list[Family] = []
        self._declare_messages()
        self._declare_outbox()
        self._declare_configuration()
        self._declare_providers()
        self._declare_pushes()
        self._declare_service()

    def forget(self, providers: Collection[str]) -> None:
        """Remove the series of providers."""
        for family in self._by_provider:
            family.forget(providers)

    def _declare_messages(self) -> None:
        self.messages = self._counter(
            "messages", "Messages that came to a status.", "channel", "kind", "status"
        )
        self.route_messages = self._counter(
            "route_messages",
            "First statuses of messages, by route.",
            "route",
            "outcome",
        )
        self.message_duration = self._histogram(
            "message_duration_seconds",
            "From acceptance to the first status.",
            _SECONDS,
            "channel",
            "kind",
        )
        self.unsettled = self._single(
            "unsettled_messages",
            "Messages that may have been sent, and it is still being found out.",
        )
        self.suppressed = self._counter(
            "suppressed",
            "Messages that a policy deferred, dropped or refused.",
            "policy",
            "reason",
        )
        self.plugin_errors = self._counter(
            "plugin_errors", "Exceptions out of plugins.", "plugin", "hook"
        )

    def _declare_outbox(self) -> None:
        self.outbox_messages = self._gauge(
            "outbox_messages", "Messages in the outbox that are not final.", "status"
        )
        self.oldest = self._single(
            "outbox_oldest_age_seconds",
            "For how long the message has been due that waits longest for a worker.",
        )
        self.dead_letters = self._counter(
            "dead_letters", "Messages that ended undone by nobody's wish.", "reason"
        )

    def _declare_configuration(self) -> None:
        self.config = Info(
            "notify_config", "The configuration in use.", registry=self._registry
        )
        self.reloaded = self._single(
            "config_last_reload_successful",
            "Whether the configuration that was read last is the one in use.",
        )
        self.reloaded_time = self._single(
            "config_last_reload_success_timestamp_seconds",
            "When the configuration in use was taken over.",
        )

    def _declare_providers(self) -> None:
        self.attempts = self._counter(
            "attempts", "Ended attempts.", "provider", "outcome", "reason"
        )
        self.attempt_duration = self._histogram(
            "attempt_duration_seconds",
            "From start to answer.",
            _SECONDS,
            "provider",
            "outcome",
        )
        self.failovers = self._counter(
            "failovers", "Messages that left a provider.", "provider", "reason"
        )
        self.unmapped = self._counter(
            "unmapped_codes", "Refusals with a code that no table knows.", "provider"
        )
        self.segments = self._counter("segments", "Billable parts taken.", "provider")
        self.state = self._gauge(
            "provider_state",
            "Whether it is used: 0 ok, 1 probing after a rest, 2 resting.",
            "provider",
        )
        self.balance = self._gauge(
            "provider_balance", "Left on the account.", "provider", "unit"
        )
        self.balance_time = self._gauge(
            "provider_balance_timestamp_seconds",
            "When the balance was read.",
            "provider",
        )

    def _declare_pushes(self) -> None:
        self.receipts = self._counter(
            "receipts", "Delivery reports.", "provider", "status", "match"
        )
        self.receipt_latency = self._histogram(
            "receipt_latency_seconds",
            "From an attempt's start to its receipt.",
            _RECEIPT_SECONDS,
            "provider",
        )
        self.webhook_rejected = self._counter(
            "webhook_rejected", "Refused pushes.", "provider", "reason"
        )

    def _declare_service(self) -> None:
        self.http_problems = self._counter(
            "http_problems", "Requests that the HTTP service did not do.", "type"
        )

    def _counter(self, name: str, text: str, *labels: str) -> Family:
        full = f"notify_{name}"
        metric = Counter(full, text, labels, registry=self._registry)
        return self._family(metric, labels)

    def _gauge(self, name: str, text: str, *labels: str) -> Family:
        full = f"notify_{name}"
        return self._family(Gauge(full, text, labels, registry=self._registry), labels)

    def _histogram(
        self, name: str, text: str, buckets: tuple[float, ...], *labels: str
    ) -> Family:
        full = f"notify_{name}"
        metric = Histogram(full, text, labels, registry=self._registry, buckets=buckets)
        return self._family(metric, labels)

    def _single(self, name: str, text: str) -> Gauge:
        return Gauge(f"notify_{name}", text, registry=self._registry)

    def _family(self, metric: Any, labels: tuple[str, ...]) -> Family:
        family = Family(metric)
        if labels[0] == "provider":
            self._by_provider.append(family)
        return family
