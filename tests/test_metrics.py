"""What is counted, under which names, and with which labels."""

from decimal import Decimal

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from notify_core.config.snapshot import Snapshot
from notify_core.metrics import Metrics
from notify_core.model.channel import Channel, Kind
from notify_core.model.event import (
    BalanceRead,
    Match,
    OutboxRead,
    PluginFailed,
    ProviderStateChanged,
    ReceiptMatched,
    Settled,
)
from notify_core.model.health import HealthState, HealthUnit
from notify_core.model.outcome import POLICY_REASONS, Reason
from notify_core.model.receipt import Balance, InboundMessage, Receipt
from notify_core.model.status import AttemptState, Status
from notify_core.model.verdict import Verdict
from notify_core.model.webhook import WebhookRefusal
from notify_core.policy.decision import Decision
from notify_core.testing import FakeClock, FakeVendor
from tests.builders import (
    NOON,
    NUMBER,
    TOKEN,
    Says,
    accounts,
    code,
    notifier,
    policies,
    provider,
    pushed,
    snapshot,
    webhook,
)

#: Those of design's list that this release has; the names are a public API.
LABELS = {
    "notify_messages_total": {"channel", "kind", "status"},
    "notify_route_messages_total": {"route", "outcome"},
    "notify_message_duration_seconds": {"channel", "kind"},
    "notify_attempts_total": {"provider", "outcome", "reason"},
    "notify_attempt_duration_seconds": {"provider", "outcome"},
    "notify_failovers_total": {"provider", "reason"},
    "notify_provider_state": {"provider"},
    "notify_provider_balance": {"provider", "unit"},
    "notify_provider_balance_timestamp_seconds": {"provider"},
    "notify_receipts_total": {"provider", "status", "match"},
    "notify_receipt_latency_seconds": {"provider"},
    "notify_unsettled_messages": set(),
    "notify_unmapped_codes_total": {"provider"},
    "notify_segments_total": {"provider"},
    "notify_config_info": {"hash"},
    "notify_config_last_reload_successful": set(),
    "notify_config_last_reload_success_timestamp_seconds": set(),
    "notify_webhook_rejected_total": {"provider", "reason"},
    "notify_http_problems_total": {"type"},
    "notify_suppressed_total": {"policy", "reason"},
    "notify_plugin_errors_total": {"plugin", "hook"},
    "notify_outbox_messages": {"status"},
    "notify_outbox_oldest_age_seconds": set(),
    "notify_dead_letters_total": {"reason"},
}


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def configured(vendor: FakeVendor) -> Snapshot:
    return snapshot(provider(vendor, "a", webhook=webhook()), provider(vendor, "b"))


async def exercised(vendor: FakeVendor, metrics: Metrics) -> None:
    """Make everything happen once that is counted."""
    vendor["a"].answers(
        Reason.UNMAPPED,
        Reason.NO_RESPONSE,
        KeyError("s3cret"),
        Reason.RECIPIENT_INVALID,
    )
    async with notifier(
        configured(vendor), metrics=metrics, clock=FakeClock()
    ) as open_:
        for _ in range(5):
            await open_.send(code(params={"code": "987654"}, metadata={"order": "o-7"}))
        await open_.balance("a")
        for told in (
            Receipt(state=AttemptState.DELIVERED, provider_id="a-5"),
            Receipt(state=AttemptState.DELIVERED, provider_id="a-5"),
            InboundMessage(sender=NUMBER, text="TD"),
        ):
            await open_.receive("a", pushed(vendor, "a", told))
        await open_.receive("x", pushed(vendor, "a"))
    refusal = Decision(verdict=Verdict.REJECT, reason=Reason.POLICY_CONTENT)
    strict = accounts(vendor, "a", policy=policies(content=Says(refusal)))
    async with notifier(strict, metrics=metrics, clock=FakeClock()) as open_:
        await open_.send(code())
    metrics.notify_observe(OutboxRead(messages={}, oldest_age=0.0, at=NOON))
    metrics.http_problems[("defect",)].inc()


# Names and labels.


