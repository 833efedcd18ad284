"""No limit is ever exceeded, and nothing else is refused."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notify_core.config.labels import guaranteed_labels, lacking_labels
from notify_core.config.matches import match
from notify_core.config.recommended import with_recommended
from notify_core.model.channel import Channel, Kind
from notify_core.model.outcome import Reason
from notify_core.model.status import Status
from notify_core.policy.decision import Verdict
from notify_core.policy.limits import LIMITS, Limits
from notify_core.policy.policy import NamedPolicy, Policy
from notify_core.policy.policy_set import PolicySet
from notify_core.policy.take import Refusal
from notify_core.testing import FakeVendor
from tests.builders import NOON, NUMBER, accounts, code, notifier
from tests.policy.counting import (
    HASHED,
    OTHER,
    SHANGHAI,
    Counting,
    policy,
    problems,
    sent,
)

PER_NUMBER: Mapping[str, Any] = {
    "name": "per-number",
    "key": ["recipient"],
    "allow": ["5/1h"],
}
ALLOW, REJECT, DEFER = Verdict.ALLOW, Verdict.REJECT, Verdict.DEFER
MINUTE = timedelta(minutes=1)


def limits(*changes: Mapping[str, Any]) -> Counting:
    return Counting(policy(LIMITS, [{**PER_NUMBER, **change} for change in changes]))


async def test_the_sixth_of_five_an_hour_is_refused_and_told_when() -> None:
    counting = limits({})
    messages = [sent(NOON + n * MINUTE) for n in range(6)]

    *first, last = [await counting.admit(one) for one in messages]

    assert [decision.verdict for decision in first] == [ALLOW] * 5
    assert last.verdict is REJECT
    assert last.reason is Reason.POLICY_RATE_LIMITED
    assert last.until == NOON + timedelta(hours=1)
    assert last.why == "limit per-number allows 5/1h"
    assert NUMBER not in repr(last)


async def test_a_sliding_window_frees_one_after_the_other() -> None:
    counting = limits({"allow": ["2/1m"]})
    at = [0, 30, 59, 60, 61, 90]

    verdicts = await counting.verdicts(*(sent(NOON + timedelta(seconds=s)) for s in at))

    assert verdicts == [ALLOW, ALLOW, REJECT, ALLOW, REJECT, ALLOW]


async def test_a_day_ends_at_midnight_in_the_time_zone_of_the_defaults() -> None:
    counting = limits({"allow": ["1/day"]})
    evening = datetime(2026, 1, 1, 23, 59, tzinfo=SHANGHAI)

    first, second, next_day = [
        await counting.admit(sent(evening + n * MINUTE / 2)) for n in range(3)
    ]

    assert [first.verdict, second.verdict, next_day.verdict] == [ALLOW, REJECT, ALLOW]
    assert second.until == datetime(2026, 1, 2, tzinfo=SHANGHAI)


async def test_a_limit_may_have_a_time_zone_of_its_own() -> None:
    counting = limits({"allow": ["1/day"], "timezone": "UTC"})
    at = datetime(2026, 1, 1, 23, 59, 30, tzinfo=UTC)

    verdicts = await counting.verdicts(
        sent(at - timedelta(hours=9)), sent(at), sent(at + MINUTE)
    )

    assert verdicts == [ALLOW, REJECT, ALLOW]


async def test_every_allowance_of_a_limit_holds_and_one_message_takes_once() -> None:
    counting = limits({"allow": ["1/1m", "3/1h"]})
    minutes = [0, 0.5, 1, 2, 3, 60, 60.5]

    decisions = [await counting.admit(sent(NOON + m * MINUTE)) for m in minutes]

    verdicts = [decision.verdict for decision in decisions]
    assert verdicts == [ALLOW, REJECT, ALLOW, ALLOW, REJECT, ALLOW, REJECT]
    assert decisions[1].why == "limit per-number allows 1/1m"
    assert decisions[6].why == "limit per-number allows 1/1m and 3/1h"
    assert decisions[6].until == NOON + 61 * MINUTE


@pytest.mark.parametrize(
    ("key", "other"),
    [
        ("recipient", {"to": OTHER}),
        ("channel", {"channel": Channel.VOICE}),
        ("template", {"template": "other"}),
        ("sender", {"sender": "Other"}),
        ("params", {"params": {"code": "9999"}}),
        ("labels.client_ip", {"labels": {"client_ip": "198.51.100.7"}}),
    ],
)
async def test_a_key_tells_apart_what_is_counted(
    key: str, other: dict[str, Any]
) -> None:
    counting = limits({"key": [key], "allow": ["1/1h"]})
    labels: dict[str, Any] = {"labels": {"client_ip": "203.0.113.5"}}

    verdicts = await counting.verdicts(
        sent(**labels), sent(**{**labels, **other}), sent(**labels)
    )

    assert verdicts == [ALLOW, ALLOW, REJECT]


async def test_keys_by_country_kind_and_content() -> None:
    for key in ("country", "kind", "content"):
        counting = limits({"key": [key], "allow": ["1/1h"]})
        abroad = sent(to="+447400123456", words="hello", is_text=True)

        verdicts = await counting.verdicts(sent(), abroad, sent())

        assert verdicts == [ALLOW, ALLOW, REJECT], key


async def test_upper_case_in_an_address_opens_no_new_counter() -> None:
    counting = limits({"allow": ["1/1h"]})
    mail: dict[str, Any] = {"channel": Channel.EMAIL, "is_text": True}

    verdicts = await counting.verdicts(
        sent(to="Jane@Example.com", **mail), sent(to="jane@example.com", **mail)
    )

    assert verdicts == [ALLOW, REJECT]


async def test_a_message_without_the_label_of_a_key_is_refused() -> None:
    counting = limits({"name": "per-ip", "key": ["labels.client_ip"]})

    decision = await counting.admit(sent())

    assert decision.verdict is REJECT
    assert decision.reason is Reason.POLICY_RATE_LIMITED
    assert decision.why == "limit per-ip needs label client_ip"


async def test_over_suppress_drops_and_over_defer_waits_for_room() -> None:
    one = {"allow": ["1/1m"]}

    dropped = limits({**one, "over": "suppress"})
    waiting = limits({**one, "over": "defer"})

    assert await dropped.verdicts(sent(), sent()) == [ALLOW, Verdict.SUPPRESS]
    decisions = [await waiting.admit(sent()) for _ in range(3)]
    assert [d.verdict for d in decisions] == [ALLOW, DEFER, DEFER]
    assert [d.until for d in decisions[1:]] == [NOON + MINUTE, NOON + 2 * MINUTE]


async def test_a_limit_that_refuses_goes_before_one_that_waits() -> None:
    strict = {"name": "a", "allow": ["1/1m"]}
    patient = {"name": "b", "allow": ["1/1h"], "over": "defer"}

    for order in ((strict, patient), (patient, strict)):
        assert await limits(*order).verdicts(sent(), sent()) == [ALLOW, REJECT]


async def test_of_several_that_wait_the_longest_is_waited_for() -> None:
    short = {"name": "a", "allow": ["1/1m"], "over": "defer"}
    long = {"name": "b", "allow": ["1/1h"], "over": "defer"}
    counting = limits(long, short)

    _, second = [await counting.admit(sent()) for _ in range(2)]

    assert second.until == NOON + timedelta(hours=1)


def test_what_no_waiting_frees_is_refused_instead_of_deferred() -> None:
    made = policy(LIMITS, [{**PER_NUMBER, "over": "defer"}])
    one = sent()

    decision = made.decide(one, NOON, {made.needs(one)[0]: Refusal(free_at=None)})

    assert decision.verdict is REJECT


def test_what_another_policy_was_refused_exceeds_no_limit() -> None:
    made = policy(LIMITS, [PER_NUMBER])
    (take,) = made.needs(sent(to=OTHER))

    decision = made.decide(sent(), NOON, {take: Refusal(free_at=None)})

    assert decision.verdict is ALLOW


async def test_a_limit_of_some_kinds_leaves_the_others_alone() -> None:
    counting = limits({"kinds": ["otp"], "allow": ["1/1h"]})
    notice: dict[str, Any] = {"is_text": True}

    verdicts = await counting.verdicts(sent(**notice), sent(), sent(**notice), sent())

    assert verdicts == [ALLOW, ALLOW, ALLOW, REJECT]


async def test_a_message_that_ended_unsent_gives_back_what_it_took() -> None:
    counting = limits({"allow": ["1/1h"]})
    first = sent()
    await counting.admit(first)

    await counting.end_unsent(first)

    assert (await counting.admit(sent())).verdict is ALLOW


async def test_limits_of_one_name_and_key_count_together_others_apart() -> None:
    one = limits({"allow": ["1/1h"]})
    same = attrs.evolve(limits({"allow": ["1/1h"]}), outbox=one.outbox)
    other = attrs.evolve(limits({"name": "other"}), outbox=one.outbox)
    longer = attrs.evolve(limits({"key": ["recipient", "kind"]}), outbox=one.outbox)

    await one.admit(sent())

    assert await same.verdicts(sent()) == [REJECT]
    assert await other.verdicts(sent()) == [ALLOW]
    assert await longer.verdicts(sent()) == [ALLOW]


def test_no_address_and_no_label_stands_in_a_counter() -> None:
    made = policy(LIMITS, [{**PER_NUMBER, "key": ["recipient", "labels.ip"]}])

    (take,) = made.needs(sent(labels={"ip": "203.0.113.5"}))

    assert take.counter.startswith("limits/per-number/")
    assert NUMBER[1:] not in take.counter
    assert "203" not in take.counter.replace(HASHED("x"), "").split("/")[1]


def test_names_are_given_once_and_time_zones_exist() -> None:
    found = problems(
        LIMITS, [PER_NUMBER, "recommended", {**PER_NUMBER, "timezone": "Asia/Shanghia"}]
    )

    assert found == [
        ("/2/name", "'per-number' is the name of a limit above; give it its own"),
        (
            "/2/timezone",
            "'Asia/Shanghia' is no known time zone; did you mean 'Asia/Shanghai'?",
        ),
    ]


def test_recommended_stands_for_the_limits_of_the_providers_of_the_route() -> None:
    theirs = {**PER_NUMBER, "name": "daily", "allow": ["5/day"]}
    alone, beside, without = (
        policy(LIMITS, written)
        for written in ("recommended", [PER_NUMBER, "recommended"], [PER_NUMBER])
    )

    def names(made: Policy, **recommended: list[Mapping[str, Any]]) -> list[str]:
        assert isinstance(made, Limits)
        return [limit.name for limit in made.completed(recommended).limits]

    assert names(alone, ihuyi=[theirs]) == ["ihuyi.daily"]
    assert names(beside, ihuyi=[theirs], other=[]) == ["per-number", "ihuyi.daily"]
    assert names(without, ihuyi=[theirs]) == ["per-number"]
    assert names(alone) == []


def test_a_route_gets_what_its_providers_recommend() -> None:
    caps = ({**PER_NUMBER, "name": "daily", "allow": ["5/day"]},)
    type_ = attrs.evolve(FakeVendor().type, name="vendor", recommended_limits=caps)
    wanting, plain = (
        PolicySet(admission=(NamedPolicy(name="limits", policy=policy(LIMITS, said)),))
        for said in ("recommended", [PER_NUMBER])
    )

    found = with_recommended(wanting, [type_, type_]).admission[0].policy

    assert isinstance(found, Limits)
    assert [limit.name for limit in found.limits] == ["vendor.daily"]
    assert with_recommended(plain, [type_]) is plain


def test_a_set_tells_which_labels_it_needs_and_whom_it_protects() -> None:
    per_ip = {**PER_NUMBER, "name": "per-ip", "key": ["labels.client_ip"]}
    for_codes = {**PER_NUMBER, "kinds": ["otp"]}
    made = policy(LIMITS, [per_ip, for_codes])

    assert isinstance(made, Limits)
    assert made.labels == {"client_ip": "per-ip"}
    assert made.is_per_recipient(Kind.OTP)
    assert not made.is_per_recipient(Kind.MARKETING)


def test_a_match_guarantees_the_labels_that_it_asks_for() -> None:
    asked = {
        "labels.a": "x",
        "labels.b": {"in": ["x", "y"]},
        "labels.c": {"exists": True},
        "labels.d": {"not": "x"},
        "labels.e": {"exists": False},
        "kind": "otp",
    }
    per_label = {**PER_NUMBER, "key": ["labels.a", "labels.d"]}
    limited = NamedPolicy(name="limits", policy=policy(LIMITS, [per_label]))

    matches = [match(asked), match({"labels.f": {"prefix": "x"}})]

    assert guaranteed_labels(matches) == {"a", "b", "c", "f"}
    lacking = lacking_labels(PolicySet(admission=(limited,)), matches)
    assert list(lacking) == [("per-number", "d")]


# What it must show: no interleaving exceeds a limit.

SPANS = (timedelta(minutes=1), timedelta(hours=1))
ALLOWANCES = {"allow": ["2/1m", "5/1h", "8/day"]}


def exceeded(times: list[datetime]) -> bool:
    """Tell, in the simplest way, whether the allowances were exceeded."""
    for most, span in zip((2, 5), SPANS, strict=True):
        for end in times:
            if len([t for t in times if end - span < t <= end]) > most:
                return True
    days = [t.astimezone(SHANGHAI).date() for t in times]
    return any(days.count(day) > 8 for day in days)


STEPS = st.lists(
    st.tuples(st.integers(0, 40 * 60), st.sampled_from([NUMBER, OTHER]), st.booleans()),
    min_size=8,
    max_size=40,
)


@settings(max_examples=80, deadline=None)
@given(STEPS)
def test_what_is_refused_is_exactly_what_would_exceed_a_limit(
    steps: list[tuple[int, str, bool]],
) -> None:
    async def play() -> None:
        counting, now = limits(ALLOWANCES), NOON
        taken: dict[str, list[datetime]] = {NUMBER: [], OTHER: []}
        for seconds, to, gives_back in steps:
            now += timedelta(seconds=seconds)
            one, times = sent(now, to), taken[to]
            verdict = (await counting.admit(one)).verdict
            assert (verdict is REJECT) == exceeded([*times, now])
            if verdict is ALLOW and gives_back:
                await counting.end_unsent(one)
            elif verdict is ALLOW:
                times.append(now)

    asyncio.run(play())


@settings(max_examples=80, deadline=None)
@given(STEPS)
def test_deferred_messages_never_exceed_a_limit_either(
    steps: list[tuple[int, str, bool]],
) -> None:
    async def play() -> None:
        counting, now = limits({**ALLOWANCES, "over": "defer"}), NOON
        taken: dict[str, list[datetime]] = {NUMBER: [], OTHER: []}
        for seconds, to, gives_back in steps:
            now += timedelta(seconds=seconds)
            one = sent(now, to)
            decision = await counting.admit(one)
            if gives_back:
                await counting.end_unsent(one)
                continue
            taken[to].append(decision.until or now)
            assert not exceeded(taken[to])

    asyncio.run(play())


async def test_of_200_at_once_exactly_five_get_through() -> None:
    counting = limits({})

    decisions = await asyncio.gather(*(counting.admit(sent()) for _ in range(200)))

    assert [d.verdict for d in decisions].count(ALLOW) == 5


async def test_of_200_sent_at_once_exactly_five_reach_the_provider() -> None:
    vendor = FakeVendor()
    limited = NamedPolicy(name="limits", policy=limits({}).policy)
    configured = accounts(vendor, "a", policy=PolicySet(admission=(limited,)))

    async with notifier(configured) as open_:
        results = await asyncio.gather(*(open_.send(code()) for _ in range(200)))

    assert len(vendor["a"].submissions) == 5
    assert [r.status for r in results].count(Status.REJECTED) == 195
    assert {r.reason for r in results if not r.ok} == {Reason.POLICY_RATE_LIMITED}
