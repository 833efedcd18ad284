"""Nothing bad goes any further than the door."""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any

import pytest

from notify_core.config.snapshot import Snapshot
from notify_core.dispatch.accept import accept
from notify_core.dispatch.opening import recorded
from notify_core.errors import InvalidMessage
from notify_core.model.channel import Channel, Kind
from notify_core.model.message import Content, Message
from notify_core.model.outcome import Reason
from notify_core.model.template import Template
from notify_core.model.validity import MOST_TEXT
from notify_core.outbox.record import Record
from notify_core.policy.policy_set import PolicySet
from notify_core.testing import FakeVendor
from tests.builders import NOON, NUMBER, code, provider, snapshot, text

EXTRA = {
    "type": "object",
    "properties": {"urgent": {"type": "boolean"}},
    "additionalProperties": False,
}
GREETING = Template(
    name="greeting",
    kind=Kind.NOTICE,
    params={
        "type": "object",
        "properties": {"name": {"type": "string"}, "age": {}},
    },
    text="Hello {{ name }}!",
)


def configured(*templates: Template, **facts: Any) -> Snapshot:
    vendor = FakeVendor(extra_schema=EXTRA, **facts)
    return snapshot(provider(vendor), templates=(GREETING, *templates))


def accepted(message: Message, given: Snapshot | None = None) -> Record:
    given = given or configured()
    checked = accept(message, given, NOON)
    return recorded(checked, given.routes.choose(checked))


def faults(message: Message, given: Snapshot | None = None) -> list[tuple[str, str]]:
    """Return where each fault is and what is said of it."""
    with pytest.raises(InvalidMessage) as refused:
        accepted(message, given)
    return [(p.pointer, p.message) for p in refused.value.problems]


def titled(words: str, **fields: Any) -> Template:
    """Return a template of one optional parameter, `name`, with this text."""
    schema = {"type": "object", "properties": {"name": {"type": "string"}}}
    return Template(name="t", kind=Kind.NOTICE, params=schema, text=words, **fields)


# What is accepted.


def test_a_template_is_rendered_and_gives_its_kind() -> None:
    record = accepted(code(to="138 0013 8000"))

    assert record.text == "Your code is 1234."
    assert record.kind is Kind.OTP
    assert record.recipient.address == NUMBER
    assert (record.route, record.accepted_at) == ("root", NOON)


def test_a_text_is_a_notice_unless_the_message_says_otherwise() -> None:
    assert accepted(text("Hi")).kind is Kind.NOTICE
    assert accepted(text("Hi", kind=Kind.MARKETING)).kind is Kind.MARKETING
    assert accepted(text("Hi 🎉")).text == "Hi 🎉"


def test_a_template_without_a_text_of_its_own_has_none_rendered() -> None:
    bare = Template(name="bare", kind=Kind.OTP, params={"type": "object"})

    assert accepted(code(template="bare"), configured(bare)).text is None


def test_options_for_a_providers_type_are_checked_by_its_schema() -> None:
    assert accepted(text(extra={"fake": {"urgent": True}})).message.extra


# Deadline and validity.


@pytest.mark.parametrize(
    ("validity", "seconds", "reason"),
    [
        (None, 30, Reason.DEADLINE_EXCEEDED),
        (timedelta(seconds=10), 10, Reason.EXPIRED),
        (timedelta(seconds=30), 30, Reason.EXPIRED),
        (timedelta(minutes=5), 30, Reason.DEADLINE_EXCEEDED),
        (timedelta.max, 30, Reason.DEADLINE_EXCEEDED),
    ],
)
def test_the_shorter_of_deadline_and_validity_ends_the_tries(
    validity: timedelta | None, seconds: float, reason: Reason
) -> None:
    record = accepted(code(validity=validity))

    assert record.deadline == NOON + timedelta(seconds=seconds)
    assert record.deadline_reason is reason


def test_the_deadline_is_the_policys() -> None:
    strict = snapshot(
        provider(FakeVendor()), policy=PolicySet(deadline=timedelta(seconds=5))
    )

    assert accepted(code(), strict).deadline == NOON + timedelta(seconds=5)


def test_a_time_that_has_come_does_not_matter() -> None:
    for when in (NOON, NOON - timedelta(days=1)):
        assert accepted(code(not_before=when)).deadline == NOON + timedelta(seconds=30)


def test_a_time_that_has_not_come_is_refused() -> None:
    ((pointer, fault),) = faults(code(not_before=NOON + timedelta(seconds=1)))

    assert pointer == "/not_before"
    assert "send it then" in fault


class NoOffset(tzinfo):
    """A time zone that knows no offset."""

    def utcoffset(self, _: datetime | None) -> None:
        return None

    dst = tzname = utcoffset


@pytest.mark.parametrize("zone", [None, NoOffset()], ids=["none", "odd"])
def test_a_time_without_a_zone_is_refused(zone: tzinfo | None) -> None:
    ((pointer, fault),) = faults(code(not_before=datetime(2026, 1, 1, tzinfo=zone)))

    assert pointer == "/not_before"
    assert "no time zone" in fault


# What is refused, and how it is said.


