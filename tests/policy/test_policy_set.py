"""Policy sets: what they take from each other, and what they may not say."""

from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from notify_core.model.outcome import RULES, Disposition, Reason, Rule, Scope, rule_for
from notify_core.policy.backoff import Backoff
from notify_core.policy.built_in import BUILT_IN
from notify_core.policy.policy_set import PolicySet
from notify_core.policy.schema import CONFIG_SCHEMA, own_keys
from notify_core.schemas import public_schema
from tests.builders import code
from tests.config.bench import Bench
from tests.policy.configured import bench as bench_in
from tests.policy.configured import errors, loaded, own

NIGHT = {"from": "22:00", "to": "08:00"}
REASONS = public_schema(CONFIG_SCHEMA)["$defs"]["reasons"]
#: How hard to try: what the pipeline reads itself.
EFFORT = {
    *("deadline", "validity", "attempt_timeout", "max_attempts"),
    *("retry", "on_unknown", "receipt_deadline", "duplicates", "reasons"),
}
SEEDED = Random(7)  # noqa: S311 (jitter)
TWICE = "may send a message twice; write duplicates: allowed too, if that is meant"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A folder to configure in."""
    return bench_in(tmp_path)


def names(used: PolicySet) -> list[str]:
    return [named.name for named in used.admission]


def test_every_key_of_a_policy_set_is_a_policy_or_read_by_the_pipeline() -> None:
    assert own_keys() == {"extends", *BUILT_IN, *EFFORT}


def test_policies_are_asked_in_one_order_however_they_are_written(
    bench: Bench,
) -> None:
    settings = {
        "limits": [{"name": "x", "key": ["recipient"], "allow": ["1/1m"]}],
        "dedup": {},
        "quiet_hours": NIGHT,
        "sandbox": {},
        "content": {"max_length": 9},
        "suppression": {},
        "send_window": {"windows": [{"from": "09:00", "to": "18:00"}]},
    }

    used = loaded(bench, {"used": settings})

    assert names(used) == [
        *("content", "sandbox", "suppression", "quiet_hours", "send_window"),
        *("dedup", "limits"),
    ]
    assert [named.name for named in used.recurring] == [
        *("sandbox", "suppression", "quiet_hours", "send_window"),
    ]


def test_a_set_takes_from_another_what_it_does_not_say_itself(bench: Bench) -> None:
    policies = {
        "base": {"deadline": "9s", "quiet_hours": NIGHT, "content": {"max_length": 9}},
        "middle": {"extends": "base", "content": {"emoji": "reject"}},
        "used": {"extends": "middle", "max_attempts": 7, "deadline": "8s"},
    }

    used = loaded(bench, policies)

    assert used.name == "used"
    assert (used.deadline, used.max_attempts) == (timedelta(seconds=8), 7)
    assert names(used) == ["content", "suppression", "quiet_hours"]
    assert used.origins.items() >= {
        ("deadline", "used"),
        ("max_attempts", "used"),
        ("content", "middle"),
        ("quiet_hours", "base"),
    }


def test_the_settings_of_a_type_are_replaced_whole(bench: Bench) -> None:
    policies = {
        "base": {"attempt_timeout": {"connect": "1s", "read": "9s"}},
        "used": {"extends": "base", "attempt_timeout": {"connect": "3s"}},
    }

    used = loaded(bench, policies)

    assert (used.attempt_timeout.connect, used.attempt_timeout.read) == (3.0, 5.0)


def test_null_takes_away_what_another_set_says(bench: Bench) -> None:
    policies = {
        "base": {"deadline": "9s", "quiet_hours": NIGHT, "sandbox": {}},
        "used": {"extends": "base", "deadline": None, "quiet_hours": None},
    }

    used = loaded(bench, policies)

    assert used.deadline == PolicySet().deadline
    assert names(used) == ["sandbox", "suppression"]
    assert used.origins["sandbox"] == "base"
    assert used.origins.keys().isdisjoint({"deadline", "quiet_hours"})


def test_two_sets_that_take_a_policy_from_one_share_it(bench: Bench) -> None:
    policies = {"base": {"quiet_hours": NIGHT}, "used": {"extends": "base"}}

    own, taken = (loaded(bench, policies, name).admission for name in policies)

    assert own == taken


def test_null_without_another_set_is_refused(bench: Bench) -> None:
    assert errors(bench, {"used": {"quiet_hours": None}}) == [
        "policies.used.quiet_hours has no value; null is for a set that extends another"
    ]


def test_a_set_that_there_is_not_cannot_be_extended(bench: Bench) -> None:
    policies = {"notice": {}, "used": {"extends": "notce"}, "far": {"extends": "used"}}

    assert errors(bench, policies) == [
        "policies.used.extends 'notce' is no policy set; did you mean 'notice'?"
    ]


def test_sets_that_extend_each_other_are_refused(bench: Bench) -> None:
    policies = {
        "a": {"extends": "b"},
        "b": {"extends": "c"},
        "c": {"extends": "a"},
        "self": {"extends": "self"},
        "outside": {"extends": "a"},
    }

    assert errors(bench, policies) == [
        "policies.a.extends leads back to the set itself by way of b, c",
        "policies.b.extends leads back to the set itself by way of c, a",
        "policies.c.extends leads back to the set itself by way of a, b",
        "policies.self.extends leads back to the set itself",
    ]


def test_a_fault_is_told_of_the_set_that_it_is_written_in(bench: Bench) -> None:
    policies = {
        "base": {"quiet_hours": {**NIGHT, "timezone": "Mars/Olympus"}},
        "one": {"extends": "base"},
        "two": {"extends": "base"},
    }

    [error] = errors(bench, policies)

    assert error.startswith("policies.base.quiet_hours.timezone 'Mars/Olympus' is no")


def test_a_fault_of_two_sets_together_is_told_of_the_one_that_makes_it(
    bench: Bench,
) -> None:
    policies = {
        "base": {"deadline": "4s"},
        "used": {"extends": "base", "attempt_timeout": {"connect": "5s"}},
        "same": {"extends": "used", "max_attempts": 1},
    }

    [error] = errors(bench, policies)

    assert error.startswith("policies.used.deadline leaves no time for an attempt")


def test_an_unknown_policy_type_is_told_with_the_nearest_known(bench: Bench) -> None:
    [error] = errors(bench, {"used": {"quiet_hour": NIGHT}})

    assert error == ("policies.used.quiet_hour is unknown; did you mean 'quiet_hours'?")


@pytest.mark.parametrize(
    ("policy", "pointer"),
    [
        ({"on_unknown": {"then": "failover"}}, "on_unknown.then"),
        ({"reasons": {"no_response": "failover"}}, "reasons.no_response"),
        ({"reasons": {"interrupted": "retry"}}, "reasons.interrupted"),
    ],
)
def test_what_may_send_twice_needs_duplicates_to_be_allowed(
    policy: dict[str, Any], pointer: str, bench: Bench
) -> None:
    allowed = {"duplicates": "allowed", **policy}

    assert errors(bench, {"used": policy}) == [f"policies.used.{pointer} {TWICE}"]
    assert errors(bench, {"used": allowed}) == []


def test_to_forbid_duplicates_again_a_set_takes_away_what_needs_them(
    bench: Bench,
) -> None:
    base = {"duplicates": "allowed", "on_unknown": {"then": "failover"}}
    careful = {"extends": "base", "duplicates": "forbidden"}

    assert errors(bench, {"base": base, "used": careful}) == [
        f"policies.used.on_unknown.then {TWICE}"
    ]
    assert errors(bench, {"base": base, "used": {**careful, "on_unknown": None}}) == []


def test_an_unknown_outcome_is_settled_and_not_stopped(bench: Bench) -> None:
    [error] = errors(bench, {"used": {"reasons": {"no_response": "stop"}}})

    assert error == (
        "policies.used.reasons.no_response leaves open whether the message was sent: "
        "on_unknown says what follows"
    )


def test_the_first_pause_is_not_longer_than_the_longest(bench: Bench) -> None:
    retry = {"first": "20s", "longest": "10s"}

    assert errors(bench, {"used": {"retry": retry}}) == [
        "policies.used.retry.first is longer than longest"
    ]


def test_the_place_of_a_sandbox_is_a_provider_or_pool(bench: Bench) -> None:
    [error] = errors(bench, {"used": {"sandbox": {"instead": "spar"}}})

    assert error.startswith("policies.used.sandbox.instead 'spar' is no pool or")
    assert errors(bench, {"used": {"sandbox": {"instead": "spare"}}}) == []


def test_policies_have_the_time_zone_of_the_configuration(bench: Bench) -> None:
    used = loaded(bench, {"used": {"quiet_hours": NIGHT}})

    [named] = own(used)
    assert "quiet hours from 22:00 to 08:00 (Asia/Shanghai)" in repr(named)


def test_the_reasons_that_can_be_overridden_are_those_of_attempts() -> None:
    never = {
        *("none", "duplicate_request", "recipient_opted_out", "no_provider"),
        *("expired", "deadline_exceeded", "canceled"),
    }
    of_attempts = {r for r in Reason if r not in never and "policy_" not in r}

    assert set(REASONS["propertyNames"]["enum"]) == of_attempts


def test_an_overridden_reason_has_the_rule_that_was_wanted() -> None:
    unreachable = Reason.RECIPIENT_UNREACHABLE

    rule = rule_for(unreachable, Scope.MESSAGE, {unreachable: Disposition.FAILOVER})

    assert rule == Rule(disposition=Disposition.FAILOVER, most=1)


@pytest.mark.parametrize(
    ("reason", "wanted", "expected"),
    [
        (
            Reason.CONTENT_REJECTED,
            Disposition.FAILOVER,
            Rule(disposition=Disposition.FAILOVER),
        ),
        (
            Reason.THROTTLED,
            Disposition.FAILOVER,
            Rule(disposition=Disposition.FAILOVER, retries=True),
        ),
        (Reason.UNMAPPED, Disposition.STOP, Rule(disposition=Disposition.STOP)),
        (
            Reason.UNMAPPED,
            Disposition.RETRY,
            Rule(disposition=Disposition.RETRY, retries=True),
        ),
        (Reason.UNMAPPED, Disposition.FAILOVER, RULES[Reason.UNMAPPED]),
        (
            Reason.RECIPIENT_RATE_LIMITED,
            Disposition.RETRY,
            RULES[Reason.RECIPIENT_RATE_LIMITED],
        ),
    ],
)
def test_overrides(reason: Reason, wanted: Disposition, expected: Rule) -> None:
    assert rule_for(reason, Scope.UNIT, {reason: wanted}) == expected
    assert rule_for(reason, Scope.MESSAGE, {}) == RULES[reason]


def test_pauses_are_jittered_up_to_a_ceiling_that_grows() -> None:
    backoff = Backoff(
        first=timedelta(seconds=1), factor=3, longest=timedelta(seconds=5)
    )

    by_retry = [[backoff.pause(n, SEEDED) for _ in range(200)] for n in range(4)]

    for pauses, ceiling in zip(by_retry, (1, 3, 5, 5), strict=True):
        assert timedelta(0) <= min(pauses) < timedelta(seconds=0.1)
        assert timedelta(seconds=0.9 * ceiling) < max(pauses)
        assert max(pauses) <= timedelta(seconds=ceiling)


def test_a_pause_after_any_number_of_retries_can_be_told() -> None:
    assert Backoff(factor=10).pause(99, SEEDED) <= timedelta(seconds=10)


def test_the_validity_of_a_message_goes_before_that_of_the_set() -> None:
    minute, hour = timedelta(minutes=1), timedelta(hours=1)

    assert PolicySet().validity_of(code()) is None
    assert PolicySet(validity=hour).validity_of(code()) == hour
    assert PolicySet(validity=hour).validity_of(code(validity=minute)) == minute
