"""How many parts a text takes as SMS, and in which alphabet it travels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify_core.model.segments import Encoding, count_segments, encoding_of


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
def test_a_text_has_the_parts_that_the_standard_says(text: str, segments: int) -> None:
    assert count_segments(text) == segments


@pytest.mark.parametrize("letter", ["€", "😀"])
def test_a_letter_of_two_units_is_never_cut(letter: str) -> None:
    # 153 septets hold 76 of €, 67 units hold 33 of 😀.
    whole = {"€": 76, "😀": 33}[letter]

    assert count_segments(letter * whole * 3) == 3
    assert count_segments(letter * (whole * 3 + 1)) == 4


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("", Encoding.GSM_7),
        ("Hello [you] €5\n", Encoding.GSM_7),
        ("ç", Encoding.UCS_2),
        ("`", Encoding.UCS_2),
        ("您好", Encoding.UCS_2),
    ],
)
def test_one_letter_outside_the_alphabet_changes_the_encoding(
    text: str, encoding: Encoding
) -> None:
    assert encoding_of(text) is encoding


@given(st.text(max_size=400), st.text(max_size=5))
def test_a_longer_text_never_has_fewer_parts(text: str, more: str) -> None:
    assert count_segments(text) <= count_segments(text + more)
