"""What is written down, how loud, and what never is."""

import logging
from typing import Any

import attrs
import pytest

from notify_core.logs import notify_observe
from notify_core.model.attempt import Attempt
from notify_core.model.channel import Channel, Kind
from notify_core.model.event import (
    EVENT_TYPES,
    Accepted,
    Attempted,
    ConfigReloaded,
    Event,
    FailedOver,
    InboundReceived,
    Match,
    Opened,
    Planned,
    PluginFailed,
    ProviderStateChanged,
    ReceiptMatched,
    Settled,
    TemplateReviewed,
    WebhookRefused,
)
from notify_core.model.health import HealthState, HealthUnit
from notify_core.model.outcome import Outcome, Reason, Scope
from notify_core.model.receipt import InboundMessage, Receipt
from notify_core.model.status import AttemptState, Status
from notify_core.model.webhook import WebhookRefusal
from notify_core.testing import FakeVendor
from notify_core.trial.scripted import answer_for
from tests.builders import (
    NOON,
    NUMBER,
    code,
    notifier,
    provider,
    pushed,
    snapshot,
    webhook,
)

LOGGER = "notify_core.events"
ATTEMPT = Attempt(
    number=1,
    provider="a",
    account="a",
    state=AttemptState.ACCEPTED,
    outcome=Outcome.ACCEPTED,
    started_at=NOON,
    duration=0.25,
)


def state_changed(state: HealthState) -> ProviderStateChanged:
    return ProviderStateChanged(provider="a", unit=HealthUnit.PROVIDER, state=state)


RELOADED = ConfigReloaded(
    config="0123456789ab", previous="ba9876543210", ok=True, providers=("a",), at=NOON
)
SETTLED = Settled(
    message="m",
    channel=Channel.SMS,
    kind=Kind.OTP,
    route="root",
    status=Status.ACCEPTED,
    final=False,
    metadata={"order": "778899"},
    duration=0.5,
)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, LOGGER)
    return caplog


def told(log: pytest.LogCaptureFixture, event: Event) -> logging.LogRecord:
    """Return the one record of an event."""
    notify_observe(event)
    (record,) = log.records
    return record


def facts(record: logging.LogRecord) -> Any:
    return vars(record)["notify"]


def refused(reason: Reason, **fields: Any) -> Attempted:
    attempt = attrs.evolve(
        ATTEMPT,
        state=AttemptState.REJECTED,
        outcome=Outcome.REJECTED,
        reason=reason,
        **fields,
    )
    return Attempted(message="m", attempt=attempt)


# How loud.


LEVELS: list[tuple[Event, int]] = [
    (Attempted(message="m", attempt=ATTEMPT), logging.DEBUG),
    (refused(Reason.THROTTLED), logging.WARNING),
    (refused(Reason.CONTENT_REJECTED), logging.WARNING),
    (refused(Reason.INSUFFICIENT_BALANCE), logging.ERROR),
    (refused(Reason.AUTH_FAILED), logging.ERROR),
    (refused(Reason.TEMPLATE_REJECTED), logging.WARNING),
    (refused(Reason.TEMPLATE_REJECTED, scope=Scope.UNIT), logging.ERROR),
    (refused(Reason.UNMAPPED), logging.ERROR),
    (SETTLED, logging.DEBUG),
    (attrs.evolve(SETTLED, status=Status.DELIVERED), logging.DEBUG),
    (attrs.evolve(SETTLED, status=Status.REJECTED), logging.WARNING),
    (attrs.evolve(SETTLED, status=Status.SUBMIT_UNKNOWN), logging.WARNING),
    (
        FailedOver(message="m", provider="a", to="b", reason=Reason.UNMAPPED),
        logging.WARNING,
    ),
    (
        ReceiptMatched(provider="a", state=AttemptState.SENT, match=Match.ID),
        logging.DEBUG,
    ),
    (
        ReceiptMatched(provider="a", state=AttemptState.SENT, match=Match.MISMATCH),
        logging.WARNING,
    ),
    (
        InboundReceived(provider="a", inbound=InboundMessage(sender=NUMBER, text="TD")),
        logging.DEBUG,
    ),
    (TemplateReviewed(provider="a", template_id="7", approved=True), logging.INFO),
    (
        TemplateReviewed(provider="a", template_id="7", approved=False),
        logging.WARNING,
    ),
    (
        WebhookRefused(provider="a", refusal=WebhookRefusal.BAD_TOKEN),
        logging.WARNING,
    ),
    (state_changed(HealthState.RESTING), logging.WARNING),
    (state_changed(HealthState.PROBING), logging.INFO),
    (state_changed(HealthState.OK), logging.INFO),
    (PluginFailed(plugin="p", hook="submit", error="KeyError"), logging.ERROR),
    (Opened(config="0123456789ab", providers=("a", "b"), at=NOON), logging.INFO),
    (RELOADED, logging.INFO),
    (attrs.evolve(RELOADED, ok=False, problems=("n.yaml:1:1 is bad",)), logging.ERROR),
]


