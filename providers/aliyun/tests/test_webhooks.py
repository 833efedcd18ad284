"""The pushes of the vendor, and what is none."""

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notify_aliyun.webhooks import parse_push

from notify_core.errors import WebhookRejected
from notify_core.model.outcome import Reason
from notify_core.model.receipt import InboundMessage, Receipt, TemplateReview
from notify_core.model.status import AttemptState
from notify_core.model.webhook import WebhookRefusal, WebhookRequest

RECEIPT = {"success": True, "biz_id": "1", "phone_number": "13811110000"}


def push(items):
    body = items if isinstance(items, bytes) else json.dumps(items).encode()
    return parse_push(WebhookRequest(url="https://n.example/webhooks/x", body=body))


def event(items):
    [only] = push(items).events
    return only


def test_a_delivery_receipt_is_read(golden):
    assert event(golden("sms_report.json")) == Receipt(
        state=AttemptState.DELIVERED,
        provider_id="12345",
        reference="67890",
        recipient="+8613811110000",
        code="DELIVERED",
        text="用户接收成功",
        at=datetime(2016, 12, 31, 16, tzinfo=UTC),
        submitted_at=datetime(2016, 12, 31, 16, tzinfo=UTC),
    )


def test_a_failed_delivery_keeps_the_vendors_code():
    told = event([RECEIPT | {"success": False, "err_code": "MOBILE_NOT_ON_SERVICE"}])

    assert told.state is AttemptState.UNDELIVERED
    assert told.reason is Reason.RECIPIENT_UNREACHABLE
    assert told.code == "MOBILE_NOT_ON_SERVICE"


def test_a_reply_is_read(golden):
    assert event(golden("sms_up.json")) == InboundMessage(
        sender="+8613811110000",
        text="内容",
        provider_id="1234567890",
        at=datetime(2017, 8, 31, 16, tzinfo=UTC),
    )


def test_a_reply_may_have_a_number_for_its_id():
    reply = {"phone_number": "13811110000", "dest_code": "1", "sequence_id": 77}

    assert event([reply]).provider_id == "77"


def test_a_template_review_is_read(golden):
    [item] = json.loads(golden("template_sms_report.json"))

    assert event([item]) == TemplateReview(
        template_id="SMS_123123242", approved=True, text="test"
    )
    assert not event([item | {"template_status": "rejected"}]).approved


def test_a_review_that_goes_on_or_is_of_a_signature_tells_nothing(golden):
    [item] = json.loads(golden("template_sms_report.json"))

    assert push([item | {"template_status": "approving"}]).events == ()
    assert push(golden("sign_sms_report.json")).events == ()


@pytest.mark.parametrize(
    "name", ["sms_report.json", "sms_up.json", "template_sms_report.json"]
)
def test_the_vendor_gets_the_answer_that_it_shows(golden, name):
    reply = push(golden(name)).reply

    assert reply.status == 200
    assert json.loads(reply.body) == json.loads(golden("push_reply.json"))
    assert reply.content_type == "application/json"


def test_a_batch_is_read_in_order():
    items = [RECEIPT | {"biz_id": str(number)} for number in range(100)]

    assert [told.provider_id for told in push(items).events] == [
        str(number) for number in range(100)
    ]


def test_what_cannot_be_read_does_not_cost_the_rest():
    items = [{"success": 1}, RECEIPT, "junk", {}, {"dest_code": "1"}]

    assert event(items).provider_id == "1"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("13811110000", "+8613811110000"),
        ("8613811110000", "+8613811110000"),
        ("+8613811110000", "+8613811110000"),
        ("008613811110000", "+8613811110000"),
        ("85291234567", "+85291234567"),
        ("0085291234567", "+85291234567"),
        ("1381111****", None),
        ("", None),
        (None, None),
        (True, None),
    ],
)
def test_numbers_are_normalised_as_the_core_writes_them(written, address):
    assert event([RECEIPT | {"phone_number": written}]).recipient == address


def test_a_receipt_with_an_unreadable_time_is_not_lost():
    assert event([RECEIPT | {"report_time": "soon"}]).at is None


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b"\xff", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"success": true, "biz_id": "1"}', "no array"),
        (b"[]", "can be read"),
        (b"[1]", "can be read"),
        (b'[{"hello": "world"}]', "can be read"),
        (b'[{"success": true}]', "can be read"),
        (b'[{"success": "true", "biz_id": "1"}]', "can be read"),
        (b'[{"success": true, "biz_id": " "}]', "can be read"),
        (b'[{"dest_code": "1", "phone_number": "nobody"}]', "can be read"),
        (b'[{"template_status": "approved"}]', "can be read"),
        (b'[{"template_status": "?", "template_code": "SMS_1"}]', "can be read"),
    ],
)
def test_what_is_no_push_of_the_vendor_is_refused(body, why):
    with pytest.raises(WebhookRejected, match=why) as refused:
        push(body)

    assert refused.value.refusal is WebhookRefusal.MALFORMED


JUNK = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
FIELDS = st.sampled_from([*RECEIPT, "out_id", "dest_code", "template_status"])


@given(st.lists(st.dictionaries(FIELDS, JUNK), min_size=1, max_size=5))
def test_any_items_are_read_or_refused(items):
    with suppress(WebhookRejected):
        assert push(items).reply.status == 200
