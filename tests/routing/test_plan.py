"""Who may take a message, in which order, and why the others may not."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from notify_core.config.snapshot import Snapshot
from notify_core.errors import InvalidMessage
from notify_core.model.channel import Channel, Kind
from notify_core.model.message import Content
from notify_core.model.recipient import Email, Phone
from notify_core.model.template import Binding, BindingMode, Template
from notify_core.outbox.record import Record
from notify_core.policy.policy_set import PolicySet
from notify_core.provider import BoundTemplate, SenderMode, Submission, TextMode
from notify_core.routing.choose import choose_route
from notify_core.routing.plan import Plan, make_plan
from notify_core.testing import FakeVendor
from notify_core.transmission import Timeouts
from tests.builders import NUMBER, accounts, code, provider, record, snapshot, text

VENDOR = FakeVendor()
PARAMS = (("1", "code"),)
BY_TYPE = Binding(template_id="T1", params=PARAMS, sender="by-type")
BY_NAME = Binding(template_id="N1", params=PARAMS)
FILED = (
    "takes only filed texts: give the template a binding for it, "
    "or set free_text: true on the route"
)
TEXT = Binding(mode=BindingMode.TEXT)


def template(
    bindings: Mapping[str, Binding], words: str | None = "Code {{ code }}"
) -> Template:
    return Template(name="t", kind=Kind.OTP, text=words, bindings=bindings)


def planned(given: Record, configured: Snapshot) -> Plan:
    return make_plan(given, configured.root, configured)


def whys(plan: Plan) -> list[str]:
    return [exclusion.why for exclusion in plan.excluded]


def one(given: Record, configured: Snapshot) -> Submission:
    """Return what the only provider would be given."""
    (candidate,) = planned(given, configured).candidates
    return candidate.submission


# Order and content.


def test_members_are_tried_in_the_order_of_the_pool() -> None:
    plan = planned(record(), accounts(VENDOR, "b", "a", "c"))

    assert [c.provider.name for c in plan.candidates] == ["b", "a", "c"]
    assert plan.excluded == ()


def test_a_provider_is_given_the_message_as_it_was_accepted() -> None:
    policy = PolicySet(attempt_timeout=Timeouts(connect=1, read=2))
    message = text("Hi", sender="ACME", extra={"fake": {"a": 1}, "other": {"b": 2}})
    given = record(message, kind=Kind.NOTICE, text="Hi")

    submission = one(given, accounts(VENDOR, "a", policy=policy))

    assert (submission.message, submission.reference) == (message.id, message.id)
    assert (submission.text, submission.content) == ("Hi", Content(text="Hi"))
    assert (submission.sender, submission.extra) == ("ACME", {"a": 1})
    assert submission.kind is Kind.NOTICE
    assert submission.timeouts == Timeouts(connect=1, read=2)
    assert submission.recipient.address == NUMBER


def test_those_left_out_do_not_disturb_the_order() -> None:
    configured = snapshot(
        provider(VENDOR, "a", countries=frozenset({"US"})),
        provider(VENDOR, "b"),
        provider(VENDOR, "c", channels=frozenset({Channel.EMAIL})),
    )

    plan = planned(record(), configured)

    assert [c.provider.name for c in plan.candidates] == ["b"]
    assert [e.provider for e in plan.excluded] == ["a", "c"]


# Bindings.


@pytest.mark.parametrize(
    ("bindings", "bound"),
    [
        ({}, None),
        ({"fake": BY_TYPE}, "T1"),
        ({"fake": BY_TYPE, "a": BY_NAME}, "N1"),
        ({"b": BY_NAME}, None),
        ({"a": TEXT, "fake": BY_TYPE}, None),
    ],
    ids=["none", "type", "name first", "other", "text"],
)
def test_a_template_goes_as_the_provider_knows_it(
    bindings: dict[str, Binding], bound: str | None
) -> None:
    configured = accounts(VENDOR, "a", templates=[template(bindings)])

    submission = one(record(code(template="t")), configured)

    filled = BoundTemplate(id=bound, params=(("1", "1234"),)) if bound else None
    assert submission.template == filled


def test_a_binding_has_no_meaning_where_templates_are_not_taken() -> None:
    texts_only = provider(VENDOR, templates=False)
    configured = snapshot(texts_only, templates=[template({"fake": BY_TYPE})])

    assert one(record(code(template="t")), configured).template is None


@pytest.mark.parametrize(("own", "sender"), [(None, "by-type"), ("mine", "mine")])
def test_the_messages_own_sender_goes_before_the_bindings(
    own: str | None, sender: str
) -> None:
    configured = accounts(VENDOR, "a", templates=[template({"fake": BY_TYPE})])

    assert one(record(code(template="t", sender=own)), configured).sender == sender


# Why a provider is left out.


@pytest.mark.parametrize(
    ("capabilities", "why"),
    [
        (
            {"channels": frozenset({Channel.VOICE, Channel.EMAIL})},
            "channel sms is not served, only email, voice",
        ),
        ({"countries": frozenset({"US"})}, "destination CN is not served"),
        (
            {"text": TextMode.NONE},
            "takes only templates that have a binding with a template_id for it",
        ),
        (
            {"text": TextMode.APPROVED},
            FILED,
        ),
    ],
)
def test_a_provider_is_left_out_for_what_it_does_not_declare(
    capabilities: dict[str, Any], why: str
) -> None:
    assert whys(planned(record(), snapshot(provider(VENDOR, **capabilities)))) == [why]


@pytest.mark.parametrize(
    ("recipient", "why"),
    [
        (Phone("+80012345678", "800", None), "destination unknown is not served"),
        (Email("jane@example.com"), "destination unknown is not served"),
    ],
)
def test_a_recipient_of_no_country_goes_to_nobody_who_serves_some(
    recipient: Phone | Email, why: str
) -> None:
    choosy = snapshot(provider(VENDOR, countries=frozenset({"CN"})))

    assert whys(planned(record(recipient=recipient), choosy)) == [why]


def test_a_provider_serves_the_countries_that_it_declares() -> None:
    serving = snapshot(provider(VENDOR, countries=frozenset({"CN", "US"})))

    assert planned(record(), serving).excluded == ()


@pytest.mark.parametrize(
    ("mode", "binding", "is_taken"),
    [
        (TextMode.FREE, None, True),
        (TextMode.FREE, BY_TYPE, True),
        (TextMode.APPROVED, None, False),
        (TextMode.APPROVED, TEXT, True),
        (TextMode.APPROVED, BY_TYPE, True),
        (TextMode.NONE, None, False),
        (TextMode.NONE, TEXT, False),
        (TextMode.NONE, BY_TYPE, True),
    ],
)
def test_bindings_decide_who_takes_a_template(
    mode: TextMode, binding: Binding | None, is_taken: bool
) -> None:
    bindings = {"fake": binding} if binding else {}
    configured = snapshot(provider(VENDOR, text=mode), templates=[template(bindings)])

    plan = planned(record(code(template="t")), configured)

    assert bool(plan.candidates) is is_taken


@pytest.mark.parametrize(("free_text", "is_taken"), [(True, True), (False, False)])
def test_a_text_without_a_template_needs_a_route_that_lets_it_through(
    free_text: bool, is_taken: bool
) -> None:
    filed = snapshot(provider(VENDOR, text=TextMode.APPROVED), free_text=free_text)

    plan = planned(record(text(), text="Hi"), filed)

    assert bool(plan.candidates) is is_taken


def test_free_text_on_the_route_does_not_stand_in_for_a_binding() -> None:
    filed = snapshot(provider(VENDOR, text=TextMode.APPROVED), free_text=True)

    assert planned(record(), filed).candidates == ()


def test_a_template_without_a_text_needs_a_binding_everywhere() -> None:
    configured = accounts(VENDOR, "a", templates=[template({}, words=None)])

    plan = planned(record(code(template="t"), text=None), configured)

    assert whys(plan) == [
        "the template has no text, and no binding with a template_id for it"
    ]


@pytest.mark.parametrize(
    ("mode", "own", "wanted", "why"),
    [
        (SenderMode.FREE, None, "ACME", None),
        (SenderMode.FIXED, "ACME", None, None),
        (SenderMode.FIXED, "ACME", "ACME", None),
        (SenderMode.FIXED, "ACME", "Bob", "its sender is fixed to 'ACME', not 'Bob'"),
        (SenderMode.FIXED, None, "Bob", "its sender is fixed, not 'Bob'"),
    ],
)
def test_a_sender_must_be_one_that_the_account_can_use(
    mode: SenderMode, own: str | None, wanted: str | None, why: str | None
) -> None:
    configured = snapshot(provider(VENDOR, sender=mode, sender_name=own))

    plan = planned(record(code(sender=wanted)), configured)

    assert whys(plan) == ([why] if why else [])


@pytest.mark.parametrize("why", [None, "too long for a voice code"])
def test_a_provider_type_may_refuse_what_its_account_cannot_express(
    why: str | None,
) -> None:
    vendor = FakeVendor(refuses=lambda settings, submission: why)

    plan = planned(record(), accounts(vendor, "a"))

    assert whys(plan) == ([why] if why else [])


# The route.


@pytest.mark.parametrize("name", [None, "root"])
def test_every_message_takes_the_root(name: str | None) -> None:
    configured = accounts(VENDOR, "a")

    assert choose_route(code(route=name), configured) is configured.root


@pytest.mark.parametrize("name", ["rot", 5, ["root"], timedelta(1)])
def test_a_route_that_is_not_there_is_named(name: Any) -> None:
    with pytest.raises(InvalidMessage, match=r"^route no route .*root") as refused:
        choose_route(code(route=name), accounts(VENDOR, "a"))

    assert [p.pointer for p in refused.value.problems] == ["/route"]
