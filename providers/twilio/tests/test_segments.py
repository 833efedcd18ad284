"""How many segments a text has."""

import pytest
from notify_twilio.provider_type import TWILIO
from notify_twilio.segments import count_segments


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 1),
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("Ω" * 160, 1),  # Greek capitals are in the alphabet
        ("€" * 80, 1),  # two septets each
        ("€" * 81, 2),
        ("字" * 70, 1),
        ("字" * 71, 2),
        ("字" * 134, 2),
        ("字" * 135, 3),
        ("x" * 70 + "ç", 2),  # one letter outside the alphabet
        ("😀" * 35, 1),  # two units each
        ("😀" * 36, 2),
    ],
)
def test_segments_are_counted_as_twilio_documents(text, segments):
    assert count_segments(text) == segments


@pytest.mark.parametrize("letter", ["€", "😀"])
def test_a_letter_of_two_units_is_never_cut(letter):
    # 153 septets hold 76 of €, 67 units hold 33 of 😀.
    whole = {"€": 76, "😀": 33}[letter]

    assert count_segments(letter * whole * 3) == 3
    assert count_segments(letter * (whole * 3 + 1)) == 4


def test_the_core_asks_with_the_rendered_text(settings, submission):
    assert TWILIO.segments(settings(), submission(text="x" * 161)) == 2
    assert TWILIO.segments(settings(), submission(text=None)) == 1