@pytest.mark.parametrize(
    ("event", "level"),
    LEVELS,
    ids=[f"{n}-{type(event).__name__}" for n, (event, _) in enumerate(LEVELS)],
)
def test_each_event_is_as_loud_as_it_matters(
    log: pytest.LogCaptureFixture, event: Event, level: int
) -> None:
    record = told(log, event)

    name = EVENT_TYPES[type(event)]
    assert (record.levelno, facts(record)["event"]) == (level, name)
    assert record.getMessage().startswith(f"{name} ")


@pytest.mark.parametrize(
    "event",
    [
        Accepted(message="m", channel=Channel.SMS, kind=Kind.OTP, recipient="+86****"),
        Planned(message="m", route="root", providers=("a",), excluded=()),
    ],
)
def test_what_others_tell_as_well_is_not_written_down(
    log: pytest.LogCaptureFixture, event: Event
) -> None:
    notify_observe(event)

    assert log.records == []


def test_what_nobody_listens_to_is_not_written(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, LOGGER)

    notify_observe(SETTLED)

    assert caplog.records == []


# What is told.


def test_a_record_has_the_facts_for_machines_and_in_its_text(
    log: pytest.LogCaptureFixture,
) -> None:
    record = told(log, refused(Reason.THROTTLED, code="4085", text="频率过高"))

    assert facts(record) == {
        "event": "attempted",
        "message": "m",
        "attempt": 1,
        "provider": "a",
        "outcome": "rejected",
        "reason": "throttled",
        "code": "4085",
        "text": "频率过高",
        "seconds": 0.25,
    }
    assert record.getMessage() == (
        "attempted message=m attempt=1 provider=a outcome=rejected reason=throttled "
        "code=4085 text=频率过高 seconds=0.25"
    )


def test_what_is_not_known_is_left_out(log: pytest.LogCaptureFixture) -> None:
    record = told(
        log, ReceiptMatched(provider="a", state=AttemptState.SENT, match=Match.PARKED)
    )

    assert "message" not in facts(record)
    assert "None" not in record.getMessage()


def test_a_vendors_words_cannot_pass_for_a_line_of_their_own(
    log: pytest.LogCaptureFixture,
) -> None:
    record = told(log, refused(Reason.UNMAPPED, text="no\nERROR root: all is lost\x1b"))

    assert "\n" not in record.getMessage()
    assert "\x1b" not in record.getMessage()
    assert r"'no\nERROR root: all is lost\x1b'" in record.getMessage()


def test_a_reviewers_words_are_masked(log: pytest.LogCaptureFixture) -> None:
    review = TemplateReviewed(
        provider="a", template_id="7", approved=False, text=f"call {NUMBER}"
    )

    assert facts(told(log, review))["text"] == "call +86138****8000"


async def test_nothing_of_a_message_or_a_person_is_written_down(
    log: pytest.LogCaptureFixture,
) -> None:
    vendor = FakeVendor()
    configured = snapshot(provider(vendor, webhook=webhook()))
    vendor["a"].answers(
        attrs.evolve(
            answer_for(Reason.RECIPIENT_BLOCKED), text=f"{NUMBER} is on the list"
        )
    )

    async with notifier(configured) as open_:
        for _ in range(2):
            await open_.send(
                code(params={"code": "987654"}, metadata={"order": "778899"})
            )
        for told_ in (
            Receipt(state=AttemptState.DELIVERED, provider_id="a-2", recipient=NUMBER),
            InboundMessage(sender=NUMBER, text="s3cret"),
        ):
            await open_.receive("a", pushed(vendor, "a", told_))

    written = log.text + str([facts(r) for r in log.records if r.name == LOGGER])
    assert "settled" in written
    for private in ("13800138000", "987654", "778899", "s3cret"):
        assert private not in written
