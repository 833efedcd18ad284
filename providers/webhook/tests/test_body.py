"""Documents of the settings, filled with messages."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from notify_webhook.body import NAMES, Body, Unfillable, facts
from notify_webhook.provider_type import WEBHOOK

from notify_core.model.channel import Kind
from notify_core.model.message import Content
from notify_core.provider import BoundTemplate

DEFAULT = WEBHOOK.settings_schema["properties"]["body"]["default"]
NOW = datetime.fromtimestamp(1649367553, UTC)
SHIPPED = BoundTemplate(id="order-shipped", params=(("order", "A-1"), ("days", "3")))


@pytest.fixture
def fill(submission):
    """Fill a document with a message and read it again."""

    def fill(document, **given):
        told = facts(submission(**given), NOW)
        return json.loads(Body(document).filled(told))

    return fill


def test_the_default_body_tells_the_text(submission, golden):
    told = facts(submission(), NOW)

    assert Body(DEFAULT).filled(told) == golden("default_body.json")


def test_the_default_body_tells_the_template_and_its_params(fill):
    data = fill(DEFAULT, template=SHIPPED, text=None)["data"]

    assert data["template"] == "order-shipped"
    assert data["params"] == {"order": "A-1", "days": "3"}
    assert data["text"] is None


def test_every_name_tells_something(fill):
    content = Content(text="Hello", subject="Welcome", html="<p>Hello</p>")
    document = {name: f"{{{{ {name} }}}}" for name in NAMES}

    told = fill(
        document, kind=Kind.OTP, content=content, sender="shop", template=SHIPPED
    )

    assert told == {
        "id": "01K0000000000000000000000A",
        "kind": "otp",
        "endpoint": "orders",
        "timestamp": "2022-04-07T21:39:13Z",
        "text": "您的订单已发货。",
        "subject": "Welcome",
        "html": "<p>Hello</p>",
        "sender": "shop",
        "template": "order-shipped",
        "params": {"order": "A-1", "days": "3"},
    }


def test_values_that_are_no_texts_stay_as_they_are(fill):
    document = {"a": [1, 2.5, True, None, {"b": "x"}], "c": {}}

    assert fill(document) == document


def test_a_text_with_more_than_a_name_is_rendered(fill):
    document = {
        "title": "{{ subject }}: {{ text }}",
        "order": "{{ params.order }}",
        "rest": ["{% if subject %}yes{% else %}no{% endif %}"],
    }

    told = fill(document, text="Hi", template=SHIPPED)

    assert told == {"title": ": Hi", "order": "A-1", "rest": ["no"]}


def test_a_text_cannot_leave_its_place(fill):
    text = '", "admin": true, "x": "\\{{ kind }}\n'

    assert fill({"text": "<{{ text }}>"}, text=text) == {"text": f"<{text}>"}


def test_a_time_of_another_zone_is_told_in_utc(submission):
    east = NOW.astimezone(timezone(timedelta(hours=8)))

    assert facts(submission(), east)["timestamp"] == "2022-04-07T21:39:13Z"


def test_what_the_message_lacks_names_the_place_and_no_value(fill):
    document = {"data": {"code": "{{ {'a': 1}[text] }}"}}

    with pytest.raises(Unfillable, match="body's /data/code does") as error:
        fill(document, text="4711")

    assert "4711" not in str(error.value)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({"a": ["{{ text"]}, "the body's /a/0 is no template: "),
        ({"a": {"b": "{{ recipient }}"}}, "the body's /a/b uses 'recipient', unknown"),
        ({"a": "{{ tex }}"}, "did you mean 'text'"),
        ({"a": "{{ y }}"}, "the body's /a uses 'y'"),
        ({"a": "{% include 'x' %}"}, "another template cannot be taken in"),
    ],
)
def test_what_is_no_template_is_found_before_anything_is_sent(document, why):
    with pytest.raises(ValueError, match=why):
        Body(document)


@pytest.mark.parametrize("text", ["{{ text.__class__.__mro__ }}", "{{ ''.__class__ }}"])
def test_a_body_gets_out_of_the_sandbox_as_little_as_a_text(fill, text):
    with pytest.raises(Unfillable):
        fill({"a": text + " "})
