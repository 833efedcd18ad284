import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify_core.model.masking import masked, masked_email, masked_phone
from tests.strategies import email_addresses, mainland_numbers, texts


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+8613800138000", "+86138****8000"),
        ("13800138000", "1380****000"),
        ("+1 (212) 555-2368", "+1212****368"),
        ("12345", "1****"),
        ("1234", "****"),
        ("", "****"),
        ("+" + "7" * 30, "+77777****7777"),
    ],
)
def test_a_masked_number_shows_its_ends(number: str, shown: str) -> None:
    assert masked_phone(number) == shown


@given(digits=st.text("0123456789", max_size=20))
def test_a_masked_number_hides_four_digits_or_more(digits: str) -> None:
    shown = re.sub(r"\D", "", masked_phone(digits))

    assert len(shown) <= max(0, len(digits) - 4)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("jane@example.com", "j***@example.com"),
        ("foo@jane@example.com", "f***@example.com"),
        ("+8613800138000", "***"),
        ("", "***"),
    ],
)
def test_a_masked_address_shows_its_first_letter_and_domain(
    address: str, shown: str
) -> None:
    assert masked_email(address) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("to 13800138000: no", "to 1380****000: no"),
        ("+86 138-0013-8000", "+86138****8000"),
        ("<o'brien@x.example> refused", "<o***@x.example> refused"),
        ("jane@localhost", "j***@localhost"),
        ("13800138000@qq.example", "1***@qq.example"),
        ("foo@jane@example.com", "f***@example.com"),
        ("code 4085, 5 a day", "code 4085, 5 a day"),
    ],
)
def test_addresses_in_a_text_are_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


@given(
    address=mainland_numbers | email_addresses,
    before=texts,
    after=texts,
)
def test_a_masked_text_never_contains_the_full_address(
    address: str, before: str, after: str
) -> None:
    assert address not in masked(f"{before} {address} {after}")


@pytest.mark.parametrize(
    "text", ["a" * 200_000, "a@" * 100_000, "1 " * 100_000, "12345" + " " * 200_000]
)
def test_a_long_text_is_masked_in_linear_time(text: str) -> None:
    begun = time.process_time()

    masked(text)

    assert time.process_time() - begun < 0.5
