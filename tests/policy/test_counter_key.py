"""What counters are kept by cannot be read back, and is not mixed up."""

from datetime import UTC

import pytest

from notify_core.policy.allowance import parse_allowance
from notify_core.policy.counter_key import keyed_hash
from tests.builders import NUMBER


def test_a_hash_depends_on_the_key_and_on_every_value_alone() -> None:
    one, other = keyed_hash(b"1" * 16), keyed_hash(b"2" * 16)

    assert one(NUMBER, "a") == keyed_hash(b"1" * 16)(NUMBER, "a")
    assert len(one(NUMBER)) == 24
    assert one(NUMBER) != other(NUMBER)
    assert len({one("ab", "c"), one("a", "bc"), one("abc"), one("abc", "")}) == 4


def test_all_of_a_long_key_counts() -> None:
    assert keyed_hash(b"1" * 100)("a") != keyed_hash(b"1" * 99 + b"2")("a")


def test_half_a_character_is_hashed_all_the_same() -> None:
    hashed = keyed_hash(b"1" * 16)

    assert hashed("\ud83d") != hashed("?")


def test_a_key_that_can_be_tried_out_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes or more"):
        keyed_hash(b"short")


@pytest.mark.parametrize("written", ["5", "0/1h", "5/1w", "5/h", "5/days", "-1/1h", ""])
def test_what_is_no_allowance_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="write as 5/1h or 5/day"):
        parse_allowance(written, UTC)
