"""What holds under every policy set, whatever providers answer."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from notify_core.config.effort import effort as effort_of
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.status import POSSIBLY_DELIVERED
from notify_core.outbox.record import Record
from notify_core.policy.policy_set import PolicySet
from notify_core.testing import FakeVendor
from notify_core.trial.stage import Stage
from tests.builders import NOON, accounts, text

VENDOR = FakeVendor()
NAMES = "abc"
#: What an attempt may end with, as tests of configurations script it.
ANSWERS = [
    *("none", "connect_failed", "no_response", "server_error", "provider_error"),
    *("throttled", "auth_failed", "content_rejected", "invalid_request", "unmapped"),
]
scripts = st.fixed_dictionaries(
    {name: st.lists(st.sampled_from(ANSWERS), min_size=1, max_size=4) for name in NAMES}
)
effort = {
    "deadline": st.sampled_from(["3s", "5s", "20s", "2m"]),
    "attempt_timeout": st.just({"connect": "1s", "read": "2s"}),
    "max_attempts": st.integers(1, 8),
    "retry": st.just({"first": "2s", "longest": "9s"}),
}
refusals = st.dictionaries(
    st.sampled_from(["provider_error", "content_rejected", "throttled"]),
    st.sampled_from(["stop", "retry", "failover"]),
    min_size=1,
)
careful = st.fixed_dictionaries(effort, optional={"reasons": refusals})
careless = st.fixed_dictionaries(
    {
        **effort,
        "duplicates": st.just("allowed"),
        "on_unknown": st.just({"within": "1s", "then": "failover"}),
    },
    optional={"reasons": st.just({"no_response": "retry"})},
)
many = settings(deadline=None, max_examples=60)


async def sent(policy: dict[str, Any], script: dict[str, list[str]]) -> Record:
    """Return what becomes of a message under a policy set."""
    given = PolicySet(name="given", **effort_of(policy))
    snapshot = accounts(VENDOR, *NAMES, policy=given)
    answers = {name: tuple(map(Reason, said)) for name, said in script.items()}
    return await Stage(snapshot, NOON, answers).send(text())


@many
@given(policy=careful | careless, script=scripts)
async def test_no_attempt_begins_too_late_for_the_deadline_or_is_one_too_many(
    policy: dict[str, Any], script: dict[str, list[str]]
) -> None:
    record = await sent(policy, script)

    assert len(record.attempts) <= policy["max_attempts"]
    last = record.deadline - PolicySet(**effort_of(policy)).shortest_attempt
    assert all(a.started_at <= last for a in record.attempts)


@many
@given(policy=careful, script=scripts)
async def test_nothing_follows_an_attempt_that_may_have_arrived(
    policy: dict[str, Any], script: dict[str, list[str]]
) -> None:
    record = await sent(policy, script)

    earlier = record.attempts[:-1]
    assert POSSIBLY_DELIVERED.isdisjoint(a.state for a in earlier)
    assert all(a.outcome is Outcome.REJECTED for a in earlier)


async def test_a_policy_set_that_allows_it_sends_again_after_an_unknown() -> None:
    policy = {
        "duplicates": "allowed",
        "on_unknown": {"within": "1s", "then": "failover"},
    }
    script = {"a": ["no_response"], "b": ["none"], "c": ["none"]}

    record = await sent(policy, script)

    assert [a.provider for a in record.attempts] == ["a", "b"]
