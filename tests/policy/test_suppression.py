"""Who is listed gets nothing; who said stop gets only what was asked for."""

from datetime import timedelta
from typing import Any

import pytest

from notify_core.model.channel import Channel, Importance
from notify_core.model.outcome import Reason
from notify_core.outbox.memory import MemoryOutbox
from notify_core.policy.decision import ALLOW, Decision, Verdict
from notify_core.policy.suppression import SUPPRESSION, says_stop
from notify_core.suppressions import Suppressed, Suppressions
from notify_core.testing import FakeClock
from tests.builders import NOON, NUMBER
from tests.policy.counting import HASHED, OTHER, Counting, policy, problems, sent


def suppression(**settings: Any) -> Counting:
    return Counting(policy(SUPPRESSION, settings))


def listed_in(counting: Counting, clock: FakeClock | None = None) -> Suppressions:
    clock = clock or FakeClock(NOON)
    return Suppressions(outbox=counting.outbox, hashed=HASHED, clock=clock)


async def notice(counting: Counting, to: str = NUMBER, **fields: Any) -> Decision:
    return await counting.admit(sent(to=to, is_text=True, **fields))


@pytest.mark.parametrize(
    ("entry", "to", "channel"),
    [
        (NUMBER, NUMBER, Channel.SMS),
        ("+86 138-0013-8000", NUMBER, Channel.VOICE),
        ("+86138*", NUMBER, Channel.SMS),
        ("Jane@example.com", "jane@Example.com", Channel.EMAIL),
        ("*@example.com", "Jane@example.com", Channel.EMAIL),
        ("billing-events", "billing-events", Channel.WEBHOOK),
    ],
)
async def test_entries_of_block_and_allow(
    entry: str, to: str, channel: Channel
) -> None:
    blocking, allowing = suppression(block=[entry]), suppression(allow=[entry])

    barred = await notice(blocking, to, channel=channel)

    assert barred.verdict is Verdict.SUPPRESS
    assert barred.reason is Reason.POLICY_BLOCKED
    assert barred.why == "the recipient is blocked by the configuration"
    assert await notice(allowing, to, channel=channel) == ALLOW
    assert await notice(blocking, OTHER) == ALLOW
    other = await notice(allowing, OTHER)
    assert other.verdict is Verdict.SUPPRESS
    assert other.reason is Reason.POLICY_BLOCKED
    assert other.why == "the recipient is not on the list of those allowed"


async def test_an_address_on_the_list_gets_nothing_until_it_is_taken_off() -> None:
    counting = suppression()
    listed = listed_in(counting)

    await listed.suppress(NUMBER, why="asked us by phone")
    barred = [await counting.admit(sent()), await notice(counting)]
    was_listed = [await listed.unsuppress(NUMBER), await listed.unsuppress(NUMBER)]

    assert {d.verdict for d in barred} == {Verdict.SUPPRESS}
    assert {d.reason for d in barred} == {Reason.POLICY_BLOCKED}
    assert was_listed == [True, False]
    assert await notice(counting) == ALLOW


async def test_the_list_holds_for_texts_and_calls_and_for_nobody_else() -> None:
    counting = suppression()

    await listed_in(counting).suppress(NUMBER, why="fraud")

    assert (await notice(counting, channel=Channel.VOICE)).verdict is Verdict.SUPPRESS
    assert await notice(counting, OTHER) == ALLOW


async def test_a_suppression_ends_at_its_time() -> None:
    counting = suppression()
    end = NOON + timedelta(hours=1)

    await listed_in(counting).suppress(NUMBER, why="a while", until=end)

    before = await counting.admit(sent(end - timedelta(seconds=1)))
    assert before.verdict is Verdict.SUPPRESS
    assert await counting.admit(sent(end)) == ALLOW


async def test_who_said_stop_still_gets_codes_and_what_else_is_let_through() -> None:
    counting = suppression()
    strict = Counting(policy(SUPPRESSION, {"bypass": ["critical"]}), counting.outbox)

    await listed_in(counting).opt_out(NUMBER, why="wrote TD")

    barred = await notice(counting)
    assert barred.verdict is Verdict.SUPPRESS
    assert barred.reason is Reason.RECIPIENT_OPTED_OUT
    assert barred.why == "the recipient opted out"
    assert await counting.admit(sent()) == ALLOW
    assert (await strict.admit(sent())).verdict is Verdict.SUPPRESS
    assert await notice(strict, importance=Importance.CRITICAL) == ALLOW


async def test_the_list_is_not_asked_where_the_set_says_so() -> None:
    counting = suppression(list=False)

    await listed_in(counting).suppress(NUMBER, why="fraud")

    assert await notice(counting) == ALLOW


async def test_the_list_shows_who_why_and_since_when_without_the_address() -> None:
    counting, clock = suppression(), FakeClock(NOON)
    listed, end = listed_in(counting, clock), NOON + timedelta(days=1)

    await listed.suppress(NUMBER, why="fraud", until=end)
    clock.advance(1)
    await listed.opt_out("jane@example.com", why="wrote STOP")

    assert await listed.suppressed() == [
        Suppressed(
            address="+86138****8000", why="fraud", opted_out=False, at=NOON, until=end
        ),
        Suppressed(
            address="j***@example.com",
            why="wrote STOP",
            opted_out=True,
            at=NOON + timedelta(seconds=1),
        ),
    ]
    assert isinstance(counting.outbox, MemoryOutbox)
    assert NUMBER[1:] not in repr(await counting.outbox.holds(clock.now()))


async def test_a_suppression_that_is_over_or_has_no_time_zone_is_refused() -> None:
    listed = listed_in(suppression())

    with pytest.raises(ValueError, match="lies ahead"):
        await listed.suppress(NUMBER, why="x", until=NOON)
    with pytest.raises(ValueError, match="time zone"):
        await listed.suppress(NUMBER, why="x", until=NOON.replace(tzinfo=None))


@pytest.mark.parametrize(
    "reply", ["TD", " td ", "t。", "ｔｄ", "退订", "【退订】", "Stop!"]
)
def test_replies_that_say_stop(reply: str) -> None:
    assert says_stop(reply, [suppression().policy])


@pytest.mark.parametrize("reply", ["", "thanks", "don't stop", "不退订", "TDX", "1"])
def test_replies_that_do_not(reply: str) -> None:
    assert not says_stop(reply, [suppression().policy])


def test_the_words_are_those_of_the_configuration() -> None:
    policies = [object(), suppression(opt_out_words=["Basta"]).policy]

    assert says_stop("BASTA", policies)
    assert not says_stop("TD", policies)
    assert not says_stop("", [suppression(opt_out_words=[]).policy])


def test_entries_that_mean_nobody_are_refused_without_being_shown() -> None:
    found = dict(
        problems(
            SUPPRESSION,
            {
                "block": ["13800138000", 13800138000, "+86*138", NUMBER, "*", "a b"],
                "allow": [NUMBER, "+86138*"],
                "opt_out_words": ["!"],
            },
        )
    )

    assert set(found) == {
        "/block/0",
        "/block/1",
        "/block/2",
        "/block/4",
        "/block/5",
        "/allow/0",
        "/opt_out_words/0",
    }
    assert found["/block/0"].startswith("'1380****000' is no address")
    assert found["/block/1"].startswith("is no text: write a phone number in quotes")
    assert found["/allow/0"] == (
        "'+86138****8000' is blocked too; leave one of the two out"
    )
    assert "138000" not in "".join(found.values()).replace("+8613800138000, ", "")