async def test_the_names_and_labels_are_the_public_ones(
    vendor: FakeVendor, metrics: Metrics
) -> None:
    await exercised(vendor, metrics)

    found = {
        family.name: {
            label
            for sample in family.samples
            for label in sample.labels
            if label != "le"
        }
        for family in metrics.registry.collect()
    }
    totals = {f"{name}_total" for name in found} & LABELS.keys()
    suffixes = {name: f"{name}_total" for name in found if f"{name}_total" in totals}
    suffixes["notify_config"] = "notify_config_info"
    assert {
        suffixes.get(name, name): labels for name, labels in found.items()
    } == LABELS


async def test_nothing_of_a_message_or_a_person_is_exposed(
    vendor: FakeVendor, metrics: Metrics
) -> None:
    await exercised(vendor, metrics)

    lines = generate_latest(metrics.registry).decode().splitlines()
    exposed = "\n".join(line for line in lines if "_created{" not in line)
    sent = {s.message for name in "ab" for s in vendor[name].submissions}
    assert len(sent) == 5
    for private in (*sent, NUMBER, NUMBER[1:], "987654", "o-7", "TD", TOKEN, "s3cret"):
        assert private not in exposed


async def test_the_exposition_can_be_read(vendor: FakeVendor, metrics: Metrics) -> None:
    await exercised(vendor, metrics)

    exposed = generate_latest(metrics.registry).decode()
    families = {family.name for family in text_string_to_metric_families(exposed)}

    assert "notify_messages" in families
    assert all(name.startswith("notify_") for name in families)


async def test_what_rates_are_taken_of_starts_at_zero(
    vendor: FakeVendor, metrics: Metrics
) -> None:
    async with notifier(configured(vendor), metrics=metrics):
        pass

    attempts = {"outcome": "rejected", "reason": "throttled"}
    refused = {"reason": WebhookRefusal.BAD_TOKEN}
    receipts = {"status": AttemptState.DELIVERED, "match": Match.PARKED}
    for name in "ab":
        assert value(metrics, "notify_attempts_total", provider=name, **attempts) == 0
        assert value(metrics, "notify_unmapped_codes_total", provider=name) == 0
        assert value(metrics, "notify_segments_total", provider=name) == 0
        assert value(metrics, "notify_provider_state", provider=name) == 0
        latency = "notify_receipt_latency_seconds_count"
        assert value(metrics, latency, provider=name) == 0
        rejected = "notify_webhook_rejected_total"
        assert value(metrics, rejected, provider=name, **refused) == 0
        assert value(metrics, "notify_receipts_total", provider=name, **receipts) == 0
        left = {"provider": name, "reason": Reason.CONNECT_FAILED}
        assert value(metrics, "notify_failovers_total", **left) == 0
    assert len(series(metrics, "notify_failovers_total")) <= 2 * 20
    assert value(metrics, "notify_unsettled_messages") == 0
    assert value(metrics, "notify_config_info", hash="0123456789ab") == 1


@pytest.mark.parametrize("reason", Reason, ids=str)
async def test_no_answer_makes_a_series_that_did_not_start_at_zero(
    vendor: FakeVendor, metrics: Metrics, reason: Reason
) -> None:
    never_answers = POLICY_REASONS | {
        Reason.NO_PROVIDER,
        Reason.EXPIRED,
        Reason.DEADLINE_EXCEEDED,
        Reason.CANCELED,
        Reason.RECIPIENT_UNREACHABLE,
        Reason.CARRIER_REJECTED,
    }
    vendor["a"].answers(reason)

    async with notifier(
        configured(vendor), metrics=metrics, clock=FakeClock()
    ) as open_:
        before = series(metrics, "notify_attempts_total")
        await open_.send(code())

    grown = series(metrics, "notify_attempts_total") - before
    assert len(grown) == (1 if reason in never_answers else 0)


def series(metrics: Metrics, name: str) -> set[tuple[tuple[str, str], ...]]:
    return {
        tuple(sorted(sample.labels.items()))
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == name
    }


async def test_a_provider_has_at_most_fifty_series_of_each_family_at_the_start(
    vendor: FakeVendor, metrics: Metrics
) -> None:
    async with notifier(accounts(vendor, "a"), metrics=metrics):
        pass

    for family in metrics.registry.collect():
        assert len([s for s in family.samples if s.name.endswith("_total")]) <= 50


