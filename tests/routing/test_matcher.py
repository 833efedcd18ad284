"""A message takes a route when all that the route asks of it holds."""

from typing import Any

import pytest

from notify_core.model.channel import Channel, Importance, Kind
from notify_core.model.checked import CheckedMessage
from notify_core.model.recipient import Email, Endpoint, Phone
from notify_core.routing.matcher import Condition, Operator
from notify_core.routing.traits import Traits
from tests.routing.trees import chosen, facts, tree

EMAIL = Email("jane@example.com")


def takes(match: dict[str, Any], **fields: Any) -> bool:
    return chosen(tree({"name": "x", "match": match}), **fields) == "x"


FIELDS: dict[str, tuple[CheckedMessage, str]] = {
    "channel": (facts(channel=Channel.VOICE), "voice"),
    "kind": (facts(kind=Kind.MARKETING), "marketing"),
    "country": (facts(), "CN"),
    "recipient": (facts(), "+8613800138000"),
    "prefix": (facts(), "86"),
    "template": (facts(), "code"),
    "sender": (facts(sender="示例"), "示例"),
    "importance": (facts(importance=Importance.HIGH), "high"),
    "locale": (facts(locale="zh-CN"), "zh-CN"),
    "labels.tenant": (facts(labels={"tenant": "a1"}), "a1"),
    "labels.a.b": (facts(labels={"a.b": "x"}), "x"),
}


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_is_read_from_the_message(field: str) -> None:
    message, value = FIELDS[field]
    by_field = tree({"name": "x", "match": {field: value}})
    by_another = tree({"name": "x", "match": {field: f"{value}?"}})

    assert Traits(message)[field] == value
    assert by_field.choose(message).name == "x"
    assert by_another.choose(message).name == "root"


@pytest.mark.parametrize(
    ("match", "label", "is_taken"),
    [
        ("a1", "a1", True),
        ("a1", "a2", False),
        ({"eq": "a1"}, "a1", True),
        ({"eq": "a1"}, "a2", False),
        ({"in": ["a1", "a2"]}, "a2", True),
        ({"in": ["a1", "a2"]}, "a3", False),
        ({"not": "a1"}, "a1", False),
        ({"not": "a1"}, "a2", True),
        ({"not": ["a1", "a2"]}, "a2", False),
        ({"not": ["a1", "a2"]}, "a3", True),
        ({"prefix": "a"}, "a1", True),
        ({"prefix": "a"}, "ba", False),
        ({"regex": "1"}, "a12", True),
        ({"regex": "^1"}, "a12", False),
        ({"regex": "^a.2$"}, "a12", True),
        ({"exists": True}, "", True),
        ({"exists": False}, "", False),
        ({"prefix": "a", "not": "a1"}, "a2", True),
        ({"prefix": "a", "not": "a1"}, "a1", False),
        ({"prefix": "a", "not": "a1"}, "b", False),
    ],
)
def test_each_comparison_with_a_value(
    match: Any, label: str, *, is_taken: bool
) -> None:
    assert takes({"labels.tenant": match}, labels={"tenant": label}) is is_taken


@pytest.mark.parametrize(
    ("match", "is_taken"),
    [
        ("a1", False),
        ({"eq": "a1"}, False),
        ({"in": ["a1", "a2"]}, False),
        ({"not": "a1"}, True),
        ({"not": ["a1", "a2"]}, True),
        ({"prefix": "a"}, False),
        ({"regex": ""}, False),
        ({"exists": True}, False),
        ({"exists": False}, True),
        ({"not": "a1", "exists": True}, False),
    ],
)
def test_only_not_and_exists_false_hold_for_a_missing_value(
    match: Any, *, is_taken: bool
) -> None:
    assert takes({"labels.tenant": match}) is is_taken


@pytest.mark.parametrize("recipient", [EMAIL, Endpoint("billing")])
def test_only_phones_have_a_country_and_a_calling_code(
    recipient: Email | Endpoint,
) -> None:
    message = facts(recipient=recipient)

    assert Traits(message)["country"] is None
    assert Traits(message)["prefix"] is None


def test_a_number_of_no_one_country_has_a_calling_code_all_the_same() -> None:
    phone = Phone("+80012345678", "800", None)

    assert takes({"prefix": "800", "country": {"exists": False}}, recipient=phone)


def test_the_kind_is_that_of_the_template_when_the_message_says_none() -> None:
    message = facts(kind=Kind.OTP)

    assert message.message.kind is None
    assert Traits(message)["kind"] == "otp"


def test_all_fields_have_to_fit() -> None:
    match = {"kind": "otp", "country": "CN"}

    assert takes(match)
    assert not takes(match, kind=Kind.NOTICE)
    assert not takes(match, recipient=EMAIL)


def test_no_regular_expression_is_tried_on_a_value_that_is_very_long() -> None:
    longest, longer = "x" * 320, "x" * 321

    assert takes({"labels.a": {"regex": "x"}}, labels={"a": longest})
    assert not takes({"labels.a": {"regex": "x"}}, labels={"a": longer})


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (Condition("kind", Operator.IN, ("otp",)), "otp"),
        (Condition("kind", Operator.IN, ("otp", "notice")), "one of otp, notice"),
        (Condition("kind", Operator.NOT, ("otp",)), "not otp"),
        (Condition("kind", Operator.NOT, ("otp", "notice")), "none of otp, notice"),
        (Condition("recipient", Operator.PREFIX, ("+86138",)), "+86138…"),
        (Condition("template", Operator.REGEX, ("^a",)), "/^a/"),
        (Condition("sender", Operator.EXISTS), "any value"),
        (Condition("sender", Operator.ABSENT), "no value"),
        (Condition("recipient", Operator.IN, ("+8613800138000",)), "+86138****8000"),
        (
            Condition("recipient", Operator.NOT, ("jane@a.example",)),
            "not j***@a.example",
        ),
    ],
)
def test_a_condition_says_what_it_wants_with_addresses_masked(
    condition: Condition, words: str
) -> None:
    assert str(condition) == words
