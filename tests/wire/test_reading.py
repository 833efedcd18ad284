import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given

from notify_core.errors import InvalidMessage
from notify_core.model.channel import Channel, Importance, Kind
from notify_core.model.event import Accepted, Opened
from notify_core.model.message import Message
from notify_core.model.receipt import Balance
from notify_core.model.result import Result
from notify_core.model.template import Binding, Template
from notify_core.wire import (
    event_from_json,
    from_builtins,
    from_json,
    message_from_builtins,
    message_from_json,
)
from tests.strategies import few, json_values

NO_DURATION = (
    "is no duration: write a whole number and one of the units "
    "d, h, m, s, ms, us, as 30s or 5m"
)
UNKNOWN = (
    "{} is unknown; there are: channel, content, extra, id, idempotency_key, "
    "importance, kind, labels, locale, metadata, not_before, params, "
    "route, sender, template, to, validity"
)
MESSAGE: Mapping[str, Any] = {"to": "+8613800138000", "template": "login-code"}


def problems(cls: type, value: object) -> list[str]:
    with pytest.raises(InvalidMessage) as caught:
        from_builtins(cls, value)
    return [str(problem) for problem in caught.value.problems]


def problems_of_message(**fields: object) -> list[str]:
    return problems(Message, {**MESSAGE, **fields})


def test_a_message_is_read_with_the_defaults_of_its_class() -> None:
    message = message_from_json(b'{"to": "+8613800138000", "template": "login-code"}')

    assert message == Message(to="+8613800138000", template="login-code", id=message.id)


def test_a_message_is_read_from_text_and_builtins_alike() -> None:
    given = {**MESSAGE, "channel": "voice", "kind": "otp", "id": "m1"}

    message = message_from_json(json.dumps(given))

    assert message == message_from_builtins(given)
    assert (message.channel, message.kind) == (Channel.VOICE, Kind.OTP)


def test_all_faults_are_told_at_once_each_with_its_place_and_what_to_do() -> None:
    written = """{
        "chanel": "sms", "channel": "smss", "importance": 3, "params": [],
        "content": {"text": 5, "txt": ""}, "labels": {"tenant": 1, "a/b~c": null},
        "extra": {"acme": "x"}, "not_before": "2026-01-31T08:00:00", "validity": "5 m"
    }"""

    with pytest.raises(InvalidMessage) as caught:
        message_from_json(written)

    assert [(p.pointer, p.message) for p in caught.value.problems] == [
        ("/to", "is missing"),
        ("/channel", "is none of its values; did you mean 'sms'?"),
        ("/params", "must be an object, not an array"),
        ("/content/text", "must be a string, not a number"),
        ("/content/txt", "is unknown; did you mean 'text'?"),
        ("/importance", "must be a string, not a number"),
        ("/labels/tenant", "must be a string, not a number"),
        ("/labels/a~1b~0c", "must be a string, not null"),
        ("/extra/acme", "must be an object, not a string"),
        (
            "/not_before",
            "is not a time with zone: write it as 2026-01-31T08:00:00+08:00",
        ),
        (
            "/validity",
            NO_DURATION,
        ),
        ("/chanel", "is unknown; did you mean 'channel'?"),
    ]


def test_no_fault_repeats_what_was_written() -> None:
    hostile = {
        "to": ["+8613800138000"],
        "params": "s3cret",
        "validity": "s3cret",
        "channel": "s3cret",
        "not_before": "s3cret",
        "content": {"text": ["s3cret"]},
        "labels": {"+8613800138000": 1},
        "jane.doe@example.com": 1,
    }

    with pytest.raises(InvalidMessage) as caught:
        message_from_builtins(hostile)

    told = str(caught.value) + repr(caught.value.problems)
    assert "s3cret" not in told
    assert "13800138000" not in told
    assert "jane.doe" not in told
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (b"", "is no JSON: Input data was truncated"),
        (b'{"to":', "is no JSON: Input data was truncated"),
        (b"{'to': 1}", "is no JSON: JSON is malformed"),
        (b'{"to": NaN}', "is no JSON: JSON is malformed"),
        (b'{"to": "\xff"}', "is no JSON: 'utf-8' codec can't decode"),
        ("\ud800", "is no JSON: 'utf-8' codec can't encode"),
        (b"[" * 100_000, "is no JSON: maximum recursion depth"),
        (b"[]", "must be an object, not an array"),
        (b"null", "must be an object, not null"),
        (b'"+8613800138000"', "must be an object, not a string"),
        (b"true", "must be an object, not true or false"),
    ],
)
def test_what_is_no_message_at_all_is_one_problem(
    written: bytes | str, told: str
) -> None:
    with pytest.raises(InvalidMessage) as caught:
        message_from_json(written)

    assert len(caught.value.problems) == 1
    assert str(caught.value).startswith(told)


