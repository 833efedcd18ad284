"""Who may take a message, in which order, and why the others may not."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import attrs
import pytest

from notify_core.config.snapshot import Snapshot
from notify_core.errors import InvalidMessage
from notify_core.model.attempt import Attempt
from notify_core.model.channel import Channel, Kind
from notify_core.model.message import Content
from notify_core.model.outcome import Reason
from notify_core.model.recipient import Email, Phone
from notify_core.model.status import AttemptState
from notify_core.model.template import Binding, BindingMode, Template
from notify_core.outbox.record import Record
from notify_core.policy.policy_set import PolicySet
from notify_core.provider import BoundTemplate, SenderMode, Submission, TextMode
from notify_core.routing.health.health import Health
from notify_core.routing.plan import Plan
from notify_core.routing.pool import Member, Pool
from notify_core.routing.refusals import MOST, VendorRefusals
from notify_core.routing.route import Route
from notify_core.routing.strategies import BUILT_IN
from notify_core.routing.tree import RoutingTree
from notify_core.testing import FakeClock, FakeVendor
from notify_core.transmission import Timeouts
from tests.builders import (
    NOON,
    NUMBER,
    accounts,
    code,
    planner,
    provider,
    record,
    snapshot,
    text,
)

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


def planned(given: Record, configured: Snapshot, **parts: Any) -> Plan:
    plans = planner(configured, **parts)
    return plans.plan(given, configured.routes.root, NOON)


def names(plan: Plan) -> list[str]:
    return [candidate.provider.name for candidate in plan.candidates]


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
    content = Content(text="Hi")
    given = record(message, kind=Kind.NOTICE, text="Hi", content=content)

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


# What happened before.


def attempt(provider: str, state: AttemptState, reason: Reason) -> Attempt:
    return Attempt(
        number=1,
        provider=provider,
        account=provider,
        state=state,
        reason=reason,
        started_at=NOON,
    )


def test_who_refused_the_message_goes_last() -> None:
    refused = attempt("a", AttemptState.REJECTED, Reason.PROVIDER_ERROR)

    plan = planned(record(attempts=(refused,)), accounts(VENDOR, "a", "b", "c"))

    assert names(plan) == ["b", "c", "a"]


@pytest.mark.parametrize("duplicates", [True, False])
@pytest.mark.parametrize(
    "state", [AttemptState.UNKNOWN, AttemptState.ACCEPTED], ids=str
)
def test_who_may_have_taken_it_is_asked_again_only_where_twice_is_allowed(
    state: AttemptState, duplicates: bool
) -> None:
    taken = attempt("a", state, Reason.NO_RESPONSE)
    configured = accounts(VENDOR, "a", "b", policy=PolicySet(duplicates=duplicates))

    plan = planned(record(attempts=(taken,)), configured)

    assert names(plan) == (["a", "b"] if duplicates else ["b"])
    if not duplicates:
        assert whys(plan) == ["may have taken the message already"]


def test_a_vendor_that_blocks_the_recipient_is_left_out_for_a_day() -> None:
    refusals = VendorRefusals()
    refusals.note("a", NUMBER, NOON - timedelta(hours=23))
    refusals.note("b", NUMBER, NOON - timedelta(hours=24))
    refusals.note("c", "+8613900139000", NOON)

    plan = planned(record(), accounts(VENDOR, "a", "b", "c"), refusals=refusals)

    assert names(plan) == ["b", "c"]
    assert whys(plan) == [
        "its vendor blocks the recipient; asked again after 13:00 UTC"
    ]


def test_of_too_many_blocked_recipients_the_oldest_is_forgotten() -> None:
    refusals = VendorRefusals()
    for n in range(MOST + 1):
        refusals.note("a", str(n), NOON)

    assert refusals.why_not("a", "0", NOON) is None
    assert refusals.why_not("a", "1", NOON) is not None


# Rest.


def unwell(configured: Snapshot, *resting: tuple[str, Reason]) -> Health:
    """Return health under which these providers rest."""
    health = Health(FakeClock(NOON), lambda _: None, configured.providers)
    for name, reason in resting:
        ended = attrs.evolve(attempt(name, AttemptState.REJECTED, reason), code="1")
        health.note(ended, "m")
    return health


def test_who_rests_is_left_out_and_the_plan_says_why() -> None:
    configured = accounts(VENDOR, "a", "b")
    health = unwell(configured, ("a", Reason.QUOTA_EXHAUSTED))

    plan = planned(record(), configured, health=health)

    assert names(plan) == ["b"]
    assert whys(plan) == ["rests until 13:00:00 UTC: quota_exhausted"]


def test_when_all_rest_the_one_that_is_back_first_is_tried_anyway() -> None:
    configured = accounts(VENDOR, "a", "b", "c")
    health = unwell(
        configured,
        ("a", Reason.QUOTA_EXHAUSTED),
        ("b", Reason.AUTH_FAILED),
        ("c", Reason.QUOTA_EXHAUSTED),
    )

    plan = planned(record(), configured, health=health)

    assert names(plan) == ["b"]
    assert [c.anyway for c in plan.candidates] == [True]
    assert [e.provider for e in plan.excluded] == ["a", "c"]


# Strategies.


def weighted(configured: Snapshot, **weights: int) -> Snapshot:
    members = tuple(Member(name=n, weight=w) for n, w in weights.items())
    pool = Pool(name="shared", strategy=BUILT_IN["weighted"], members=members)
    return attrs.evolve(configured, routes=RoutingTree(root=Route(pool=pool)))


def test_the_strategy_orders_those_that_can_take_the_message() -> None:
    configured = weighted(accounts(VENDOR, "a", "b", "c"), a=1, b=3, c=0)
    plans = planner(configured)

    orders = [names(plans.plan(record(), configured.routes.root, NOON)) for _ in "1234"]

    assert sorted(order[0] for order in orders) == ["a", "b", "b", "b"]
    plan = plans.plan(record(), configured.routes.root, NOON)
    assert [(e.provider, e.why) for e in plan.excluded] == [("c", "its weight is 0")]


def test_a_preview_says_what_the_next_plan_is_and_advances_nothing() -> None:
    configured = weighted(accounts(VENDOR, "a", "b", "c"), a=1, b=3, c=2)
    plans, root = planner(configured), configured.routes.root

    for _ in range(10):
        shown = [names(plans.preview().plan(record(), root, NOON)) for _ in "12"]
        planned = names(plans.plan(record(), root, NOON))

        assert shown == [planned, planned]


# The route.


@pytest.mark.parametrize("name", [None, "root"])
def test_every_message_takes_the_root(name: str | None) -> None:
    configured = accounts(VENDOR, "a")

    assert configured.routes.choose(record(code(route=name))) is configured.routes.root


def test_a_route_that_is_not_there_is_named() -> None:
    with pytest.raises(InvalidMessage, match=r"^route no route .*root") as refused:
        accounts(VENDOR, "a").routes.choose(record(code(route="rot")))

    assert [p.pointer for p in refused.value.problems] == ["/route"]