# What is counted.


async def test_messages_attempts_and_failovers_are_counted(
    vendor: FakeVendor, metrics: Metrics
) -> None:
    await exercised(vendor, metrics)

    messages = {"channel": "sms", "kind": "otp"}
    for status, count in (
        ("accepted", 2),
        ("submit_unknown", 2),
        ("rejected", 2),
        ("delivered", 1),
    ):
        name = "notify_messages_total"
        assert value(metrics, name, status=status, **messages) == count
    for outcome, count in (("accepted", 2), ("submit_unknown", 2), ("rejected", 2)):
        name = "notify_route_messages_total"
        assert value(metrics, name, route="root", outcome=outcome) == count
    assert value(metrics, "notify_message_duration_seconds_count", **messages) == 6
    for provider_, outcome, reason, count in (
        ("a", "rejected", "unmapped", 1),
        ("a", "unknown", "no_response", 2),
        ("a", "rejected", "recipient_invalid", 1),
        ("a", "accepted", "none", 1),
        ("b", "accepted", "none", 1),
    ):
        labels = {"provider": provider_, "outcome": outcome, "reason": reason}
        assert value(metrics, "notify_attempts_total", **labels) == count
    name = "notify_attempt_duration_seconds_count"
    assert value(metrics, name, provider="a", outcome="unknown") == 2
    name = "notify_failovers_total"
    assert value(metrics, name, provider="a", reason="unmapped") == 1
    assert value(metrics, "notify_unmapped_codes_total", provider="a") == 1
    assert value(metrics, "notify_segments_total", provider="a") == 1


async def test_receipts_balances_refusals_and_faults_are_counted(
    vendor: FakeVendor, metrics: Metrics
) -> None:
    await exercised(vendor, metrics)

    name = "notify_receipts_total"
    for match in ("id", "late"):
        labels = {"provider": "a", "status": "delivered", "match": match}
        assert value(metrics, name, **labels) == 1
    # A duplicate says nothing of how long the first one took.
    assert value(metrics, "notify_receipt_latency_seconds_count", provider="a") == 1
    balance = {"provider": "a", "unit": "messages"}
    assert value(metrics, "notify_provider_balance", **balance) == 100
    name = "notify_provider_balance_timestamp_seconds"
    assert value(metrics, name, provider="a") == NOON.timestamp()
    refused = {"provider": "unknown", "reason": "not_configured"}
    assert value(metrics, "notify_webhook_rejected_total", **refused) == 1
    name = "notify_plugin_errors_total"
    assert value(metrics, name, plugin="fake", hook="submit") == 1


async def test_unsettled_messages_are_a_level_that_falls_again(
    vendor: FakeVendor, metrics: Metrics
) -> None:
    vendor["a"].answers(Reason.NO_RESPONSE, Reason.NO_RESPONSE)
    name = "notify_unsettled_messages"

    async with notifier(configured(vendor), metrics=metrics) as open_:
        first = await open_.send(code())
        await open_.send(code())
        two = value(metrics, name)
        receipt = Receipt(state=AttemptState.SENT, reference=first.id)
        await open_.receive("a", pushed(vendor, "a", receipt))
        one = value(metrics, name)

    assert (two, one) == (2, 1)


async def test_who_gives_up_settling_is_not_unsettled_any_more(
    vendor: FakeVendor, metrics: Metrics
) -> None:
    vendor["a"].answers(Reason.NO_RESPONSE)

    async with notifier(
        configured(vendor), metrics=metrics, clock=FakeClock()
    ) as open_:
        result = await open_.send(code(), wait_for="delivered")

    assert (result.status, result.final) == (Status.SUBMIT_UNKNOWN, True)
    assert value(metrics, "notify_unsettled_messages") == 0
    labels = {"channel": "sms", "kind": "otp", "status": "submit_unknown"}
    assert value(metrics, "notify_messages_total", **labels) == 1


async def test_how_long_things_took_is_measured(
    vendor: FakeVendor, metrics: Metrics
) -> None:
    vendor["a"].answers(Reason.THROTTLED)
    clock = FakeClock()

    async with notifier(accounts(vendor, "a"), metrics=metrics, clock=clock) as open_:
        await open_.send(code())

    name = "notify_message_duration_seconds_sum"
    took = value(metrics, name, channel="sms", kind="otp")
    assert took == pytest.approx(clock.slept[0])


