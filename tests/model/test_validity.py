from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given

from notify_core.errors import InvalidMessage
from notify_core.model.channel import Channel
from notify_core.model.message import Content, Message
from notify_core.model.validity import MOST_TEXT, message_problems
from tests.strategies import few, messages

GOOD = Message(to="+8613800138000", template="login-code", params={"code": "2546"})
TEXT = Message(to="+8613800138000", content=Content(text="您的包裹已到。"))


def faults(message: Message) -> dict[str, str]:
    return {problem.pointer: problem.message for problem in message_problems(message)}


@few
@given(message=messages)
def test_any_message_as_it_is_meant_has_no_problem(message: Message) -> None:
    assert message_problems(message) == []


@pytest.mark.parametrize(
    ("change", "pointer", "hint"),
    [
        ({"to": "1" * 321}, "/to", "has 321 characters"),
        ({"template": None, "params": {}}, "/template", "name a template"),
        ({"content": Content(text="x")}, "/content", "leave one of the two out"),
        ({"template": None, "content": Content(text="x")}, "/params", "name one"),
        ({"sender": ""}, "/sender", "leave it out"),
        ({"sender": " "}, "/sender", "leave it out"),
        ({"labels": {"tenant": 5}}, "/labels", "strings"),
        ({"metadata": {"order": None}}, "/metadata", "strings"),
        ({"extra": {"acme": "x"}}, "/extra", "object of options"),
        ({"idempotency_key": ""}, "/idempotency_key", "leave it out"),
        ({"idempotency_key": "k" * 256}, "/idempotency_key", "write 1 to 255"),
        ({"not_before": datetime(2026, 1, 31)}, "/not_before", "time zone"),
        ({"validity": timedelta(0)}, "/validity", "not positive"),
        ({"validity": timedelta(seconds=-1)}, "/validity", "not positive"),
        ({"id": ""}, "/id", "leave it out"),
        ({"id": "a\nb"}, "/id", "leave it out"),
        ({"id": "a" * 65}, "/id", "leave it out"),
    ],
)
def test_a_fault_is_told_with_its_place_and_what_to_do(
    change: dict[str, Any], pointer: str, hint: str
) -> None:
    told = faults(attrs.evolve(GOOD, **change))

    assert list(told) == [pointer]
    assert hint in told[pointer]


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (Content(text=""), "is empty"),
        (Content(text=" \n"), "is empty"),
        (Content(text="x" * (MOST_TEXT + 1)), "at most 100000"),
        (Content(text="half \ud83d"), "surrogate"),
    ],
)
def test_a_text_that_cannot_be_sent_is_refused(content: Content, hint: str) -> None:
    told = faults(attrs.evolve(TEXT, content=content))

    assert list(told) == ["/content/text"]
    assert hint in told["/content/text"]


@pytest.mark.parametrize(
    "content",
    [
        Content(text="", html="<p>hello</p>"),
        Content(text="😀"),
        Content(text="长" * MOST_TEXT),
    ],
)
def test_a_text_that_a_channel_can_carry_passes(content: Content) -> None:
    assert faults(attrs.evolve(TEXT, content=content)) == {}


def test_all_problems_are_told_at_once() -> None:
    message = Message(
        to="1" * 321,
        content=Content(text=""),
        params={"code": "1"},
        idempotency_key="",
        not_before=datetime(2026, 1, 31),
        validity=timedelta(0),
        id="?",
    )

    assert list(faults(message)) == [
        *("/to", "/params", "/content/text", "/idempotency_key"),
        *("/not_before", "/validity", "/id"),
    ]


def test_no_problem_repeats_address_text_or_parameter() -> None:
    message = attrs.evolve(
        GOOD, to="13800138000" * 40, content=Content(text="s3cret" * MOST_TEXT)
    )

    told = " ".join(faults(message).values())

    assert "138" not in told
    assert "s3cret" not in told
    assert "2546" not in told


@pytest.mark.parametrize("value", [None, {"to": "+8613800138000"}, "hello"])
def test_what_is_no_message_is_refused_by_its_type(value: Any) -> None:
    with pytest.raises(InvalidMessage) as refused:
        message_problems(value)

    kind = type(value).__name__
    assert str(refused.value.problems[0]) == f"must be a Message, not {kind}"


def test_fields_of_a_wrong_type_are_all_told_at_once() -> None:
    wrong: dict[str, Any] = {"to": 13800138000, "channel": "sms", "params": None}
    message = attrs.evolve(GOOD, **wrong)

    with pytest.raises(InvalidMessage) as caught:
        message_problems(message)

    channels = "Channel.SMS, Channel.VOICE, Channel.EMAIL or Channel.WEBHOOK"
    assert [str(problem) for problem in caught.value.problems] == [
        "to must be str, not int",
        f"channel must be Channel, not str: write {channels}",
        "params must be dict, not NoneType",
    ]


def test_a_text_of_a_wrong_type_is_told_too() -> None:
    content: Any = Content(text=b"hello", subject=5)  # type: ignore[arg-type]

    with pytest.raises(InvalidMessage) as caught:
        message_problems(attrs.evolve(TEXT, content=content))

    assert [str(problem) for problem in caught.value.problems] == [
        "content.text must be str, not bytes",
        "content.subject must be str, not int",
    ]


def test_a_field_that_may_be_left_out_may_be_none() -> None:
    message = attrs.evolve(
        GOOD, channel=Channel.VOICE, not_before=datetime(2026, 1, 31, tzinfo=UTC)
    )

    assert message_problems(message) == []