@few
@given(value=json_values)
def test_any_json_is_a_message_or_refused(value: object) -> None:
    with pytest.raises(InvalidMessage):
        message_from_builtins(value)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        # Nothing is turned into what it is not.
        ("to", 13800138000, "to must be a string, not a number"),
        ("template", True, "template must be a string, not true or false"),
        ("params", [["code", "1"]], "params must be an object, not an array"),
        ("labels", "a=b", "labels must be an object, not a string"),
        ("validity", 300, "validity must be a string, not a number"),
        ("not_before", 1769817600, "not_before must be a string, not a number"),
        ("kind", [], "kind must be a string, not an array"),
        ("channel", None, "channel must be a string, not null"),
        ("content", object(), "content must be an object, not object"),
        ("validity", "-5m", "validity is no duration: write"),
        ("validity", "9" * 20 + "d", "validity is longer than"),
        ("importance", "urgent", "importance is none of its values; there are: "),
    ],
)
def test_a_value_of_another_kind_is_refused(
    field: str, value: object, told: str
) -> None:
    (problem,) = problems_of_message(**{field: value})

    assert problem.startswith(told)


def test_numbers_are_numbers_and_truths_are_truths() -> None:
    result = {"id": "m1", "status": "sent", "final": 1, "segments": True}
    attempt = {
        "number": 1.0,
        "provider": "a",
        "account": "b",
        "state": "sent",
        "started_at": "2026-01-31T00:00:00Z",
        "duration": "1",
    }

    assert problems(Result, {**result, "attempts": [attempt, 5]}) == [
        "final must be true or false, not a number",
        "attempts.0.number must be a whole number, not a number",
        "attempts.0.duration must be a number, not a string",
        "attempts.1 must be an object, not a number",
        "segments must be a whole number, not true or false",
    ]


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("2026-01-31T08:00:00Z", datetime(2026, 1, 31, 8, tzinfo=UTC)),
        ("2026-01-31t08:00:00z", datetime(2026, 1, 31, 8, tzinfo=UTC)),
        (
            "2026-01-31T08:00:00.25+08:00",
            datetime(2026, 1, 31, 8, 0, 0, 250000, timezone(timedelta(hours=8))),
        ),
    ],
)
def test_a_time_is_read_with_its_zone(written: str, time: datetime) -> None:
    message = message_from_builtins({**MESSAGE, "not_before": written})

    assert message.not_before == time
    assert message.not_before.utcoffset() == time.utcoffset()


@pytest.mark.parametrize(
    "written",
    [
        *("", "now", "2026-01-31", "2026-01-31T08:00:00", "20260131T080000Z"),
        *("2026-W05-6T08:00:00Z", "2026-02-30T08:00:00Z", "2026-01-31T08:00Z"),
    ],
)
def test_a_time_without_zone_or_in_another_form_is_refused(written: str) -> None:
    (problem,) = problems_of_message(not_before=written)

    assert problem.startswith("not_before is not a time with zone")


def test_a_duration_is_read() -> None:
    message = message_from_builtins({**MESSAGE, "validity": "90s"})

    assert message.validity == timedelta(seconds=90)


@pytest.mark.parametrize("amount", ["12.50", "-3", "1E+3", "0.000001"])
def test_a_decimal_number_is_read_exactly(amount: str) -> None:
    balance = from_builtins(Balance, {"amount": amount, "unit": "CNY"})

    assert balance == Balance(amount=Decimal(amount), unit="CNY")


@pytest.mark.parametrize(
    "amount", ["", "NaN", "Infinity", "1_000", "１２", ".5", "1,5"]
)
def test_what_is_no_decimal_number_is_refused(amount: str) -> None:
    assert problems(Balance, {"amount": amount, "unit": "CNY"}) == [
        "amount is no decimal number: write it as 12.50"
    ]


def test_a_decimal_number_is_written_as_a_string() -> None:
    assert problems(Balance, {"amount": 12.5, "unit": "CNY"}) == [
        "amount must be a string, not a number"
    ]


def test_pairs_are_pairs() -> None:
    binding = {"params": [["code", "code"], ["a"], "ab", ["a", 5]]}

    assert problems(Binding, binding) == [
        "params.1 must have 2 items, not 1",
        "params.2 must be an array, not a string",
        "params.3.1 must be a string, not a number",
    ]


