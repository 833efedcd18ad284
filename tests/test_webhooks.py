"""Who may push, what is taken from it, and what is answered."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from notify_core.config.snapshot import Snapshot, WebhookSettings
from notify_core.errors import WebhookRejected
from notify_core.http import MAX_BODY
from notify_core.metrics import Metrics
from notify_core.model.event import (
    InboundReceived,
    PluginFailed,
    ReceiptMatched,
    TemplateReviewed,
    WebhookRefused,
)
from notify_core.model.receipt import InboundMessage, Receipt, TemplateReview
from notify_core.model.status import AttemptState, Status
from notify_core.model.webhook import Push, WebhookRefusal, WebhookReply, WebhookRequest
from notify_core.outbox.inbound import InboundFilter
from notify_core.policy.suppression import SUPPRESSION
from notify_core.testing import FakeProvider, FakeVendor
from tests.builders import (
    NOON,
    NUMBER,
    TOKEN,
    FailingOutbox,
    Mute,
    Seen,
    code,
    notifier,
    policies,
    provider,
    pushed,
    snapshot,
    webhook,
)
from tests.dispatch.durable import outbox_in
from tests.policy.counting import policy

OK = WebhookReply(body=b"ok")
FIRST = Receipt(state=AttemptState.DELIVERED, provider_id="a-1")
REFUSAL = Receipt(state=AttemptState.REJECTED, provider_id="a-1")
ZONELESS = InboundMessage(sender=NUMBER, text="T", at=datetime(2026, 1, 1))
DELIVERED = b'{"id": "a-1", "state": "delivered"}'


def configured(
    vendor: FakeVendor, who: WebhookSettings | None, **capabilities: Any
) -> Snapshot:
    return snapshot(provider(vendor, webhook=who, **capabilities))


def request(body: bytes = DELIVERED, **fields: Any) -> WebhookRequest:
    usual = {"url": "https://n.example/webhooks/a", "token": TOKEN, "body": body}
    return WebhookRequest(**{**usual, **fields})


def refusals(seen: Seen) -> list[tuple[str, WebhookRefusal]]:
    return [(event.provider, event.refusal) for event in seen.of(WebhookRefused)]


def parses(vendor: FakeVendor, result: object) -> None:
    """Script what the plugin makes of a push: a value, or an error that it raises."""

    def parse(_: WebhookRequest) -> object:
        if isinstance(result, Exception):
            raise result
        return result

    vars(vendor["a"])["parse_webhook"] = parse


# What is taken.


async def test_a_push_is_stored_and_gets_the_exact_answer_that_the_vendor_wants(
    vendor: FakeVendor,
) -> None:
    wanted = WebhookReply(status=201, body=b"success", content_type="text/html")
    receipt = Receipt(state=AttemptState.DELIVERED, provider_id="a-1")
    parses(vendor, Push(events=(receipt,), reply=wanted))

    async with notifier(configured(vendor, webhook())) as open_:
        result = await open_.send(code())
        reply = await open_.receive("a", request())
        after = await open_.get(result.id)

    assert reply == wanted
    assert after is not None
    assert after.status is Status.DELIVERED


async def test_every_event_of_a_push_is_taken(vendor: FakeVendor, seen: Seen) -> None:
    events = (
        Receipt(state=AttemptState.DELIVERED, provider_id="a-1"),
        InboundMessage(sender=NUMBER, text="T"),
        TemplateReview(template_id="7", approved=True, text="ok"),
    )

    async with notifier(configured(vendor, webhook()), seen) as open_:
        await open_.receive("a", pushed(vendor, "a", *events))

    assert len(seen.of(ReceiptMatched)) == 1
    assert seen.of(InboundReceived) == [
        InboundReceived(provider="a", inbound=events[1])
    ]
    reviewed = TemplateReviewed(provider="a", template_id="7", approved=True, text="ok")
    assert seen.of(TemplateReviewed) == [reviewed]


async def test_a_push_that_calls_for_nothing_is_still_acknowledged(
    vendor: FakeVendor,
) -> None:
    async with notifier(configured(vendor, webhook())) as open_:
        reply = await open_.receive("a", pushed(vendor, "a"))

    assert reply.status == 200


@pytest.mark.parametrize(("replied_to", "is_known"), [("a-1", True), ("a-9", False)])
async def test_a_reply_names_the_message_that_it_answers(
    vendor: FakeVendor, seen: Seen, replied_to: str, is_known: bool
) -> None:
    said = InboundMessage(sender=NUMBER, text="T", provider_id=replied_to)

    async with notifier(configured(vendor, webhook()), seen) as open_:
        result = await open_.send(code())
        await open_.receive("a", pushed(vendor, "a", said))

    (told,) = seen.of(InboundReceived)
    assert told.message == (result.id if is_known else None)


async def test_a_reply_is_kept_once_and_told_once_however_often_it_is_pushed(
    vendor: FakeVendor, seen: Seen, tmp_path: Path
) -> None:
    body = f'{{"from": "{NUMBER}", "text": "T"}}'.encode()
    configuration = configured(vendor, webhook())

    async with notifier(configuration, seen, outbox=outbox_in(tmp_path)) as before:
        first = await before.receive("a", request(body))
    async with notifier(configuration, seen, outbox=outbox_in(tmp_path)) as open_:
        again = await open_.receive("a", request(body))
        page = await open_.inbound(InboundFilter(sender=NUMBER))

    said = InboundMessage(sender=NUMBER, text="T")
    assert first == again == OK
    assert [kept.inbound for kept in page.inbound] == [said]
    assert seen.of(InboundReceived) == [InboundReceived(provider="a", inbound=said)]


@pytest.mark.parametrize(
    ("told", "is_out"),
    [
        ({"provider_id": "r-1"}, False),
        ({"at": NOON}, False),
        # The same words once more, or the same push? Who says stop is heard.
        ({}, True),
    ],
)
async def test_a_stop_that_is_pushed_again_does_not_undo_what_an_operator_did(
    vendor: FakeVendor, told: dict[str, Any], is_out: bool
) -> None:
    said = InboundMessage(sender=NUMBER, text="STOP", **told)
    heeded = policies(suppression=policy(SUPPRESSION, {}))
    heeding = snapshot(provider(vendor, webhook=webhook()), policy=heeded)

    async with notifier(heeding) as open_:
        await open_.receive("a", pushed(vendor, "a", said))
        before = await open_.suppressed()
        await open_.unsuppress(NUMBER)
        await open_.receive("a", pushed(vendor, "a", said))
        after = await open_.suppressed()

    assert [listed.opted_out for listed in before] == [True]
    assert [listed.opted_out for listed in after] == [True] * is_out


async def test_a_reply_that_cannot_be_kept_is_to_be_pushed_again(
    vendor: FakeVendor, seen: Seen
) -> None:
    said = InboundMessage(sender=NUMBER, text="T")
    outbox = FailingOutbox("keep_inbound")

    async with notifier(configured(vendor, webhook()), seen, outbox=outbox) as open_:
        refused = await open_.receive("a", pushed(vendor, "a", said))
        told_before = seen.of(InboundReceived)
        outbox.failing.clear()
        taken = await open_.receive("a", pushed(vendor, "a", said))
        page = await open_.inbound(InboundFilter(provider="a"))

    assert (refused.status, taken.status) == (503, 200)
    assert told_before == []
    assert seen.of(InboundReceived) == [InboundReceived(provider="a", inbound=said)]
    assert [kept.inbound for kept in page.inbound] == [said]


async def test_a_reply_keeps_what_it_answers_and_no_half_characters(
    vendor: FakeVendor, tmp_path: Path
) -> None:
    said = InboundMessage(sender=NUMBER, text="half: \ud83d", provider_id="a-1")
    configuration = configured(vendor, webhook())

    async with notifier(configuration, outbox=outbox_in(tmp_path)) as open_:
        result = await open_.send(code())
        await open_.receive("a", pushed(vendor, "a", said))
        page = await open_.inbound(InboundFilter())

    (kept,) = page.inbound
    assert (kept.message, kept.inbound.text) == (result.id, "half: ?")


# Who may push.


@pytest.mark.parametrize(
    "token",
    [None, "", "t0ken-of-the-test", f"{TOKEN} ", TOKEN.upper(), "\udc80", "口令"],
)
async def test_a_push_without_the_right_token_is_refused(
    vendor: FakeVendor, seen: Seen, token: str | None
) -> None:
    async with notifier(configured(vendor, webhook()), seen) as open_:
        reply = await open_.receive("a", request(token=token))

    assert (reply.status, reply.body) == (403, b"wrong token")
    assert refusals(seen) == [("a", WebhookRefusal.BAD_TOKEN)]
    assert seen.of(ReceiptMatched) == []


async def test_while_a_token_is_replaced_both_open(vendor: FakeVendor) -> None:
    both = webhook("old-token-of-16-b", "new-token-of-16-b")

    async with notifier(configured(vendor, both)) as open_:
        replies = [
            await open_.receive("a", request(token=token))
            for token in ("old-token-of-16-b", "new-token-of-16-b", TOKEN)
        ]

    assert [reply.status for reply in replies] == [200, 200, 403]


@pytest.mark.parametrize(
    ("source", "is_allowed"),
    [
        ("192.0.2.1", True),
        ("192.0.2.255", True),
        ("192.0.3.1", False),
        ("::ffff:192.0.2.1", True),
        ("::ffff:192.0.3.1", False),
        ("2001:db8::7", True),
        ("2001:db9::7", False),
        (None, False),
        ("", False),
        ("unix", False),
        ("192.0.2.1:443", False),
    ],
)
async def test_only_the_vendors_networks_may_push(
    vendor: FakeVendor, seen: Seen, source: str | None, is_allowed: bool
) -> None:
    known = webhook(allow_from=["192.0.2.0/24", "2001:db8::/32"])

    async with notifier(configured(vendor, known), seen) as open_:
        reply = await open_.receive("a", request(source=source))

    assert reply.status == (200 if is_allowed else 403)
    refused = [] if is_allowed else [("a", WebhookRefusal.SOURCE_NOT_ALLOWED)]
    assert refusals(seen) == refused


async def test_without_networks_anybody_with_the_token_may_push(
    vendor: FakeVendor,
) -> None:
    async with notifier(configured(vendor, webhook())) as open_:
        reply = await open_.receive("a", request(source="203.0.113.9"))

    assert reply.status == 200


async def test_a_provider_without_a_webhook_section_takes_no_push(
    vendor: FakeVendor, seen: Seen
) -> None:
    async with notifier(configured(vendor, None), seen) as open_:
        reply = await open_.receive("a", request())

    assert reply.status == 404
    assert refusals(seen) == [("a", WebhookRefusal.NOT_CONFIGURED)]


async def test_a_provider_that_reads_no_pushes_takes_none() -> None:
    mute = FakeVendor(create=lambda _: Mute(FakeProvider()))

    async with notifier(configured(mute, webhook())) as open_:
        reply = await open_.receive("a", request())

    assert reply.status == 404


async def test_a_name_that_no_provider_has_makes_no_label_of_its_own(
    vendor: FakeVendor, seen: Seen
) -> None:
    metrics = Metrics()

    async with notifier(configured(vendor, webhook()), seen, metrics=metrics) as open_:
        for name in ("x", "../../etc/passwd"):
            reply = await open_.receive(name, request())
            assert reply.status == 404

    assert refusals(seen) == [("unknown", WebhookRefusal.NOT_CONFIGURED)] * 2
    labels = {"provider": "unknown", "reason": "not_configured"}
    name = "notify_webhook_rejected_total"
    assert metrics.registry.get_sample_value(name, labels) == 2


# What cannot be read.


async def test_a_body_that_is_too_large_is_refused(
    vendor: FakeVendor, seen: Seen
) -> None:
    async with notifier(configured(vendor, webhook()), seen) as open_:
        reply = await open_.receive("a", request(b"x" * (MAX_BODY + 1)))
        wrong = await open_.receive("a", request(b"x" * (MAX_BODY + 1), token="no"))  # noqa: S106 (it opens nothing)

    assert (reply.status, wrong.status) == (413, 403)
    assert refusals(seen)[0] == ("a", WebhookRefusal.TOO_LARGE)


async def test_a_body_that_is_not_the_vendors_is_refused(
    vendor: FakeVendor, seen: Seen
) -> None:
    async with notifier(configured(vendor, webhook()), seen) as open_:
        reply = await open_.receive("a", request(b"<html>"))

    assert (reply.status, reply.body) == (400, b"neither a receipt nor a reply")
    assert refusals(seen) == [("a", WebhookRefusal.MALFORMED)]


@pytest.mark.parametrize(
    ("refusal", "status"),
    [(WebhookRefusal.BAD_SIGNATURE, 403), (WebhookRefusal.MALFORMED, 400)],
)
async def test_a_plugin_may_refuse_a_push(
    vendor: FakeVendor, seen: Seen, refusal: WebhookRefusal, status: int
) -> None:
    parses(vendor, WebhookRejected(refusal, "half a pair: \ud83d"))

    async with notifier(configured(vendor, webhook()), seen) as open_:
        reply = await open_.receive("a", request())

    assert (reply.status, reply.body) == (status, b"half a pair: ?")
    assert refusals(seen) == [("a", refusal)]


@pytest.mark.parametrize(
    ("made", "error"),
    [
        (KeyError("s3cret"), "KeyError"),
        (None, "AttributeError"),
        (Push(events=("delivered",), reply=OK), "TypeError"),  # type: ignore[arg-type]
        (Push(events=(FIRST, REFUSAL), reply=OK), "ValueError"),
        (Push(events=(ZONELESS,), reply=OK), "ValueError"),
        (RecursionError(), "RecursionError"),
    ],
    ids=["raises", "none", "no event", "no state", "no zone", "recursion"],
)
async def test_a_plugin_that_breaks_on_a_push_is_reported_and_the_push_refused(
    vendor: FakeVendor, seen: Seen, made: object, error: str
) -> None:
    parses(vendor, made)

    async with notifier(configured(vendor, webhook()), seen) as open_:
        reply = await open_.receive("a", request())

    assert (reply.status, reply.body) == (400, b"this push cannot be read")
    failed = PluginFailed(plugin="fake", hook="parse_webhook", error=error)
    assert seen.of(PluginFailed) == [failed]
    assert refusals(seen) == [("a", WebhookRefusal.MALFORMED)]
    assert seen.of(ReceiptMatched) == []


async def test_events_may_come_one_by_one(vendor: FakeVendor, seen: Seen) -> None:
    parses(vendor, Push(events=(e for e in [FIRST]), reply=OK))  # type: ignore[arg-type]

    async with notifier(configured(vendor, webhook()), seen) as open_:
        await open_.receive("a", request())

    assert len(seen.of(ReceiptMatched)) == 1


async def test_a_push_that_cannot_be_stored_is_to_be_made_again(
    vendor: FakeVendor, seen: Seen
) -> None:
    outbox = FailingOutbox("by_provider_id")

    async with notifier(configured(vendor, webhook()), seen, outbox=outbox) as open_:
        reply = await open_.receive("a", request())

    assert reply.status == 503
    assert refusals(seen) == []


async def test_no_secret_is_in_an_answer_to_a_stranger(vendor: FakeVendor) -> None:
    async with notifier(configured(vendor, webhook())) as open_:
        replies = [
            await open_.receive(name, request(token=token, body=body))
            for name in ("a", "b")
            for token in (None, "x")
            for body in (b"", DELIVERED)
        ]

    assert all(TOKEN.encode() not in reply.body for reply in replies)
