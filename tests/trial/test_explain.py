"""An explanation says why a message goes where it goes, and changes nothing."""

from datetime import timedelta
from typing import Any

import attrs
import pytest

from notify_core import Message
from notify_core.errors import InvalidMessage
from notify_core.model.attempt import Attempt
from notify_core.model.channel import Channel, Kind
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.result import Exclusion
from notify_core.model.status import AttemptState, Status
from notify_core.model.verdict import Verdict
from notify_core.outbox.memory import MemoryOutbox
from notify_core.outbox.port import Hold
from notify_core.policy.built_in import BUILT_IN
from notify_core.policy.policy import NamedPolicy
from notify_core.policy.schema import own_keys
from notify_core.policy.take import Sliding, Take
from notify_core.routing.tree import Miss, Step
from notify_core.testing import FakeVendor
from notify_core.trial import Explanation, explain
from notify_core.trial.counters import Counters
from notify_core.trial.explanation import Counted, Setting
from notify_core.trial.stage import Stage
from notify_core.trial.telling import explanation_lines
from notify_core.wire import to_json
from tests.builders import NOON, NUMBER, code, record, text
from tests.options.configured import CODE, TWO, under
from tests.trial.configured import configured, planner

REFUSED = Attempt(
    number=1,
    provider="a",
    account="fake",
    state=AttemptState.REJECTED,
    outcome=Outcome.REJECTED,
    reason=Reason.AUTH_FAILED,
    started_at=NOON,
)
BOTH = {"both": {"members": ["a", "b"]}}


async def explained(message: Message | None = None, **sections: Any) -> Explanation:
    """Return the explanation of a message at noon."""
    snapshot = configured(**sections)
    return await explain(message or text(), planner(snapshot), NOON)


async def test_the_way_says_why_each_earlier_sibling_did_not_match() -> None:
    routes = {
        "pool": "a",
        "routes": [
            {"name": "tenant", "match": {"labels.tenant": "a1"}},
            {"name": "person", "match": {"recipient": "+8613900139000"}},
            {"name": "notices", "match": {"kind": "notice"}},
            {"name": "late", "match": {"channel": "sms"}},
        ],
    }

    way = await explained(routes=routes)

    assert way.path == (
        Step(
            route="root",
            missed=(
                Miss("tenant", "labels.tenant", "a1", None),
                Miss("person", "recipient", "+86139****9000", "+86138****8000"),
            ),
        ),
        Step(route="notices"),
    )
    assert way.route == "notices"


async def test_a_route_that_the_message_names_is_told_as_such() -> None:
    way = await explained(text(route="root"))

    assert way.path == (Step(route="root", is_named=True),)


async def test_a_message_that_cannot_be_sent_is_told_with_every_problem() -> None:
    way = await explained(Message(to="nobody", template="cod"))

    assert {problem.pointer for problem in way.problems} == {"/template", "/to"}
    assert way.route is None
    assert way.providers == ()


async def test_what_is_no_message_is_refused_by_its_type() -> None:
    given: Any = {"to": "+8613800138000"}

    with pytest.raises(InvalidMessage, match="must be a Message, not dict"):
        await explained(given)


async def test_a_route_that_there_is_not_is_a_problem() -> None:
    way = await explained(text(route="roof"))

    assert "did you mean 'root'?" in way.problems[0].message


async def test_each_setting_is_told_with_where_it_comes_from() -> None:
    way = await explained(
        policies={
            "base": {"max_attempts": 5, "deadline": "1m"},
            "strict": {"extends": "base", "deadline": "20s"},
        },
        routes={
            "pool": "a",
            "policy": "strict",
            "routes": [{"name": "below", "match": {"channel": "sms"}, "pool": "a"}],
        },
    )

    assert {
        Setting(name="pool", value="a", origin="route below"),
        Setting(name="policy", value="strict", origin="route root"),
        Setting(name="free_text", value="false", origin="default"),
        Setting(name="deadline", value="20s", origin="policy set strict"),
        Setting(name="max_attempts", value="5", origin="policy set base"),
        Setting(name="attempt_timeout", value="connect 2s, read 5s", origin="default"),
    } <= set(way.settings)


