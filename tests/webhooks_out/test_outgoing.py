"""Events that become messages to endpoints."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest

from notify_core.config.events import EventTarget
from notify_core.config.snapshot import Snapshot
from notify_core.errors import InvalidMessage, Problem, StoreUnavailable
from notify_core.model.channel import Channel
from notify_core.model.event import EVENT_TYPES, Opened, WebhookRefused
from notify_core.model.message import Message
from notify_core.model.outcome import Reason
from notify_core.model.webhook import WebhookRefusal
from notify_core.outbox.sqlite import SqliteOutbox
from notify_core.plugins import Plugins
from notify_core.testing import FakeClock, FakeVendor
from notify_core.webhooks_out.outgoing import MOST_WAITING, Outgoing
from tests.builders import NOON, notifier, provider, snapshot, text, until
from tests.dispatch.durable import durable, outbox_in, worked

EVERYTHING = frozenset(EVENT_TYPES.values())
OPENED = Opened(config="0123456789ab", providers=("a",), at=NOON)


@pytest.fixture
async def outbox(tmp_path: Path) -> AsyncIterator[SqliteOutbox]:
    made = outbox_in(tmp_path)
    yield made
    await made.aclose()


def telling(vendor: FakeVendor, *targets: EventTarget, **fields: Any) -> Snapshot:
    """Return a configuration in which a sends texts, and hooks tells endpoints."""
    channels = frozenset({Channel.WEBHOOK})
    configured = snapshot(
        provider(vendor, "a", channels=frozenset({Channel.SMS})),
        provider(vendor, "hooks", channels=channels, **fields),
    )
    return attrs.evolve(configured, events=targets)


def target(*types: str, to: str = "billing") -> EventTarget:
    """Return an endpoint that is told of these events."""
    return EventTarget(to=to, types=frozenset(types) or EVERYTHING)


def told(vendor: FakeVendor) -> list[dict[str, Any]]:
    """Return what endpoints were told, in order."""
    return [json.loads(s.text or "") for s in vendor["hooks"].submissions]


async def test_an_event_is_a_document_of_type_time_and_data(
    vendor: FakeVendor,
) -> None:
    configured = telling(vendor, target("settled"))

    async with notifier(configured) as open_:
        result = await open_.send(text(metadata={"order": "7"}))

    (document,) = told(vendor)
    (submission,) = vendor["hooks"].submissions
    assert document["type"] == "settled"
    assert document["timestamp"] == NOON.isoformat()
    assert document["data"]["message"] == result.id
    assert document["data"]["status"] == "accepted"
    assert document["data"]["metadata"] == {"order": "7"}
    assert submission.reference.startswith("event_")
    assert "+86" not in (submission.text or "")


async def test_events_of_these_messages_themselves_are_not_told(
    vendor: FakeVendor,
) -> None:
    vendor["hooks"].answers(Reason.THROTTLED, Reason.RECIPIENT_INVALID)
    configured = telling(vendor, target())

    async with notifier(configured, clock=FakeClock(NOON)) as open_:
        await open_.send(text())

    sent = {document["data"].get("message", "") for document in told(vendor)}
    assert {"accepted", "attempted", "settled"} < {d["type"] for d in told(vendor)}
    assert not any(message.startswith("event_") for message in sent)


async def test_each_endpoint_is_told_of_what_it_asked_for(vendor: FakeVendor) -> None:
    configured = telling(vendor, target("settled"), target("attempted", to="audit"))

    async with notifier(configured) as open_:
        await open_.send(text())

    found = {s.recipient.address: s.text for s in vendor["hooks"].submissions}
    assert json.loads(found["billing"] or "")["type"] == "settled"
    assert json.loads(found["audit"] or "")["type"] == "attempted"


async def test_with_a_durable_outbox_a_worker_tells_and_tells_again(
    vendor: FakeVendor, outbox: SqliteOutbox
) -> None:
    clock = FakeClock(NOON)
    vendor["hooks"].answers(Reason.CONNECT_FAILED)
    configured = telling(vendor, target("settled"))
    async with durable(configured, outbox, clock) as open_:
        await open_.send(text())

    before = told(vendor)
    async with durable(configured, outbox, clock) as worker:
        await worked(worker)
        after = told(vendor)

    assert before == []
    assert [document["type"] for document in after] == ["settled", "settled"]


async def test_what_no_endpoint_takes_is_a_dead_letter(
    vendor: FakeVendor, outbox: SqliteOutbox
) -> None:
    clock = FakeClock(NOON)
    vendor["hooks"].answers(Reason.RECIPIENT_INVALID)
    configured = telling(vendor, target("settled"))
    async with durable(configured, outbox, clock) as open_:
        await open_.send(text())

    async with durable(configured, outbox, clock) as worker:
        await worked(worker)
        (record,) = (await worker.dead_letters()).records
        again = await worker.replay(record.message.id)

    assert record.message.channel is Channel.WEBHOOK
    assert record.message.to == "billing"
    # So that it is still known as one of which no event is told.
    assert again is not None
    assert again.id.startswith("event_")


async def test_after_a_reload_others_are_told(
    vendor: FakeVendor, outbox: SqliteOutbox
) -> None:
    plugins = Plugins(extra={"vendor": vendor})
    passed = Passed()
    outgoing = Outgoing(plugins, passed, FakeClock(NOON))

    outgoing.configure(telling(vendor, target("opened")))
    plugins.observe(OPENED)
    await until(lambda: passed.messages)
    outgoing.configure(telling(vendor, target("opened", to="audit")))
    plugins.observe(OPENED)
    await outgoing.aclose()

    assert [m.to for m in passed.messages] == ["billing", "audit"]
    assert not plugins.is_observed(Opened)


async def test_a_provider_tells_its_own_endpoints_nothing_about_itself(
    vendor: FakeVendor,
) -> None:
    plugins = Plugins(extra={"vendor": vendor})
    passed = Passed()
    outgoing = Outgoing(plugins, passed, FakeClock(NOON))
    outgoing.configure(telling(vendor, target("webhook_refused")))

    for name in ("hooks", "a"):
        refusal = WebhookRefused(provider=name, refusal=WebhookRefusal.MALFORMED)
        plugins.observe(refusal)
    await outgoing.aclose()

    (message,) = passed.messages
    assert message.content is not None
    assert json.loads(message.content.text)["data"]["provider"] == "a"


class Passed:
    """Takes messages, after it has raised what it was given."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.messages: list[Message] = []

    async def __call__(self, messages: Sequence[Message]) -> Sequence[object]:
        """Take them."""
        if self._errors:
            raise self._errors.pop(0)
        self.messages += messages
        return messages


