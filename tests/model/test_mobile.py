import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify_core.model.mobile import mobile_of_one_country
from tests.strategies import mainland_numbers

#: Countries with a code of their own, and some that share one.
countries = st.sampled_from(
    ["CN", "HK", "IN", "BR", "DE", "FR", "US", "IT", "GB", "VA"]
)


def example_of(country: str) -> str:
    """Return a mobile number of a country in E.164."""
    mobile = phonenumbers.PhoneNumberType.MOBILE
    number = phonenumbers.example_number_for_type(country, mobile)
    assert number is not None
    e164 = phonenumbers.PhoneNumberFormat.E164
    return str(phonenumbers.format_number(number, e164))


@given(number=mainland_numbers)
def test_a_mainland_mobile_number_is_recognised(number: str) -> None:
    assert mobile_of_one_country(number) == ("86", "CN")


@given(
    country=countries, kept=st.integers(3, 12), end=st.text("0123456789", max_size=8)
)
def test_what_is_recognised_is_what_the_library_finds_valid(
    country: str, kept: int, end: str
) -> None:
    number = example_of(country)[:kept] + end

    found = mobile_of_one_country(number)

    assert found in (None, library_finds(number))


def library_finds(number: str) -> tuple[str, str] | None:
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
    is_valid = phonenumbers.is_valid_number(parsed)
    country = phonenumbers.region_code_for_number(parsed)
    return (str(parsed.country_code), str(country)) if is_valid else None


@pytest.mark.parametrize("country", ["CN", "HK", "IN", "BR", "DE", "FR", "JP", "MX"])
def test_an_example_number_of_a_country_is_recognised(country: str) -> None:
    found = mobile_of_one_country(example_of(country))

    assert found is not None
    assert found[1] == country


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
