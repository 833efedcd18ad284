"""Durations."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify_core.config.durations import duration
from notify_core.schemas import public_schema, validator

CONFIG = "https://notify-core.example/schemas/config.schema.json"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("500ms", 0.5),
        ("20s", 20),
        ("5m", 300),
        ("1h", 3600),
        ("7d", 604800),
        ("999999s", 999999),
    ],
)
def test_a_duration_is_a_whole_number_with_a_unit(text: str, seconds: float) -> None:
    assert duration(text) == timedelta(seconds=seconds)


NO_DURATIONS = ["", "5", "s", "0s", "05s", "-5s", "+5s", "1.5s", "5 s", "5S", "5sec"]
NO_DURATIONS += ["1h30m", "٥s", "1000000d", "1e3s", "22:00", " 5s", "5s\n"]


@pytest.mark.parametrize("text", NO_DURATIONS)
def test_what_is_not_exactly_that_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write for example 20s"):
        duration(text)


@given(st.text() | st.from_regex(r"[0-9]{1,8}(ms|s|m|h|d|w)?"))
def test_the_schema_and_the_reader_agree_on_every_text(text: str) -> None:
    accepted = validator(public_schema(CONFIG)["$defs"]["duration"]).is_valid(text)

    try:
        read = duration(text) > timedelta()
    except ValueError:
        read = False

    assert read is accepted
