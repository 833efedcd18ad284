"""Nobody is told the same twice in a short time."""

from datetime import timedelta
from typing import Any

import attrs
import pytest

from notify_core.model.channel import Channel
from notify_core.model.message import Content
from notify_core.model.outcome import Reason
from notify_core.policy.decision import Verdict
from notify_core.policy.dedup import DEDUP
from notify_core.policy.take import Refusal
from tests.builders import NOON
from tests.policy.counting import OTHER, Counting, policy, problems, sent

ALLOW, SUPPRESS = Verdict.ALLOW, Verdict.SUPPRESS


def dedup(**settings: Any) -> Counting:
    return Counting(policy(DEDUP, settings))


async def test_the_second_is_suppressed_and_names_the_first() -> None:
    counting, first = dedup(), sent()

    decisions = [await counting.admit(one) for one in (first, sent())]

    assert decisions[0].verdict is ALLOW
    assert decisions[1].verdict is SUPPRESS
    assert decisions[1].reason is Reason.POLICY_DUPLICATE
    assert decisions[1].why == f"message {first.message.id} said the same within 60s"


async def test_after_the_window_the_same_may_be_said_again() -> None:
    counting = dedup(window="10s")
    at = [NOON + timedelta(seconds=seconds) for seconds in (0, 9, 10)]

    assert await counting.verdicts(*map(sent, at)) == [ALLOW, SUPPRESS, ALLOW]


@pytest.mark.parametrize(
    "other",
    [
        {"to": OTHER},
        {"template": "other"},
        {"params": {"code": "9999"}},
        {"channel": Channel.VOICE},
        {"is_text": True},
    ],
)
async def test_what_differs_is_no_duplicate(other: dict[str, Any]) -> None:
    assert await dedup().verdicts(sent(), sent(**other)) == [ALLOW, ALLOW]


async def test_without_a_template_the_text_is_compared() -> None:
    counting = dedup()
    hello, goodbye = (Content(text=words) for words in ("Hello.", "Goodbye."))

    verdicts = await counting.verdicts(
        *(sent(is_text=True, content=said) for said in (hello, goodbye, hello))
    )

    assert verdicts == [ALLOW, ALLOW, SUPPRESS]


async def test_the_key_says_what_has_to_be_the_same() -> None:
    counting = dedup(key=["recipient", "content", "labels.order", "sender"])
    one: dict[str, Any] = {"labels": {"order": "1"}, "sender": "A"}

    verdicts = await counting.verdicts(
        sent(**one),
        sent(**{**one, "params": {"code": "9999"}}),
        sent(**{**one, "labels": {"order": "2"}}),
        sent(**{**one, "sender": "B"}),
        sent(),
        sent(),
    )

    # The rendered text of all is the same here, and so is a label that is missing.
    assert verdicts == [ALLOW, SUPPRESS, ALLOW, ALLOW, ALLOW, SUPPRESS]


async def test_the_content_is_text_subject_and_html_or_what_is_filled_in() -> None:
    counting = dedup(key=["recipient", "content"])
    same, subject, html = (
        Content(text="Your code is 1234.", **more)
        for more in ({}, {"subject": "Code"}, {"html": "<p>1234</p>"})
    )
    filed = attrs.evolve(sent(), text=None)
    other = attrs.evolve(sent(params={"code": "9999"}), text=None)

    verdicts = await counting.verdicts(
        sent(),
        *(sent(is_text=True, content=said) for said in (same, subject, html)),
        filed,
        other,
    )

    assert verdicts == [ALLOW, SUPPRESS, ALLOW, ALLOW, ALLOW, ALLOW]


async def test_the_order_of_parameters_makes_no_difference() -> None:
    given = {"a": 1, "b": {"c": [1, 2]}}
    turned = dict(reversed(given.items()))

    verdicts = await dedup().verdicts(sent(params=given), sent(params=turned))

    assert verdicts == [ALLOW, SUPPRESS]


async def test_one_that_ended_unsent_may_be_said_again() -> None:
    counting, first = dedup(), sent()
    await counting.admit(first)

    await counting.end_unsent(first)

    assert await counting.verdicts(sent(), sent()) == [ALLOW, SUPPRESS]


def test_what_another_policy_was_refused_is_no_duplicate() -> None:
    made = policy(DEDUP, {})
    (take,) = made.needs(sent(to=OTHER))

    decision = made.decide(sent(), NOON, {take: Refusal(free_at=None)})

    assert decision.verdict is ALLOW


def test_a_key_that_names_nobody_is_refused() -> None:
    ((pointer, message),) = problems(DEDUP, {"key": ["template", "params"]})

    assert pointer == "/key"
    assert message.startswith("names nobody")
    assert problems(DEDUP, {"key": ["labels.user"]}) == []
    assert problems(DEDUP, {}) == []
