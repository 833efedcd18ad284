"""The three pushes of the vendor, and what is none."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notify_ihuyi.products import PRODUCTS
from notify_ihuyi.webhooks import parse_push

from notify_core.errors import WebhookRejected
from notify_core.model.outcome import Reason
from notify_core.model.receipt import InboundMessage, Receipt, TemplateReview
from notify_core.model.status import AttemptState
from notify_core.model.webhook import WebhookRefusal, WebhookRequest

ID = "16165686731585006595"


def push(body, product="sms", region="CN"):
    raw = body if isinstance(body, bytes) else urlencode(body).encode()
    request = WebhookRequest(url="https://n.example/webhooks/x", body=raw)
    return parse_push(request, PRODUCTS[product], region)


def event(body, product="sms", region="CN"):
    [only] = push(body, product, region).events
    return only


def test_a_delivery_receipt_is_read(golden_form):
    told = event(golden_form("push_delivered.form"))

    assert told == Receipt(
        state=AttemptState.DELIVERED,
        provider_id=ID,
        recipient="+8613800138000",
        code="2",
        text="成功",
        at=datetime(2017, 8, 2, 6, 31, 51, tzinfo=UTC),
        submitted_at=datetime.fromtimestamp(1616568673, UTC),
    )


def test_times_are_the_vendors_in_shanghai(golden_form):
    told = event(golden_form("push_delivered.form"))

    assert told.at.utcoffset() == timedelta(hours=8)


def test_a_failed_delivery_keeps_the_vendors_code(golden_form):
    told = event(golden_form("push_failed.form"))

    assert told.state is AttemptState.UNDELIVERED
    assert told.reason is Reason.CARRIER_REJECTED
    assert (told.code, told.text) == ("DTBLACK", "失败")


def test_a_reply_is_read(golden_form):
    told = event(golden_form("push_reply.form"))

    assert told == InboundMessage(
        sender="+8613800138000",
        text="T",
        provider_id=ID,
        at=datetime(2017, 8, 2, 6, 32, 10, tzinfo=UTC),
    )


def test_a_template_review_is_read(golden_form):
    refused = golden_form("push_review.form")

    assert event(refused) == TemplateReview(
        template_id="4711", approved=False, text="模板不规范"
    )
    assert event({**refused, "code": "2"}).approved


@pytest.mark.parametrize(
    "name", ["push_delivered.form", "push_reply.form", "push_review.form"]
)
def test_the_vendor_gets_exactly_the_answer_that_it_waits_for(golden_form, name):
    reply = push(golden_form(name)).reply

    assert (reply.status, reply.body) == (200, b"success")
    assert reply.content_type.startswith("text/plain")


@pytest.mark.parametrize(
    ("product", "written", "address"),
    [
        ("sms", "13800138000", "+8613800138000"),
        ("sms", "8613800138000", "+8613800138000"),
        ("sms", "+86 138-0013-8000", "+8613800138000"),
        ("sms", "008613800138000", "+8613800138000"),
        ("sms", "138****8000", None),
        ("sms", "", None),
        ("isms", "852 84560000", "+85284560000"),
        ("isms", "85284560000", "+85284560000"),
        ("isms", "+1 978234523", "+1978234523"),
        ("isms", "001978234523", "+1978234523"),
        ("isms", "12", None),
    ],
)
def test_numbers_are_normalised_as_the_core_writes_them(product, written, address):
    told = event({"code": "2", "smsid": ID, "mobilephone": written}, product)

    assert told.recipient == address


def test_a_number_without_country_code_belongs_to_the_setting_region():
    form = {"content": "T", "mobilephone": "91234567"}

    assert event(form, region="HK").sender == "+85291234567"
    with pytest.raises(WebhookRejected, match="mobilephone is no number"):
        event(form, region="CN")


@pytest.mark.parametrize(
    ("product", "smsid", "submitted_at"),
    [
        ("sms", ID, datetime.fromtimestamp(1616568673, UTC)),
        ("sms", "123456789", None),
        ("sms", "", None),
        ("isms", ID, None),
    ],
)
def test_only_an_sms_id_of_twenty_digits_tells_when_it_was_taken(
    product, smsid, submitted_at
):
    form = {"code": "2", "smsid": smsid, "mobilephone": "86 13800138000"}

    assert event(form, product).submitted_at == submitted_at


def test_the_international_id_field_is_read():
    form = {"code": "2", "ismsid": "55", "mobilephone": "852 84560000"}

    assert event(form, "isms").provider_id == "55"


def test_a_receipt_with_an_unreadable_time_or_charset_is_not_lost():
    body = b"code=2&msg=%B3%C9%B9%A6&mobilephone=13800138000&smsid=9&report_time=soon"

    told = event(body)

    assert told.state is AttemptState.DELIVERED
    assert (told.provider_id, told.at) == ("9", None)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "none of the fields"),
        (b'{"code":2}', "none of the fields"),
        (b"hello=world", "none of the fields"),
        (b"&".join([b"a=1"] * 100), "no form"),
        (b"code=2&msg=ok", "neither a message nor a number"),
        (b"code=2&smsid=0&mobilephone=nobody", "neither a message nor a number"),
        (b"code=&smsid=9", "lacks code"),
        (b"content=hi", "lacks mobilephone"),
        (b"content=hi&mobilephone=nobody", "is no number"),
        (b"templateid=4711", "lacks code"),
        (b"templateid=&code=2", "lacks templateid"),
    ],
)
def test_what_is_no_push_of_the_vendor_is_refused(body, why):
    with pytest.raises(WebhookRejected, match=why) as refused:
        push(body)

    assert refused.value.refusal is WebhookRefusal.MALFORMED


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body):
    for start in (b"", b"code=", b"templateid=1&code=", b"mobilephone=1&content="):
        with suppress(WebhookRejected):
            assert push(start + body).reply.body == b"success"


def test_a_refused_push_does_not_show_the_number_or_the_text():
    with pytest.raises(WebhookRejected) as refused:
        push({"content": "my PIN is 1234", "mobilephone": "1380013800"})

    assert "1380013800" not in str(refused.value)
    assert "1234" not in str(refused.value)