async def test_settings_are_written_as_in_a_configuration() -> None:
    policy = {
        "validity": "5m",
        "retry": {"first": "1s", "factor": 3, "longest": "9s"},
        "on_unknown": {"settle": ["receipt"], "within": "45s", "then": "failover"},
        "receipt_deadline": {"within": "1h", "then": "failover"},
        "duplicates": "allowed",
        "reasons": {"content_rejected": "failover"},
    }

    way = await explained(**under(policy))

    values = {setting.name: setting.value for setting in way.settings}
    assert values["validity"] == "5m"
    assert values["retry"] == "first 1s, factor 3, longest 9s"
    assert values["on_unknown"] == "settle receipt; within 45s; then failover"
    assert values["receipt_deadline"] == "1h; then failover"
    assert values["duplicates"] == "allowed"
    assert values["reasons"] == "content_rejected failover"


async def test_nothing_that_a_set_says_of_effort_is_left_out() -> None:
    way = await explained()

    told = {setting.name for setting in way.settings}
    assert own_keys() - {"extends", *BUILT_IN} <= told


async def test_each_policy_is_told_with_what_it_says_and_why() -> None:
    policy = {
        "content": {"max_length": 10},
        "quiet_hours": {"from": "11:00", "to": "13:00"},
    }

    way = await explained(**under(policy))

    said = {opinion.policy: opinion for opinion in way.policies}
    assert said["content"].verdict is Verdict.REJECT
    assert said["content"].origin == "policy set given"
    assert said["content"].why == "the text is longer than 10 characters"
    assert said["quiet_hours"].verdict is Verdict.DEFER
    assert said["quiet_hours"].until == NOON + timedelta(hours=1)
    assert way.verdict is Verdict.REJECT
    assert way.reason is Reason.POLICY_CONTENT


_ENDS = {
    Reason.POLICY_QUIET_HOURS: Status.REJECTED,
    Reason.EXPIRED: Status.EXPIRED,
}
NIGHT = {"quiet_hours": {"from": "11:00", "to": "13:00"}}


@pytest.mark.parametrize(
    ("policy", "verdict", "reason"),
    [
        ({"deadline": "20s"}, Verdict.REJECT, Reason.POLICY_QUIET_HOURS),
        ({"deadline": "2h"}, Verdict.DEFER, Reason.POLICY_QUIET_HOURS),
        ({"deadline": "2h", "validity": "30m"}, Verdict.REJECT, Reason.EXPIRED),
    ],
)
async def test_what_is_told_of_a_deferral_is_what_becomes_of_it_in_memory(
    policy: dict[str, Any], verdict: Verdict, reason: Reason
) -> None:
    snapshot = configured(**under({**NIGHT, **policy}))
    stage = Stage(snapshot, NOON, {})

    way = await explain(text(), planner(snapshot), NOON)
    sent = await stage.send(text())

    assert (way.verdict, way.reason) == (verdict, reason)
    waits = verdict is Verdict.DEFER
    assert sent.status is (Status.ACCEPTED if waits else _ENDS[reason])
    assert sent.reason is (None if waits else reason)


async def test_an_outbox_that_keeps_messages_defers_what_another_refuses() -> None:
    snapshot = configured(**under(NIGHT))
    outbox = MemoryOutbox()
    outbox.durable = True

    way = await explain(text(), planner(snapshot), NOON, outbox)

    assert way.verdict is Verdict.DEFER
    assert way.until == NOON + timedelta(hours=1)
    assert way.why == ""
    until = "until 2026-01-01T13:00:00+00:00"
    verdict = f"Verdict  defer {until} (policy_quiet_hours)"
    assert verdict in list(explanation_lines(way))


async def test_the_time_that_a_message_waits_for_is_told() -> None:
    snapshot = configured(**under(NIGHT))
    outbox = MemoryOutbox()
    outbox.durable = True
    begins = NOON - timedelta(hours=2)

    way = await explain(
        text(not_before=NOON),
        planner(snapshot),
        begins,
        outbox,
    )

    assert way.verdict is Verdict.DEFER
    assert way.until == NOON + timedelta(hours=1)


