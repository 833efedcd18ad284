"""What a text may not be like keeps it from being sent, and is not told again."""

from typing import Any

import pytest

from notify_core.model.channel import Channel, Kind
from notify_core.model.message import Content
from notify_core.model.outcome import Reason
from notify_core.outbox.record import Record
from notify_core.policy.content import CONTENT
from notify_core.policy.decision import ALLOW, Decision, Verdict
from notify_core.policy.take import NOTHING_REFUSED
from tests.builders import NOON, code, record, text
from tests.policy.counting import policy, problems


def saying(words: str, **content: Any) -> Record:
    said = Content(text=words, **content)
    channel = Channel.EMAIL if content else Channel.SMS
    message = text(words, content=said, channel=channel)
    return record(message, kind=Kind.NOTICE, text=words, content=said)


def decided(facts: Record, **said: Any) -> Decision:
    return policy(CONTENT, said).decide(facts, NOON, NOTHING_REFUSED)


@pytest.mark.parametrize(("length", "fits"), [(20, True), (21, False)])
def test_a_text_has_so_many_characters_at_most(length: int, fits: bool) -> None:
    decision = decided(saying("长" * length), max_length=20)

    assert (decision is ALLOW) is fits


@pytest.mark.parametrize(
    ("words", "fits"),
    [("a" * 160, True), ("a" * 161, False), ("长" * 70, True), ("长" * 71, False)],
)
def test_a_text_takes_so_many_segments_at_most(words: str, fits: bool) -> None:
    decision = decided(saying(words), max_segments=1)

    assert (decision is ALLOW) is fits


@pytest.mark.parametrize("sign", ["😀", "⭐", "❤️", "1️⃣", "🇨🇳", "👩‍💻", "🀄"])
def test_emoji_are_found(sign: str) -> None:
    with_one = saying(f"Hello {sign}")

    assert decided(with_one, emoji="reject").verdict is Verdict.REJECT
    assert decided(with_one, emoji="allow") is ALLOW


@pytest.mark.parametrize(
    "words", ["【示例】您的验证码是 1234。", "©®™ → № ☎ ✓ ㊗ 1#*", ""]
)
def test_other_signs_are_no_emoji(words: str) -> None:
    assert decided(saying(words), emoji="reject") is ALLOW


@pytest.mark.parametrize(
    ("words", "is_forbidden"),
    [
        ("Visit our CASINO now", True),
        ("casinos are closed", False),
        ("ｃａｓｉｎｏ", True),
        ("ca\u200bsino", True),
        ("No1casino", False),
        ("«casino»", True),
        ("参与赌博活动", True),
        ("die STRASSE", True),
        ("The Straße.", True),
        ("no cas.ino", False),
        ("free-money!", True),
        ("freemoney", False),
    ],
)
def test_forbidden_words_are_found_however_they_are_written(
    words: str, is_forbidden: bool
) -> None:
    forbid = ["casino", "赌博", "Straße", "Free-Money"]

    decision = decided(saying(words), forbid=forbid)

    assert (decision is not ALLOW) is is_forbidden


def test_a_longer_word_is_found_although_a_shorter_one_begins_it() -> None:
    assert decided(saying("gambling"), forbid=["gam", "gambling"]) is not ALLOW


def test_subject_and_html_count_too() -> None:
    subject = saying("Hello", subject="Casino")
    html = saying("Hello", html="<p>cas&#105;no</p>")

    assert decided(subject, forbid=["casino"]).verdict is Verdict.REJECT
    assert decided(html, forbid=["casino"]).verdict is Verdict.REJECT
    assert decided(saying("Hello", subject="😀"), emoji="reject") is not ALLOW


def test_where_only_the_vendor_has_the_text_the_parameters_count() -> None:
    filed = record(code(params={"code": "casino", "minutes": 5}), text=None)

    assert decided(filed, forbid=["casino"]).verdict is Verdict.REJECT
    assert decided(filed, max_length=1, max_segments=1) is ALLOW


@pytest.mark.parametrize(
    "said",
    [
        {"max_length": 3},
        {"max_segments": 1},
        {"emoji": "reject"},
        {"forbid": ["casino"]},
    ],
)
def test_the_text_is_not_told_again(said: dict[str, Any]) -> None:
    decision = decided(saying("casino 😀" * 20), **said)

    assert decision.reason is Reason.POLICY_CONTENT
    assert decision.why
    assert "casino" not in decision.why
    assert "😀" not in decision.why


def test_a_word_of_which_nothing_is_seen_is_refused() -> None:
    [(pointer, _)] = problems(CONTENT, {"forbid": ["casino", " \u200b"]})

    assert pointer == "/forbid/1"


def test_it_is_asked_once() -> None:
    assert not CONTENT.recurs