# By itself.


def test_a_new_status_after_the_first_counts_no_route_and_no_duration(
    metrics: Metrics,
) -> None:
    metrics.notify_observe(
        Settled(
            message="m",
            channel=Channel.SMS,
            kind=Kind.OTP,
            route="root",
            status=Status.DELIVERED,
            final=True,
            previous=Status.ACCEPTED,
            duration=7,
        )
    )

    assert value(
        metrics, "notify_messages_total", channel="sms", kind="otp", status="delivered"
    )
    assert series(metrics, "notify_route_messages_total") == set()


def test_a_parked_receipt_has_no_latency(metrics: Metrics) -> None:
    parked = ReceiptMatched(
        provider="a", state=AttemptState.DELIVERED, match=Match.PARKED
    )

    metrics.notify_observe(parked)

    assert series(metrics, "notify_receipt_latency_seconds_count") == set()


def test_a_balance_is_shown_in_its_unit(metrics: Metrics) -> None:
    balance = Balance(amount=Decimal("12.50"), unit="CNY")

    metrics.notify_observe(BalanceRead(provider="a", balance=balance, at=NOON))

    labels = {"provider": "a", "unit": "CNY"}
    assert value(metrics, "notify_provider_balance", **labels) == 12.5


def test_what_is_in_the_outbox_is_shown_by_status(metrics: Metrics) -> None:
    full = {Status.DEFERRED: 3, Status.CREATED: 1}
    name = "notify_outbox_messages"
    metrics.notify_observe(OutboxRead(messages=full, oldest_age=7.5, at=NOON))
    before = value(metrics, name, status="deferred")

    metrics.notify_observe(OutboxRead(messages={}, oldest_age=0, at=NOON))

    assert before == 3
    assert value(metrics, name, status="deferred") == 0
    assert value(metrics, "notify_outbox_oldest_age_seconds") == 0


async def test_a_dead_letter_is_counted_once_with_its_reason(
    vendor: FakeVendor, metrics: Metrics
) -> None:
    vendor["a"].answers(Reason.RECIPIENT_INVALID)
    refusal = Decision(verdict=Verdict.REJECT, reason=Reason.POLICY_CONTENT)
    strict = accounts(vendor, "a", policy=policies(content=Says(refusal)))

    for configured in (accounts(vendor, "a"), strict):
        async with notifier(configured, metrics=metrics, clock=FakeClock()) as open_:
            await open_.send(code())

    name = "notify_dead_letters_total"
    assert value(metrics, name, reason="recipient_invalid") == 1
    assert value(metrics, name, reason="policy_content") is None


@pytest.mark.parametrize(
    ("state", "shown"),
    [(HealthState.OK, 0), (HealthState.PROBING, 1), (HealthState.RESTING, 2)],
)
def test_the_state_of_a_provider_is_shown(
    metrics: Metrics, state: HealthState, shown: int
) -> None:
    provider_ = HealthUnit.PROVIDER

    metrics.notify_observe(
        ProviderStateChanged(provider="a", unit=provider_, state=state)
    )

    assert value(metrics, "notify_provider_state", provider="a") == shown


def test_a_sender_that_rests_is_not_the_provider(metrics: Metrics) -> None:
    resting = ProviderStateChanged(
        provider="a", unit=HealthUnit.SENDER, state=HealthState.RESTING
    )

    metrics.notify_observe(resting)

    assert value(metrics, "notify_provider_state", provider="a") is None


def test_a_given_registry_is_used_and_holds_one_set() -> None:
    registry = CollectorRegistry()

    first = Metrics(registry)

    assert first.registry is registry
    with pytest.raises(ValueError, match="make one Metrics for it"):
        Metrics(registry)


def test_each_set_has_a_registry_of_its_own() -> None:
    one, other = Metrics(), Metrics()

    one.notify_observe(PluginFailed(plugin="p", hook="h", error="E"))

    assert value(one, "notify_plugin_errors_total", plugin="p", hook="h") == 1
    assert value(other, "notify_plugin_errors_total", plugin="p", hook="h") is None