async def test_a_pool_that_a_policy_puts_in_place_of_the_routes_is_told() -> None:
    way = await explained(providers=TWO, **under({"sandbox": {"instead": "b"}}))

    assert way.pool == "b"
    assert [offer.provider for offer in way.providers] == ["b"]


LIMITED = under(
    {"limits": [{"name": "per-number", "key": ["recipient"], "allow": ["5/1h"]}]}
)


async def test_counters_are_told_and_nothing_is_taken() -> None:
    snapshot = configured(**LIMITED)
    outbox = MemoryOutbox()
    limits = snapshot.routes.root.policy.admission[-1].policy
    for number in range(3):
        sent = record(text(id=f"m-{number}"))
        await outbox.add(sent, limits.needs(sent))

    ways = [await explain(text(), planner(snapshot), NOON, outbox) for _ in range(2)]

    expected = Counted(
        policy="limits",
        counter="limits/per-number",
        window="1h",
        most=5,
        asks=False,
        taken=3,
        has_room=True,
    )
    assert [way.counters[-1] for way in ways] == [expected, expected]


async def test_a_counter_without_room_decides() -> None:
    snapshot = configured(**LIMITED)
    outbox = MemoryOutbox()
    limits = snapshot.routes.root.policy.admission[-1].policy
    for number in range(5):
        sent = record(text(id=f"m-{number}"))
        await outbox.add(sent, limits.needs(sent))

    way = await explain(text(), planner(snapshot), NOON, outbox)

    assert way.counters[-1].taken == 5
    assert way.counters[-1].has_room is False
    assert way.reason is Reason.POLICY_RATE_LIMITED


async def test_without_an_outbox_nothing_is_said_of_what_was_taken() -> None:
    way = await explained(**LIMITED)

    assert way.counters[-1].taken is None
    assert way.counters[-1].has_room is None
    assert way.verdict is Verdict.ALLOW


async def test_each_provider_is_told_with_its_place_or_why_it_is_left_out() -> None:
    deaf = FakeVendor(
        "deaf", refuses=lambda settings, submission: "it takes no parcels"
    )
    providers = {
        "a": {"type": "fake", "price": {"per_segment": "0.05", "currency": "CNY"}},
        "b": {"type": "deaf"},
    }
    snapshot = configured(
        FakeVendor(), deaf, providers=providers, pools=BOTH, routes={"pool": "both"}
    )

    way = await explain(text("x" * 161), planner(snapshot), NOON)

    (offer,) = way.providers
    assert offer.provider == "a"
    assert offer.estimate is not None
    assert offer.estimate.segments == 2
    assert str(offer.estimate.cost) == "0.10"
    assert way.excluded == (Exclusion(provider="b", why="it takes no parcels"),)


async def test_a_plugin_that_cannot_count_leaves_the_estimate_open() -> None:
    def segments(*_: object) -> int:
        raise RuntimeError("no")

    snapshot = configured(FakeVendor(segments=segments))

    way = await explain(text(), planner(snapshot), NOON)

    assert [offer.estimate for offer in way.providers] == [None]


async def test_a_resting_provider_is_left_out_with_its_reason() -> None:
    snapshot = configured(providers=TWO, pools=BOTH, routes={"pool": "both"})
    at_work = planner(snapshot)
    at_work.health.note(REFUSED, "m-1")

    way = await explain(text(), at_work, NOON)

    assert [offer.provider for offer in way.providers] == ["b"]
    assert [left_out.provider for left_out in way.excluded] == ["a"]


async def test_no_turn_is_taken() -> None:
    pools = {"both": {"strategy": "round_robin", "members": ["a", "b"]}}
    snapshot = configured(providers=TWO, pools=pools, routes={"pool": "both"})
    at_work = planner(snapshot)

    first, second = [
        (await explain(text(), at_work, NOON)).providers[0].provider for _ in range(2)
    ]
    planned = at_work.plan(record(text(), text="-"), snapshot.routes.root, NOON)

    assert first == second == planned.candidates[0].provider.name