def observing(
    vendor: FakeVendor, pass_on: Any, **options: Any
) -> tuple[Plugins, Outgoing]:
    """Return plugins, and what passes on their events of opening."""
    plugins = Plugins(extra={"vendor": vendor})
    outgoing = Outgoing(plugins, pass_on, FakeClock(NOON), **options)
    outgoing.configure(telling(vendor, target("opened")))
    return plugins, outgoing


async def test_events_wait_while_the_outbox_is_away(vendor: FakeVendor) -> None:
    passed = Passed(StoreUnavailable("the disk is full"))
    plugins, outgoing = observing(vendor, passed)

    plugins.observe(OPENED)
    await outgoing.aclose()

    assert len(passed.messages) == 1
    assert outgoing.dropped == 0


async def test_what_cannot_be_told_does_not_stop_the_rest(
    vendor: FakeVendor, caplog: pytest.LogCaptureFixture
) -> None:
    passed = Passed(RuntimeError("a secret"))
    plugins, outgoing = observing(vendor, passed)

    plugins.observe(OPENED)
    await until(lambda: outgoing.dropped)
    plugins.observe(OPENED)
    await outgoing.aclose()

    assert len(passed.messages) == 1
    assert "1 events are not passed on: RuntimeError" in caplog.text
    assert "a secret" not in caplog.text


async def test_a_message_that_is_refused_is_logged(
    vendor: FakeVendor, caplog: pytest.LogCaptureFixture
) -> None:
    refused = InvalidMessage([Problem(pointer="/route", message="no route 'x'")])

    async def refuse(messages: Iterable[Message]) -> Sequence[object]:
        return [refused for _ in messages]

    plugins, outgoing = observing(vendor, refuse)
    plugins.observe(OPENED)
    await outgoing.aclose()

    assert "endpoint billing is not told of an event: route no route" in caplog.text


async def test_more_events_than_can_wait_are_dropped_and_counted(
    vendor: FakeVendor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    plugins, outgoing = observing(vendor, Passed())

    for _ in range(MOST_WAITING + 3):
        plugins.observe(OPENED)

    assert outgoing.dropped == 3
    assert caplog.text.count("more are dropped") == 1
    await outgoing.aclose()
    assert "endpoints were not told of 3 events" in caplog.text


async def test_closing_does_not_wait_for_ever(
    vendor: FakeVendor, caplog: pytest.LogCaptureFixture
) -> None:
    async def hang(_: Sequence[Message]) -> Sequence[object]:
        await asyncio.Event().wait()
        return ()

    plugins, outgoing = observing(vendor, hang, grace=0.01)
    plugins.observe(OPENED)

    await outgoing.aclose()

    assert "endpoints were not told of 1 events" in caplog.text