@pytest.mark.parametrize(
    ("fields", "pointer", "said"),
    [
        ({"to": "123"}, "/to", "****"),
        ({"to": "jane@example.com"}, "/to", "no phone number"),
        ({"template": "cod"}, "/template", "did you mean 'code'?"),
        ({"content": Content(text="Hi")}, "/content", "leave one of the two out"),
        ({"kind": Kind.MARKETING}, "/kind", "leave it out"),
        ({"params": {}}, "/params/code", "is missing"),
        ({"params": {"code": "x"}}, "/params/code", "does not satisfy pattern"),
        ({"params": {"code": 1234}}, "/params/code", "is number, not string: put it"),
        ({"params": {"code": None}}, "/params/code", "is null, not string"),
        (
            {"params": {"code": "1234", "name": "Jane"}},
            "/params/name",
            "is unknown; there are: code",
        ),
        (
            {"params": {"code": "1234", "cde": "1"}},
            "/params/cde",
            "did you mean 'code'?",
        ),
        ({"extra": {"fak": {}}}, "/extra/fak", "did you mean 'fake'?"),
        ({"extra": {"fake": {"urgent": 1}}}, "/extra/fake/urgent", "boolean"),
        ({"extra": {"fake": 1}}, "/extra", "object of options"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_a_fault_is_named_with_its_place_and_remedy(
    fields: Mapping[str, Any], pointer: str, said: str
) -> None:
    ((place, fault),) = faults(code(**fields))

    assert place == pointer
    assert said in fault


def test_every_fault_is_told_at_once() -> None:
    wrong = code(to="1", params={"code": "x"}, extra={"nobody": {}}, idempotency_key="")

    places = {place for place, _ in faults(wrong)}

    assert places == {"/to", "/params/code", "/extra/nobody", "/idempotency_key"}


def test_a_type_that_takes_no_options_gets_none() -> None:
    given = snapshot(provider(FakeVendor()))

    ((place, fault),) = faults(text(extra={"fake": {"urgent": True}}), given)

    assert place == "/extra/fake"
    assert fault == "providers of type 'fake' take no options: leave it out"


def test_a_type_that_takes_any_options_gets_them() -> None:
    given = snapshot(provider(FakeVendor(extra_schema={})))

    assert accepted(text(extra={"fake": {"urgent": True}}), given).message.extra


def test_no_fault_shows_a_code_or_a_whole_number() -> None:
    wrong = code(to="+86138001380001", params={"code": "98765432109"})

    told = str(faults(wrong))

    assert "98765432109" not in told
    assert "138001380001" not in told


def test_a_channel_decides_what_an_address_is() -> None:
    ((place, fault),) = faults(text(channel=Channel.EMAIL))

    assert (place, NUMBER in fault) == ("/to", False)


# Texts that come out wrong.


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Hello {{ name }}!", "it uses name, not given"),
        ("{% if name %}Hello{% endif %}", "it uses name, not given"),
    ],
)
def test_a_text_that_needs_a_parameter_that_is_not_given_is_refused(
    words: str, said: str
) -> None:
    ((place, fault),) = faults(code(template="t", params={}), configured(titled(words)))

    assert place == "/params"
    assert said in fault


def test_a_text_may_say_what_stands_for_a_parameter_that_is_not_given() -> None:
    polite = titled("Hello {{ name | default('you') }}!")

    assert accepted(code(template="t", params={}), configured(polite)).text == (
        "Hello you!"
    )


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("{{ '{1}'.format(name) }}", "IndexError"),
        ("{{ name + 1 }}", "TypeError"),
        ("{{ 1 / (name | length - 6) }}", "ZeroDivisionError"),
        ("{{ {'a': 1}[name] }}", "UndefinedError"),
        ("{{ name.__class__ }}", "SecurityError"),
    ],
)
def test_a_text_that_fails_tells_no_parameter(words: str, error: str) -> None:
    ((place, fault),) = faults(
        code(template="t", params={"name": "s3cret"}), configured(titled(words))
    )

    assert place == "/params"
    assert error in fault
    assert "s3cret" not in fault


def test_a_text_of_which_nothing_is_left_is_refused() -> None:
    ((place, fault),) = faults(
        code(template="t", params={"name": " "}), configured(titled("{{ name }}"))
    )

    assert place == "/params"
    assert "nothing" in fault


def test_a_text_that_grows_too_long_is_refused() -> None:
    long = "x" * (MOST_TEXT // 2 + 1)

    ((place, fault),) = faults(
        code(template="t", params={"name": long}),
        configured(titled("{{ name }}{{ name }}")),
    )

    assert place == "/params"
    length = f"do not fit the template: text: it has {len(long) * 2} characters"
    assert fault == f"{length}; at most {MOST_TEXT} are sent: give shorter values"


def test_html_that_grows_too_long_is_refused() -> None:
    long = "x" * (MOST_TEXT // 2 + 1)

    ((place, fault),) = faults(
        code(template="t", params={"name": long}),
        configured(titled("Hello", html="{{ name }}{{ name }}")),
    )

    assert place == "/params"
    length = f"do not fit the template: html: it has {len(long) * 2} characters"
    assert fault == f"{length}; at most {MOST_TEXT} are sent: give shorter values"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("x" * 2_000_000, "at most"),
        ("\ud83d", "surrogate"),
    ],
    ids=["2 MB", "surrogate"],
)
@pytest.mark.parametrize("words", ["Hello {{ name }}!", None], ids=["text", "bound"])
def test_a_parameter_that_nobody_can_send_is_refused(
    value: str, said: str, words: str | None
) -> None:
    template = titled(words) if words else titled("x", bindings={})

    ((place, fault),) = faults(
        code(template="t", params={"name": value}), configured(template)
    )

    assert place == "/params/name"
    assert said in fault


def test_a_parameter_may_be_any_text_and_any_value() -> None:
    record = accepted(code(template="greeting", params={"name": "王🎉", "age": 7}))

    assert record.text == "Hello 王🎉!"


@pytest.mark.parametrize("words", ["", " \n", "x" * 2_000_000, "\udc00"])
def test_a_message_whose_text_nobody_can_send_is_refused(words: str) -> None:
    ((place, _),) = faults(text(words))

    assert place == "/content/text"
