"""A provider is never asked more often than its rate allows."""

from bisect import bisect_right
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify_core.model.rate import Rate
from notify_core.policy.pacing import Pacer, Slot


def pacer(rate: str) -> Pacer:
    return Pacer(Rate.parse(rate))


def taken(from_: Pacer, now: float) -> Slot:
    slot = from_.reserve(now)
    assert slot is not None
    return slot


def waits(rate: str, *times: float) -> list[float]:
    """Return how long each of the requests at these times has to wait, in seconds."""
    given = pacer(rate)
    return [round(taken(given, now).wait, 6) for now in times]


# Rates.


@pytest.mark.parametrize(
    ("text", "interval"), [("50/s", 0.02), ("300/m", 0.2), ("1/h", 3600.0)]
)
def test_a_rate_is_so_many_in_a_second_a_minute_or_an_hour(
    text: str, interval: float
) -> None:
    rate = Rate.parse(text)

    assert rate.interval == pytest.approx(interval)
    assert str(rate) == text


@pytest.mark.parametrize(
    "text", ["", "50", "0/s", "-1/s", "1.5/s", "5/1h", "5/day", "50 /s", "1000000/s"]
)
def test_what_is_no_rate_is_refused_with_how_one_is_written(text: str) -> None:
    with pytest.raises(ValueError, match=r"whole number.* s, m, h, as 50/s"):
        Rate.parse(text)


# Slots.


def test_what_the_rate_allows_in_a_second_may_be_sent_at_once() -> None:
    assert waits("3/s", 0, 0, 0, 0, 0) == [0, 0, 0, 0.333333, 0.666667]


def test_a_rate_below_one_a_second_allows_one_at_a_time() -> None:
    assert waits("6/m", 100, 100, 100) == [0, 10, 20]
    assert waits("6/m", 100, 105, 130) == [0, 5, 0]


def test_idleness_fills_the_bucket_for_one_second_and_no_more() -> None:
    assert waits("2/s", 0, 0, 1000, 1000, 1000) == [0, 0, 0, 0, 0.5]


def test_requests_at_the_rate_never_wait() -> None:
    assert waits("10/s", *(n / 10 for n in range(50))) == [0] * 50


def test_a_slot_that_is_too_far_away_is_not_taken() -> None:
    given = pacer("1/s")
    taken(given, 0)

    assert given.reserve(0, within=0.5) is None
    assert taken(given, 0).wait == pytest.approx(1)
    assert given.reserve(0.5, within=1.5) is not None


def test_a_slot_that_is_given_back_goes_to_the_next() -> None:
    given = pacer("1/s")
    slots = [taken(given, 0) for _ in range(4)]

    given.give_back(slots[2])
    given.give_back(slots[1])

    assert [taken(given, 0.5).wait for _ in range(3)] == pytest.approx([0.5, 1.5, 3.5])


def test_a_slot_that_is_given_back_too_late_is_lost() -> None:
    given = pacer("1/s")
    slot = taken(given, 0)
    taken(given, 0)

    given.give_back(slot)

    assert taken(given, 0.5).wait == pytest.approx(1.5)


actions = st.lists(
    st.tuples(
        st.floats(0, 3),  # seconds since the last one
        st.sampled_from(["send", "send", "send", "cancel"]),
    ),
    max_size=40,
)


@given(actions, st.sampled_from(["1/s", "3/s", "10/s", "40/m"]), st.randoms())
def test_no_span_of_time_has_more_requests_than_a_bucket_would_give(
    steps: list[tuple[float, str]], rate: str, random: Random
) -> None:
    given, now = pacer(rate), 0.0
    waiting: list[tuple[float, Slot]] = []
    for pause, action in steps:
        now += pause
        if action == "send":
            slot = taken(given, now)
            waiting.append((now + slot.wait, slot))
        elif pending := [w for w in waiting if w[0] > now]:
            cancelled = random.choice(pending)
            waiting.remove(cancelled)
            given.give_back(cancelled[1])

    interval = Rate.parse(rate).interval
    held = max(1.0, 1 / interval)
    sent = sorted(at for at, _ in waiting)
    for first, since in enumerate(sent):
        for until in sent[first:]:
            count = bisect_right(sent, until) - first
            assert count <= held + (until - since) / interval + 1e-6