async def test_neither_the_address_nor_params_nor_a_text_is_in_it() -> None:
    way = await explained(code(params={"code": "73915"}), **LIMITED)

    shown = to_json(way).decode() + "\n".join(explanation_lines(way)) + repr(way)
    assert NUMBER not in shown
    assert NUMBER[1:] not in shown
    assert "73915" not in shown
    assert way.to == "+86138****8000"
    assert way.kind is Kind.OTP


async def test_a_counter_of_a_stranger_is_told_without_what_it_is_kept_by() -> None:
    class Odd:
        def begins(self, now: Any) -> Any:
            return now

        def frees(self, taken_at: Any) -> Any:
            return taken_at

    class Policy:
        def needs(self, facts: Any) -> tuple[Take, ...]:
            span = Sliding(timedelta(minutes=1))
            return Take("+8613800138000", span, 1), Take("x/1", Odd(), 2)

        def decide(self, *_: object) -> Any:
            raise AssertionError

    policies = (NamedPolicy(name="odd", policy=Policy()),)
    counters = Counters(None, NOON)

    found = [c async for c in counters.counted(record(), policies, {})]

    assert [(c.counter, c.window) for c in found] == [("counter", "1m"), ("x", "Odd")]


async def test_the_lines_say_it_all() -> None:
    way = await explained(
        providers=TWO,
        pools=BOTH,
        policies={"given": {"quiet_hours": {"from": "11:00", "to": "13:00"}}},
        routes={
            "pool": "both",
            "policy": "given",
            "routes": [{"name": "codes", "match": {"kind": "otp"}}],
        },
    )

    lines = list(explanation_lines(way))

    assert lines[:4] == [
        "Message  sms, notice, to +86138****8000, at 2026-01-01T12:00:00+00:00",
        "Way",
        "  root",
        "    not codes: kind has to be otp, and it is notice",
    ]
    late = "it could go at 2026-01-01T13:00:00+00:00 only"
    why = f"{late}, and an outbox in memory keeps nothing beyond its deadline"
    assert f"Verdict  reject (policy_quiet_hours) since {why}" in lines
    assert lines[-3:] == [
        "Providers of both",
        "  1. a  1 segment",
        "  2. b  1 segment",
    ]


async def test_the_lines_say_what_a_message_is_sent_as_and_what_it_costs() -> None:
    price = {"per_segment": "0.05", "currency": "CNY"}
    template = {**CODE, "bindings": {"a": {"template_id": "T1", "sender": "shop"}}}
    snapshot = configured(
        providers={"a": {"type": "fake", "price": price}}, templates={"code": template}
    )

    way = await explain(code(), planner(snapshot), NOON)

    last = list(explanation_lines(way))[-1]
    assert last == "  1. a  template T1, sender shop, 1 segment, 0.05 CNY"


async def test_the_lines_say_what_cannot_be_sent_and_why() -> None:
    way = await explained(text(route="roof"))

    assert list(explanation_lines(way))[1:] == [
        "It cannot be sent as it is:",
        "  route no route 'roof'; did you mean 'root'?",
    ]


async def test_the_lines_say_that_all_rest_and_one_is_tried_all_the_same() -> None:
    snapshot = configured()
    at_work = planner(snapshot)
    at_work.health.note(REFUSED, "m-1")

    way = await explain(text(), at_work, NOON)

    assert "it rests, as all others do" in list(explanation_lines(way))[-1]


async def test_the_lines_say_that_an_address_is_on_a_list() -> None:
    snapshot = configured(**under({"suppression": {}}))
    outbox = MemoryOutbox()
    counter = snapshot.routes.root.policy.admission[0].policy.needs(record())[0].counter
    await outbox.hold(Hold(counter=counter, at=NOON))

    way = await explain(text(), planner(snapshot), NOON, outbox)

    assert "  suppressed/blocked    taken" in list(explanation_lines(way))
    assert way.verdict is Verdict.SUPPRESS


async def test_a_pool_without_anybody_is_told_as_such() -> None:
    way = await explained(text(channel=Channel.SMS, sender="shop"))

    nobody = attrs.evolve(way, providers=(), excluded=())

    assert list(explanation_lines(nobody))[-2:] == ["Providers of a", "  none"]