def test_parameters_keep_their_form_and_are_a_copy() -> None:
    params = {"code": "2546", "amount": 1.5, "items": [1, None, {"a": True}]}

    message = message_from_builtins({**MESSAGE, "params": params})

    assert message.params == params
    assert message.params is not params


@pytest.mark.parametrize("opening", ['{"a":', "["])
@pytest.mark.parametrize(("levels", "is_read"), [(31, True), (32, False)])
def test_parameters_are_nested_at_most_so_deep(
    opening: str, levels: int, is_read: bool
) -> None:
    closing = "}" if opening == '{"a":' else "]"
    nested = (
        '{"to":"x","params":{"p":' + opening * levels + "1" + closing * levels + "}}"
    )

    try:
        message_from_json(nested)
    except InvalidMessage as error:
        problem = str(error)
    else:
        problem = ""

    assert problem == ("" if is_read else "params is nested deeper than 32 levels")


def test_a_thousand_faults_are_cut_short() -> None:
    faults = problems(Message, {f"field{n}": n for n in range(1000)})

    assert len(faults) == 101
    assert faults[0] == "to is missing"
    assert faults[-1] == "has more faults than these 100"


def test_a_long_unknown_name_is_cut() -> None:
    (problem,) = problems_of_message(**{"x" * 1_000_000: 1})

    assert len(problem) < 400


def test_a_name_that_is_no_string_is_told() -> None:
    odd: Any = {**MESSAGE, "labels": {5: "x"}, 7: 1}

    assert problems(Message, odd) == [
        "labels.5 must be a string, not a number",
        UNKNOWN.format("7"),
    ]


def test_an_event_is_read_by_its_type() -> None:
    written = (
        '{"type": "opened", "config": "9f2c1ab04d77", "providers": ["primary"], '
        '"at": "2026-01-01T12:00:00Z"}'
    )

    assert event_from_json(written) == Opened(
        config="9f2c1ab04d77",
        providers=("primary",),
        at=datetime(2026, 1, 1, 12, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("[]", "must be an object, not an array"),
        ("{}", "type is missing; there are: accepted, admitted,"),
        ('{"type": "acepted"}', "type is no event; did you mean 'accepted'?"),
        ('{"type": 5}', "type is no event; there are: accepted,"),
        ('{"type": ["opened"]}', "type is no event; did you mean 'opened'?"),
        (
            '{"type": "opened", "config": 5, "providers": {}, "at": "2026-01-01"}',
            "config must be a string, not a number; providers must be an array",
        ),
    ],
)
def test_what_is_no_event_is_refused(written: str, told: str) -> None:
    with pytest.raises(InvalidMessage) as caught:
        event_from_json(written)

    assert str(caught.value).startswith(told)


def test_an_event_of_a_known_class_needs_no_type() -> None:
    event = from_json(
        Accepted, b'{"message":"m1","channel":"sms","kind":"otp","recipient":"+86****"}'
    )

    assert event.kind is Kind.OTP


def test_a_template_is_read_whole() -> None:
    template = from_builtins(
        Template,
        {
            "name": "login-code",
            "kind": "otp",
            "bindings": {"acme": {"template_id": "1", "params": [["c", "code"]]}},
        },
    )

    assert template.bindings["acme"].params == (("c", "code"),)


@attrs.frozen(kw_only=True)
class Odd:
    """A value of somebody else, with a rule and a set of its own."""

    even: int = attrs.field(default=0)
    channels: frozenset[Channel] = frozenset()

    @even.validator
    def _check(self, _: object, value: int) -> None:
        if value % 2:
            raise ValueError(f"{value} is odd")


def test_a_set_is_read_from_an_array() -> None:
    odd = from_builtins(Odd, {"channels": ["sms", "email", "sms"]})

    assert odd.channels == {Channel.SMS, Channel.EMAIL}
    assert problems(Odd, {"channels": ["sms", "fax"]}) == [
        "channels.1 is none of its values; there are: email, sms, voice, webhook"
    ]


def test_the_error_of_somebody_elses_rule_does_not_show_the_value() -> None:
    assert problems(Odd, {"even": 13800138001}) == ["is refused: ValueError"]


def test_a_member_of_an_enum_is_as_good_as_its_value() -> None:
    message = message_from_builtins({**MESSAGE, "importance": Importance.HIGH})

    assert message.importance is Importance.HIGH
