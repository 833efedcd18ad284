"""While things are tried out, only listed people get messages."""

from typing import Any

import pytest

from notify_core.model.channel import Channel
from notify_core.model.outcome import Reason
from notify_core.model.recipient import parse_recipient
from notify_core.outbox.record import Record
from notify_core.policy.decision import ALLOW, Decision, Verdict
from notify_core.policy.sandbox import SANDBOX
from notify_core.policy.take import NOTHING_REFUSED
from tests.builders import NOON, record, text
from tests.policy.counting import policy, problems

ALLOWED = ["+8613800138000", "+86139*", "jane@example.com", "*@test.example", "probe"]


def to(address: str, channel: Channel = Channel.SMS) -> Record:
    message = text(to=address, channel=channel)
    return record(message, recipient=parse_recipient(channel, address, "CN"))


def decided(facts: Record, **said: Any) -> Decision:
    return policy(SANDBOX, said).decide(facts, NOON, NOTHING_REFUSED)


@pytest.mark.parametrize(
    "facts",
    [
        to("138 0013 8000"),
        to("+8613900139000"),
        to("Jane@Example.com", Channel.EMAIL),
        to("anybody@test.example", Channel.EMAIL),
        to("probe", Channel.WEBHOOK),
    ],
)
def test_listed_recipients_get_their_messages(facts: Record) -> None:
    assert decided(facts, allow=ALLOWED, instead="memory") is ALLOW


@pytest.mark.parametrize(
    "facts",
    [
        to("+8613800138001"),
        to("jane@example.org", Channel.EMAIL),
        to("probes", Channel.WEBHOOK),
    ],
)
def test_everybody_elses_messages_go_somewhere_else(facts: Record) -> None:
    decision = decided(facts, allow=ALLOWED, instead="memory")

    assert (decision.verdict, decision.instead) == (Verdict.ALLOW, "memory")


def test_without_another_place_they_are_suppressed() -> None:
    decision = decided(to("+8613800138001"), allow=ALLOWED)

    assert decision.verdict is Verdict.SUPPRESS
    assert decision.reason is Reason.POLICY_SANDBOX
    assert "138" not in decision.why


def test_with_nobody_listed_nobody_gets_anything() -> None:
    assert decided(to("+8613800138000")).verdict is Verdict.SUPPRESS


def test_what_a_deferred_message_may_do_is_asked_again_when_it_is_due() -> None:
    assert SANDBOX.recurs


@pytest.mark.parametrize("entry", ["*", "138*", "13800138000", "+86*8000"])
def test_an_entry_that_can_mean_no_address_is_refused(entry: str) -> None:
    [(pointer, _)] = problems(SANDBOX, {"allow": ["+86139*", entry]})

    assert pointer == "/allow/1"
