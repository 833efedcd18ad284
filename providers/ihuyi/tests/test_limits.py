"""What ihuyi recommends is what `limits` of a policy set takes."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from notify_ihuyi.provider_type import IHUYI

from notify_core.model.channel import Kind
from notify_core.model.checked import CheckedMessage
from notify_core.model.message import Content, Message
from notify_core.model.recipient import Phone
from notify_core.policy.counter_key import keyed_hash
from notify_core.policy.limits import LIMITS, Limits
from notify_core.policy.policy import Compilation
from notify_core.schemas import validator

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def limits() -> Limits:
    made = LIMITS.compile("recommended", Compilation(hashed=keyed_hash(bytes(16))))
    assert isinstance(made, Limits)
    return made.completed({IHUYI.name: IHUYI.recommended_limits})


def text(words: str, kind: Kind) -> CheckedMessage:
    return CheckedMessage(
        message=Message(to="+8613800138000", content=Content(text=words), kind=kind),
        recipient=Phone("+8613800138000", "86", "CN"),
        kind=kind,
        accepted_at=NOON,
        text=words,
    )


def test_they_fit_the_schema() -> None:
    assert validator(LIMITS.schema).is_valid(list(IHUYI.recommended_limits))
    assert LIMITS.problems is not None
    assert list(LIMITS.problems(list(IHUYI.recommended_limits))) == []


def test_codes_have_a_day_of_five_that_ends_in_shanghai() -> None:
    codes = [take for take in limits().needs(text("1234", Kind.OTP)) if take.most == 5]

    # 16:00 UTC is midnight there.
    assert [take.window.frees(NOON) for take in codes] == [NOON + timedelta(hours=4)]
    notices = limits().needs(text("Your parcel is here.", Kind.NOTICE))
    assert 5 not in {take.most for take in notices}


def test_a_number_gets_one_a_second_and_few_that_are_identical() -> None:
    one, other = (limits().needs(text(words, Kind.NOTICE)) for words in "ab")
    shared = Counter(take.most for take in one if take in other)

    assert Counter(take.most for take in one) == Counter({1: 1, 2: 1, 20: 1})
    assert shared == Counter({1: 1})
