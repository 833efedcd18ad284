from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify_core.model.duration import format_duration, parse_duration

NOTHING = timedelta(0)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("30s", timedelta(seconds=30)),
        ("90s", timedelta(seconds=90)),
        ("5m", timedelta(minutes=5)),
        ("72h", timedelta(days=3)),
        ("7d", timedelta(days=7)),
        ("1500ms", timedelta(seconds=1.5)),
        ("1us", timedelta(microseconds=1)),
        ("0s", NOTHING),
        ("007s", timedelta(seconds=7)),
    ],
)
def test_a_duration_is_a_whole_number_with_a_unit(text: str, span: timedelta) -> None:
    assert parse_duration(text) == span


@pytest.mark.parametrize(
    "text",
    [
        *("", "5", "m", "5 m", "5min", "1.5s", "-5s", "+5s", "5m30s", "PT5M", "5M"),
        *("٥m", "5m\n", "9" * 21 + "s"),
    ],
)
def test_what_says_no_duration_is_refused_with_the_units(text: str) -> None:
    with pytest.raises(ValueError, match="d, h, m, s, ms, us, as 30s or 5m"):
        parse_duration(text)


def test_a_duration_past_all_counting_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than"):
        parse_duration("99999999999999999999d")


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (NOTHING, "0s"),
        (timedelta(seconds=90), "90s"),
        (timedelta(seconds=300), "5m"),
        (timedelta(hours=48), "2d"),
        (timedelta(hours=25), "25h"),
        (timedelta(milliseconds=1500), "1500ms"),
        (timedelta.max, "86399999999999999999us"),
    ],
)
def test_a_duration_is_written_with_its_longest_exact_unit(
    span: timedelta, text: str
) -> None:
    assert format_duration(span) == text


def test_a_negative_duration_is_not_written() -> None:
    with pytest.raises(ValueError, match="negative"):
        format_duration(timedelta(seconds=-1))


@given(span=st.timedeltas(min_value=NOTHING))
def test_a_written_duration_is_read_back_exactly(span: timedelta) -> None:
    assert parse_duration(format_duration(span)) == span
