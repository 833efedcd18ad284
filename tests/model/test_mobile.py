import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify_core.model.mobile import mobile_of_one_country
from tests.strategies import mainland_numbers

digits = st.text("0123456789", min_size=4, max_size=12)
#: With one country, with many, with none, and one without mobile numbers.
codes = st.sampled_from(["86", "44", "852", "1", "39", "91", "55", "800", "210", "0"])


@given(number=mainland_numbers)
def test_a_mainland_mobile_number_is_recognised(number: str) -> None:
    assert mobile_of_one_country(number) == ("86", "CN")


@given(number=st.builds("+{}{}".format, codes, digits))
def test_what_is_recognised_is_what_the_library_finds_valid(number: str) -> None:
    found = mobile_of_one_country(number)
    if found is None:
        return

    parsed = phonenumbers.parse(number)

    assert phonenumbers.is_valid_number(parsed)
    assert found == (
        str(parsed.country_code),
        phonenumbers.region_code_for_number(parsed),
    )


@pytest.mark.parametrize("country", ["CN", "HK", "IN", "BR", "DE", "FR", "JP", "MX"])
def test_an_example_number_of_a_country_is_recognised(country: str) -> None:
    example = phonenumbers.example_number_for_type(
        country, phonenumbers.PhoneNumberType.MOBILE
    )
    number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)

    assert mobile_of_one_country(number) == (str(example.country_code), country)


@pytest.mark.parametrize(
    "number",
    [
        "",
        "+",
        "13800138000",
        "+86 13800138000",
        "＋8613800138000",
        "+٨613800138000",
        "+86021123456",  # a landline
        "+12125552368",  # a code of many countries
        "+80012345678",  # a code of no one country
        "+21012345678",  # a code of nobody
    ],
)
def test_what_is_not_certain_goes_the_long_way(number: str) -> None:
    assert mobile_of_one_country(number) is None
