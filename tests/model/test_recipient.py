import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify_core.model.channel import Channel
from notify_core.model.recipient import Email, Endpoint, Phone, parse_recipient
from tests.strategies import email_addresses, endpoint_names, mainland_numbers

SMS, VOICE, EMAIL, WEBHOOK = Channel.SMS, Channel.VOICE, Channel.EMAIL, Channel.WEBHOOK


@given(number=mainland_numbers, data=st.data())
def test_a_number_is_the_same_in_every_way_to_write_it(
    number: str, data: st.DataObject
) -> None:
    national = number.removeprefix("+86")
    spaced = "".join(
        digit + data.draw(st.sampled_from(["", " ", "-"])) for digit in national
    )

    ways = [
        parse_recipient(SMS, number, None),
        parse_recipient(SMS, number, "US"),
        parse_recipient(SMS, national, "CN"),
        parse_recipient(SMS, spaced.rstrip("-"), "CN"),
        parse_recipient(SMS, f"+86 {spaced}".rstrip("-"), "US"),
        parse_recipient(SMS, f"0086{national}", "CN"),
    ]

    assert set(ways) == {Phone(number, "86", "CN")}
    assert ways[0].country == "CN"


@given(number=mainland_numbers)
def test_no_masked_form_contains_the_number(number: str) -> None:
    phone = parse_recipient(SMS, number, None)
    assert isinstance(phone, Phone)

    for shown in (phone.masked, repr(phone)):
        assert number not in shown
        assert phone.national not in shown


@pytest.mark.parametrize(
    ("to", "region", "address", "country", "national"),
    [
        ("021-12345678", "CN", "+862112345678", "CN", "2112345678"),
        ("(0)20 7183 8750", "GB", "+442071838750", "GB", "2071838750"),
        ("+44 20 7183 8750", "CN", "+442071838750", "GB", "2071838750"),
        ("+1 212-555-2368", None, "+12125552368", "US", "2125552368"),
        ("+1 684 699 1234", None, "+16846991234", "AS", "6846991234"),
        # Italy keeps its zero.
        ("+39 06 1234 5678", None, "+390612345678", "IT", "0612345678"),
        ("+852 2123 4567", None, "+85221234567", "HK", "21234567"),
        # Numbers of no one country.
        ("+800 1234 5678", None, "+80012345678", None, "12345678"),
        ("＋８６１３８００１３８０００", None, "+8613800138000", "CN", "13800138000"),
    ],
)
def test_voice_reaches_landlines_of_any_country(
    to: str, region: str | None, address: str, country: str | None, national: str
) -> None:
    phone = parse_recipient(VOICE, to, region)

    assert isinstance(phone, Phone)
    assert (phone.address, phone.country, phone.national) == (
        address,
        country,
        national,
    )


@pytest.mark.parametrize(
    ("to", "region", "hint"),
    [
        ("13800138000", None, "country code"),
        ("13800138000", "XX", "country code"),
        ("+86138001380001", None, "not a number that can exist"),
        ("10086", "CN", "not a number that can exist"),
        ("+86 138 0013 8000 ext. 5", None, "digits only"),
        ("call 13800138000", "CN", "digits only"),
        ("1-800-FLOWERS", "US", "digits only"),
        ("jane@example.com", "CN", "needs the channel email, `--channel email`"),
        ("https://example.com/13800138000", "CN", "digits only"),
        ("", "CN", "digits only"),
        ("+", "CN", "country code"),
    ],
)
def test_what_is_no_number_is_refused_with_what_to_do(
    to: str, region: str | None, hint: str
) -> None:
    with pytest.raises(ValueError, match=hint) as caught:
        parse_recipient(SMS, to, region)

    assert not re.search(r"\d{6}", str(caught.value))


@given(to=st.text(max_size=30), channel=st.sampled_from(Channel))
def test_any_text_is_a_recipient_or_refused(to: str, channel: Channel) -> None:
    try:
        recipient = parse_recipient(channel, to, "CN")
    except ValueError:
        return

    assert parse_recipient(channel, recipient.address, None) == recipient


@given(address=email_addresses)
def test_an_email_address_is_kept_and_shown_masked(address: str) -> None:
    email = parse_recipient(EMAIL, address, None)

    assert email == Email(address)
    assert email.country is None
    assert address not in email.masked
    assert address not in repr(email)


def test_only_the_domain_of_an_email_address_is_lowered() -> None:
    email = parse_recipient(EMAIL, "Jane.Doe@Example.COM", None)

    assert email.address == "Jane.Doe@example.com"


@pytest.mark.parametrize(
    "to",
    [
        *("jane", "jane@localhost", "jane@", "@example.com", "a@b@example.com"),
        "=?utf-8?q?=0d=0aBcc=3Ax=40y.z?=@example.org",
        *("jane doe@example.com", "jane@example.com\n", "jane@example.com\r\nBcc: x"),
        *("jane@example.com,joe@example.com", "j" * 65 + "@example.com"),
        *("Jane <jane@example.com>", "+8613800138000", "jane@" + "a." * 130 + "com"),
    ],
)
def test_what_is_no_email_address_is_refused_and_not_repeated(to: str) -> None:
    with pytest.raises(ValueError, match="e-mail address") as caught:
        parse_recipient(EMAIL, to, None)

    assert str(caught.value) == "is no e-mail address: write it as jane@example.com"


@given(name=endpoint_names)
def test_an_endpoint_is_a_name(name: str) -> None:
    endpoint = parse_recipient(WEBHOOK, name, None)

    assert endpoint == Endpoint(name)
    assert endpoint.country is None
    assert endpoint.masked == name


@pytest.mark.parametrize(
    "to",
    [
        *("https://example.com/hook", "http://169.254.169.254/", "//example.com"),
        *("example.com", "10.0.0.1:80", "Billing", "", "a" * 64, "../billing"),
    ],
)
def test_an_endpoint_is_never_a_url(to: str) -> None:
    with pytest.raises(ValueError, match="a URL is not accepted"):
        parse_recipient(WEBHOOK, to, None)
