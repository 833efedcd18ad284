"""The stored form: what an earlier version wrote is read for ever."""

from pathlib import Path

import attrs
import msgspec
import pytest

from notify_core.model.channel import Kind
from notify_core.model.message import Content
from notify_core.model.recipient import Email, Endpoint, Recipient
from notify_core.outbox.stored import (
    FORMAT,
    Unreadable,
    content_of,
    facts_of,
    progress_of,
    record_from,
)
from notify_core.testing.outbox.subject import PHONE, full_record, message, record

STORED = Path(__file__).with_name("stored")


class Safe(str):
    """As frameworks mark HTML that needs no escaping."""

    __slots__ = ()


@pytest.mark.parametrize(
    "recipient",
    [PHONE, Email("jane@example.com"), Endpoint("billing")],
    ids=lambda recipient: type(recipient).__name__,
)
def test_each_kind_of_recipient_comes_back(recipient: Recipient) -> None:
    given = record(recipient=recipient)

    assert record_from(facts_of(given), progress_of(given), FORMAT) == given


def test_a_record_of_the_first_form_is_still_read() -> None:
    stored = msgspec.json.decode((STORED / "form-1.json").read_bytes())
    facts, progress = (msgspec.json.encode(stored[p]).decode() for p in stored)

    read = record_from(facts, progress, 1)

    like_it = full_record()
    said = attrs.evolve(like_it.message, id=read.message.id)
    # Written before receipts were kept.
    before = attrs.evolve(like_it, receipts=())
    assert read == attrs.evolve(before, message=said, kind=Kind.OTP)


def test_a_string_that_is_marked_safe_is_stored_as_a_string() -> None:
    given = record(content=Content(text="a", html=Safe("<p>a</p>")))

    read = record_from(facts_of(given), progress_of(given), FORMAT)

    assert read.content == given.content


def test_a_form_of_a_newer_version_is_not_guessed_at() -> None:
    with pytest.raises(Unreadable, match="forms up to"):
        record_from("{}", "{}", FORMAT + 1)


@pytest.mark.parametrize("facts", ["", "[]", "{}", '{"message": {"to": "+86138"}}'])
def test_what_is_no_record_is_told_without_its_values(facts: str) -> None:
    with pytest.raises(Unreadable) as caught:
        record_from(facts, "{}", FORMAT)

    assert "+86138" not in str(caught.value)


def test_messages_that_say_the_same_have_the_same_content() -> None:
    first = message(labels={"a": "1", "b": "2"})
    second = message(labels={"b": "2", "a": "1"})

    assert content_of(first) == content_of(second)
    assert content_of(first) != content_of(message(labels={"a": "1"}))
