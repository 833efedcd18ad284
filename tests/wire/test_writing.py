import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify_core.config.snapshot import WebhookSettings
from notify_core.model.channel import Channel
from notify_core.model.event import BalanceRead, Event
from notify_core.model.message import Content, Message
from notify_core.model.receipt import Balance
from notify_core.model.template import Binding
from notify_core.provider import Capabilities, TextMode
from notify_core.secret import Secret
from notify_core.wire import event_from_json, from_json, to_builtins, to_json
from tests.strategies import events, few

SHANGHAI = timezone(timedelta(hours=8))
MESSAGE = Message(to="+8613800138000", template="login-code", id="m1")


def written(**fields: Any) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(to_json(attrs.evolve(MESSAGE, **fields)))
    return message


def test_every_field_is_written_those_that_repr_hides_too() -> None:
    content = Content(text="2546", subject="Code", html="<b>2546</b>")
    message = written(template=None, content=content, labels={"tenant": "a1"})

    assert list(message) == [field.name for field in attrs.fields(Message)]
    assert message["to"] == "+8613800138000"
    assert message["content"] == {
        "text": "2546",
        "subject": "Code",
        "html": "<b>2546</b>",
    }
    assert message["labels"] == {"tenant": "a1"}


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (datetime(2026, 1, 31, 8, tzinfo=UTC), "2026-01-31T08:00:00+00:00"),
        (
            datetime(2026, 1, 31, 8, 0, 0, 250000, SHANGHAI),
            "2026-01-31T08:00:00.250000+08:00",
        ),
        # Local mean time, 8:05:43 ahead: no RFC 3339 offset says that.
        (
            datetime(1900, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai")),
            "1899-12-31T15:54:17+00:00",
        ),
    ],
)
def test_a_time_is_written_with_its_zone(time: datetime, text: str) -> None:
    assert written(not_before=time)["not_before"] == text


@few
@given(time=st.datetimes(timezones=st.timezones(), min_value=datetime(2, 1, 1)))
def test_the_instant_is_kept_whatever_the_zone(time: datetime) -> None:
    read = from_json(Message, to_json(attrs.evolve(MESSAGE, not_before=time)))

    assert read.not_before is not None
    assert read.not_before.astimezone(UTC) == time.astimezone(UTC)


def test_a_time_without_zone_is_not_written() -> None:
    with pytest.raises(ValueError, match="without time zone"):
        written(not_before=datetime(2026, 1, 31))


def test_a_duration_is_written_short() -> None:
    assert written(validity=timedelta(seconds=300))["validity"] == "5m"


def test_a_negative_duration_is_not_written() -> None:
    with pytest.raises(ValueError, match="negative"):
        written(validity=timedelta(seconds=-1))


@pytest.mark.parametrize("amount", ["12.50", "1E+3", "-0", "0.1"])
def test_a_decimal_number_is_written_as_a_string(amount: str) -> None:
    balance = Balance(amount=Decimal(amount), unit="CNY")

    assert to_builtins(balance) == {"amount": amount, "unit": "CNY"}


@pytest.mark.parametrize("value", [Decimal("NaN"), float("nan"), float("inf")])
def test_what_is_no_finite_number_is_not_written(value: object) -> None:
    with pytest.raises(ValueError, match="finite"):
        written(params={"amount": value})


def test_parameters_of_any_known_type_are_written() -> None:
    params = {
        "when": datetime(2026, 1, 31, tzinfo=UTC),
        "for": timedelta(hours=1),
        "sum": Decimal("1.50"),
        "by": Channel.SMS,
        "pair": (1, 2),
        "set": {"a"},
        "none": None,
        "yes": True,
        "list": [{"deep": (timedelta(0),)}],
    }

    assert written(params=params)["params"] == {
        "when": "2026-01-31T00:00:00+00:00",
        "for": "1h",
        "sum": "1.50",
        "by": "sms",
        "pair": [1, 2],
        "set": ["a"],
        "none": None,
        "yes": True,
        "list": [{"deep": ["0s"]}],
    }


def test_builtins_are_those_that_json_has() -> None:
    capabilities = Capabilities(
        channels=frozenset({Channel.SMS, Channel.EMAIL}), text=TextMode.FREE
    )

    builtins = to_builtins(capabilities)

    assert builtins["channels"] == ["email", "sms"]
    assert {type(builtins["text"]), type(builtins["channels"][0])} == {str}
    assert to_builtins(Binding(params=(("a", "b"),)))["params"] == [["a", "b"]]


@pytest.mark.parametrize(
    "value",
    [
        Secret("s3cret"),
        [Secret("s3cret")],
        attrs.evolve(MESSAGE, params={"deep": [{"in": Secret("s3cret")}]}),
        attrs.evolve(MESSAGE, extra={"acme": {"key": Secret("s3cret")}}),
        WebhookSettings(tokens=(Secret("s3cret"),)),
    ],
)
def test_a_secret_is_never_written(value: object) -> None:
    for write in (to_json, to_builtins):
        with pytest.raises(TypeError) as caught:
            write(value)

        assert str(caught.value) == "Secret cannot be written as JSON"


@pytest.mark.parametrize("value", [b"bytes", object(), open, lambda: None])
def test_what_no_json_can_say_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="cannot be written as JSON"):
        written(params={"x": value})


def test_a_string_marked_as_safe_by_a_framework_is_a_string() -> None:
    class SafeText(str):
        pass

    assert written(params={"code": SafeText("2546")})["params"] == {"code": "2546"}


def test_an_event_says_its_type_first() -> None:
    event = BalanceRead(
        provider="primary",
        balance=Balance(amount=Decimal(4980), unit="messages"),
        at=datetime(2026, 1, 31, tzinfo=UTC),
    )

    assert next(iter(to_builtins(event).items())) == ("type", "balance_read")
    assert event_from_json(to_json(event)) == event


@few
@given(event=events)
def test_any_event_is_read_back(event: Event) -> None:
    assert event_from_json(to_json(event)) == event
