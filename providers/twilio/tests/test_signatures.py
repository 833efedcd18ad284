"""The signature, against the vectors that Twilio publishes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notify_twilio.signatures import has_its_hash, is_signed, signature

from notify_core.secret import Secret

TOKENS = (Secret("12345"),)
#: https://www.twilio.com/docs/usage/security#explore-the-algorithm-yourself
PAGE_URL = "https://example.com/myapp.php?foo=1&bar=2"
PAGE_FIELDS = {
    "Digits": "1234",
    "To": "+18005551212",
    "From": "+14158675310",
    "Caller": "+14158675310",
    "CallSid": "CA1234567890ABCDE",
}
PAGE_SIGNATURE = "L/OH5YylLD5NRKLltdqwSvS0BnU="
#: tests/unit/test_request_validator.py of twilio-python.
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
PLAIN_URL = URL.replace("https", "http")
FIELDS = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}
SIGNATURE = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
REPEATED = [
    ("Sid", "CA123"),
    ("SidAccount", "AC123"),
    ("Digits", "5678"),
    ("Digits", "1234"),
    ("Digits", "1234"),
]
BODY = b'{"property": "value", "boolean": true}'
BODY_HASH = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
URL_WITH_HASH = f"{URL}&bodySHA256={BODY_HASH}"


def test_the_example_of_twilios_security_page_is_computed():
    assert signature("12345", PAGE_URL, PAGE_FIELDS.items()) == PAGE_SIGNATURE


@pytest.mark.parametrize(
    ("url", "fields", "expected"),
    [
        (URL, FIELDS.items(), SIGNATURE),
        (URL, REPEATED, "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
        (URL_WITH_HASH, (), "a9nBmqA0ju/hNViExpshrM61xv4="),
    ],
)
def test_the_examples_of_the_helper_librarys_tests_are_computed(url, fields, expected):
    assert signature("12345", url, fields) == expected


@pytest.mark.parametrize(
    ("url", "given"),
    [
        (URL.replace(".com", ".com:1234"), SIGNATURE),
        (URL, "kvajT1Ptam85bY51eRf/AJRuM3w="),  # signed with :443
        (PLAIN_URL, "0ZXoZLH/DfblKGATFgpif+LLRf4="),  # signed with :80
        (PLAIN_URL.replace(".com", ".com:1234"), "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        (URL.replace("//", "//user:password@"), SIGNATURE),
    ],
)
def test_a_port_more_or_less_and_a_password_do_not_matter(url, given):
    assert is_signed(TOKENS, given, url, FIELDS.items())


def test_any_of_several_tokens_may_have_signed():
    tokens = (Secret("another"), *TOKENS)

    assert is_signed(tokens, PAGE_SIGNATURE, PAGE_URL, PAGE_FIELDS.items())


@pytest.mark.parametrize("given", [None, "", "=", "\udcff", PAGE_SIGNATURE.lower()])
def test_no_signature_and_a_wrong_one_fit_nothing(given):
    assert not is_signed(TOKENS, given, PAGE_URL, PAGE_FIELDS.items())


def test_without_a_token_nothing_is_signed():
    unkeyed = signature("", PAGE_URL, PAGE_FIELDS.items())

    assert not is_signed((), unkeyed, PAGE_URL, PAGE_FIELDS.items())


@pytest.mark.parametrize("changed", ["Digits", "To", "CallSid"])
def test_a_changed_field_does_not_fit(changed):
    fields = PAGE_FIELDS | {changed: "4321"}

    assert not is_signed(TOKENS, PAGE_SIGNATURE, PAGE_URL, fields.items())


@pytest.mark.parametrize(
    "url",
    [
        PAGE_URL.replace("example.com", "example.org"),
        PAGE_URL.replace("bar=2", "bar=3"),
        PAGE_URL.replace("https", "http"),
        PAGE_URL + "/",
        "",
        "https://[broken",
        "https://example.com:port/",
    ],
)
def test_another_address_does_not_fit(url):
    assert not is_signed(TOKENS, PAGE_SIGNATURE, url, PAGE_FIELDS.items())


def test_the_hash_of_a_json_body_is_that_of_the_helper_librarys_tests():
    assert has_its_hash(URL_WITH_HASH, BODY)


@pytest.mark.parametrize(
    ("url", "body"),
    [
        (URL_WITH_HASH, BODY + b" "),
        (URL, BODY),
        (f"{URL}&bodySHA256=", b""),
        (f"{URL}&bodySHA256=\udcff", BODY),
    ],
)
def test_a_json_body_without_its_hash_does_not_fit(url, body):
    assert not has_its_hash(url, body)


@given(st.text(), st.lists(st.tuples(st.text(), st.text())), st.text())
def test_any_text_is_compared_without_an_exception(url, fields, given_signature):
    assert not is_signed(TOKENS, given_signature, url, fields)
