"""The tests of a configuration run the real pipeline, and say what came instead."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from notify_core.errors import ConfigurationError
from notify_core.secret import Secret
from notify_core.testing import FakeVendor
from notify_core.trial import Failure, failures
from tests.builders import NUMBER
from tests.options.configured import TWO, under
from tests.trial.configured import LOGIN, NOTICE, configured

BOTH = {
    "providers": TWO,
    "pools": {"both": {"members": ["a", "b"]}},
    "routes": {"pool": "both"},
}
QUIET = {"quiet_hours": {"from": "22:00", "to": "08:00"}}
PER_NUMBER = {"name": "per-number", "key": ["recipient"], "allow": ["2/1h"]}


def failed(*tests: dict[str, Any], **sections: Any) -> list[Failure]:
    """Return what does not come true."""
    named = [{"name": f"test {n}", **test} for n, test in enumerate(tests)]
    return failures(configured(tests=named, **sections))


def told(*found: Failure) -> list[str]:
    return [str(difference) for f in found for difference in f.differences]


def test_a_configuration_without_tests_has_no_failures() -> None:
    assert failures(configured()) == []


def test_a_lost_answer_is_not_sent_twice() -> None:
    test = {
        "given": NOTICE,
        "when": {"a": "no_response", "b": "no_response"},
        "expect": {"status": "submit_unknown", "attempts": 1, "reason": "no_response"},
    }

    assert failed(test, **BOTH) == []


def test_what_nobody_finds_out_goes_to_the_next_provider_where_that_is_said() -> None:
    on_unknown = {"within": "5s", "then": "failover"}
    policy = {"on_unknown": on_unknown, "duplicates": "allowed"}
    sections = {**under(policy), **BOTH, "routes": {"pool": "both", "policy": "given"}}
    test = {
        "given": NOTICE,
        "when": {"a": "no_response"},
        "expect": {"status": "accepted", "providers": ["a", "b"]},
    }

    assert failed(test, **sections) == []


def test_answers_come_in_order_and_the_last_one_stays() -> None:
    test = {
        "given": NOTICE,
        "when": {"a": ["provider_error", "throttled"], "b": "provider_error"},
        "expect": {
            "status": "rejected",
            "reason": "throttled",
            "providers": ["a", "b", "a"],
        },
    }

    assert failed(test, **BOTH) == []


def test_a_provider_at_rest_is_seen_by_the_next_message() -> None:
    test = {
        "given": NOTICE,
        "repeat": 2,
        "when": {"a": "auth_failed"},
        "expect": {"providers": ["b"]},
    }

    assert failed(test, **BOTH) == []


def test_a_limit_counts_the_messages_of_a_test_and_of_no_other() -> None:
    limits = under({"limits": [PER_NUMBER]})
    two = {"given": NOTICE, "repeat": 2, "expect": {"status": "accepted"}}
    three = {"given": NOTICE, "repeat": 3, "expect": {"reason": "policy_rate_limited"}}

    assert failed(two, three, two, **limits) == []


def test_several_messages_are_sent_in_a_row() -> None:
    limits = under({"limits": [PER_NUMBER]})
    other = {**NOTICE, "to": "+8613900139000"}
    test = {"given": [NOTICE, NOTICE, other], "expect": {"status": "accepted"}}

    assert failed(test, **limits) == []


def test_a_message_that_waits_is_deferred_until_its_time() -> None:
    kept = {
        "outbox": {"url": "sqlite:///notify.db"},
        "privacy": {"hash_key": Secret("a key of 16 bytes or more")},
    }
    test = {
        "at": "2026-01-01T23:30:00Z",
        "given": NOTICE,
        "expect": {"status": "deferred", "retry_at": "2026-01-02T16:00:00+08:00"},
    }

    assert failed(test, **under(QUIET), **kept) == []
    assert not Path("notify.db").exists()


def test_a_message_that_nobody_would_keep_is_refused() -> None:
    test = {
        "at": "2026-01-01T23:30:00Z",
        "given": NOTICE,
        "expect": {"status": "rejected", "reason": "policy_quiet_hours"},
    }

    assert failed(test, **under(QUIET)) == []


def test_a_short_deferral_is_waited_for() -> None:
    test = {
        "at": "2026-01-01T07:59:50Z",
        "given": NOTICE,
        "expect": {"status": "accepted", "attempts": 1},
    }

    assert failed(test, **under(QUIET)) == []


def test_a_rate_is_kept_by_the_clock_of_the_test() -> None:
    providers = {"a": {"type": "fake", "max_rate": "1/h"}, "b": {"type": "fake"}}
    test = {"given": NOTICE, "repeat": 2, "expect": {"providers": ["b"]}}

    assert failed(test, **{**BOTH, "providers": providers}) == []


def test_tests_begin_at_noon_in_the_time_zone_of_the_configuration() -> None:
    snapshot = configured(
        defaults={"timezone": "Asia/Shanghai"},
        tests=[{"name": "t", "given": NOTICE, "expect": {"attempts": 1}}],
    )

    assert snapshot.tests[0].at == datetime(2026, 1, 1, 4, tzinfo=UTC)


def test_chance_is_the_same_each_time() -> None:
    pools = {"both": {"strategy": "random", "members": ["a", "b"]}}
    test = {"given": NOTICE, "repeat": 9, "expect": {"providers": ["c"]}}
    providers = {**TWO, "c": {"type": "fake"}}
    sections = {**BOTH, "pools": pools, "providers": providers}

    first, second = (failed(test, **sections) for _ in range(2))

    assert told(*first) == told(*second) != []


def test_a_message_that_cannot_be_sent_says_why() -> None:
    given = {**LOGIN, "params": {"code": 1}}

    found = failed({"given": given, "expect": {"status": "accepted"}})

    assert told(*found)[0].startswith(
        "invalid: expected a message that can be sent, got params.code"
    )
    assert found[0].result is None
    assert found[0].explanation.problems


def test_a_message_that_can_be_sent_though_it_should_not_is_told() -> None:
    found = failed({"given": NOTICE, "expect": {"invalid": ["/to"]}})

    assert told(*found) == ["invalid: expected /to, got a message that can be sent"]


def test_a_key_that_was_used_for_something_else_is_invalid() -> None:
    first = {**NOTICE, "idempotency_key": "k"}
    second = {**first, "to": "+8613900139000"}
    test = {"given": [first, second], "expect": {"invalid": ["/idempotency_key"]}}

    assert failed(test) == []


def test_a_failure_says_what_was_expected_what_came_and_the_way() -> None:
    limits = under({"limits": [PER_NUMBER]})
    test = {"given": NOTICE, "repeat": 3, "expect": {"status": "accepted"}}

    (failure,) = failed(test, **limits)

    lines = list(failure.lines())
    assert lines[:3] == [
        "test 0",
        "  status: expected accepted, got rejected",
        "  why: limits: limit per-number allows 2/1h",
    ]
    assert "    limits/per-number     2 taken of 2 in 1h: no room" in lines
    assert failure.problem.pointer == "/tests/0"
    assert failure.problem.message == (
        "test 0: status: expected accepted, got rejected"
    )


def test_a_failure_says_what_each_provider_answered() -> None:
    test = {
        "given": NOTICE,
        "when": {"a": "provider_error"},
        "expect": {"attempts": 1},
    }

    (failure,) = failed(test, **BOTH)

    assert "  tried: a rejected provider_error, b accepted" in failure.lines()
    assert all(NUMBER not in line for line in failure.lines())


async def test_they_run_beside_a_running_loop_on_another_thread() -> None:
    test = {"name": "t", "given": NOTICE, "expect": {"status": "rejected"}}
    snapshot = configured(tests=[test])

    found = await asyncio.to_thread(failures, snapshot)

    assert len(found) == 1


def test_no_provider_is_made_and_no_answer_is_asked_for() -> None:
    vendor = FakeVendor(create=lambda account: pytest.fail("made a provider"))
    test = {"name": "t", "given": NOTICE, "expect": {"status": "accepted"}}

    assert failures(configured(vendor, tests=[test])) == []
    assert vendor["a"].submissions == []


def test_a_thousand_tests_take_less_than_a_second() -> None:
    test = {"given": NOTICE, "expect": {"status": "accepted"}}
    tests = [{"name": f"test {n}", **test} for n in range(1000)]
    snapshot = configured(tests=tests)

    begun = time.process_time()
    found = failures(snapshot)
    took = time.process_time() - begun

    assert found == []
    assert took < 1


def test_two_tests_of_one_name_are_refused() -> None:
    test = {"name": "t", "given": NOTICE, "expect": {"attempts": 1}}

    with pytest.raises(ConfigurationError, match="is a test's name already"):
        configured(tests=[test, test])
