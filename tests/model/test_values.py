"""What holds for every value of the model."""

import inspect
import re
from itertools import pairwise
from types import ModuleType

import attrs
import pytest

from notify_core.model import (
    attempt,
    event,
    message,
    receipt,
    recipient,
    result,
    template,
    webhook,
)
from notify_core.model.channel import Channel
from notify_core.model.event import EVENT_TYPES, InboundReceived
from notify_core.model.message import Content, Message
from notify_core.model.receipt import InboundMessage, Receipt
from notify_core.model.status import AttemptState
from notify_core.model.webhook import WebhookRequest

MODULES = [attempt, event, message, receipt, recipient, result, template, webhook]
NUMBER = "+8613800138000"


def classes_of(module: ModuleType) -> list[type]:
    found = [cls for _, cls in inspect.getmembers(module, attrs.has)]
    return [cls for cls in found if cls.__module__ == module.__name__]


CLASSES = [cls for module in MODULES for cls in classes_of(module)]


@pytest.mark.parametrize("cls", CLASSES)
def test_every_value_is_frozen_and_explained_field_by_field(cls: type) -> None:
    lines = [line.strip() for line in inspect.getsource(cls).splitlines()]
    fields = [field.name for field in attrs.fields(cls)]

    unexplained = [
        name
        for name in fields
        for above, line in pairwise(lines)
        if re.match(rf"{name}:", line) and not above.startswith("#:")
    ]

    assert cls.__doc__
    assert unexplained == []
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(object.__new__(cls), fields[0], None)


@pytest.mark.parametrize(
    "value",
    [
        Message(to=NUMBER, content=Content(text="2546", subject="2546", html="2546")),
        Message(to=NUMBER, params={"code": "2546"}, labels={"n": "2546"}),
        Message(to=NUMBER, extra={"acme": {"n": "2546"}}, metadata={"n": "2546"}),
        Receipt(state=AttemptState.DELIVERED, recipient=NUMBER),
        InboundMessage(sender=NUMBER, text="2546"),
        InboundReceived(
            provider="primary", inbound=InboundMessage(sender=NUMBER, text="2546")
        ),
        recipient.parse_recipient(Channel.SMS, NUMBER, None),
        WebhookRequest(
            url=f"https://n.example/{NUMBER}",
            body=b"code=2546",
            token="2546",  # noqa: S106 (made up)
        ),
    ],
)
def test_a_repr_shows_neither_address_nor_text(value: object) -> None:
    shown = repr(value)

    assert NUMBER not in shown
    assert "2546" not in re.sub(r"id='\w+'", "", shown)


def test_a_receipt_without_recipient_can_be_shown() -> None:
    assert "recipient=" in repr(Receipt(state=AttemptState.DELIVERED))


def test_messages_have_identifiers_of_their_own() -> None:
    assert Message(to=NUMBER).id != Message(to=NUMBER).id


def test_every_event_has_a_name_in_json() -> None:
    assert EVENT_TYPES[event.FailedOver] == "failed_over"
    assert len(set(EVENT_TYPES.values())) == len(EVENT_TYPES)


def test_a_header_is_found_whatever_its_case() -> None:
    request = WebhookRequest(url="https://n.example/", headers={"X-Token": "a"})

    assert request.header("x-tOKEN") == "a"
    assert request.header("X-Other") is None
