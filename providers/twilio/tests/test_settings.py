"""The schemas of an account's settings and of a message's options."""

import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from notify_twilio.provider_type import TWILIO

from notify_core.provider import ReceiptMode

SID = "AC" + "a" * 32
LEAST = {"account_sid": SID, "auth_token": "t"}
KEY = {"api_key_sid": "SK" + "b" * 32, "api_key_secret": "s"}
SECOND = {"secondary_auth_token": "t2"}
ROOT = Path(__file__).parents[3]


def places(schema, given):
    """Return where something is wrong, and what rule it breaks."""
    errors = Draft202012Validator(schema).iter_errors(given)
    return {(".".join(map(str, error.path)), error.validator) for error in errors}


def faults(**given):
    return places(TWILIO.settings_schema, given)


@pytest.mark.parametrize("schema", [TWILIO.settings_schema, TWILIO.extra_schema])
def test_each_schema_is_one_and_describes_everything(schema):
    Draft202012Validator.check_schema(schema)

    assert all(fact["description"] for fact in schema["properties"].values())


def test_the_tokens_and_the_keys_secret_are_secret():
    properties = TWILIO.settings_schema["properties"]

    assert [name for name, fact in properties.items() if fact.get("writeOnly")] == [
        "auth_token",
        "secondary_auth_token",
        "api_key_secret",
    ]


def test_a_token_or_an_api_key_is_enough():
    assert faults(**LEAST) == set()
    assert faults(account_sid=SID, **KEY) == set()
    assert faults(**LEAST, **KEY, **SECOND) == set()


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"account_sid": "AC1"}, ("account_sid", "pattern")),
        ({"account_sid": "SK" + "a" * 32}, ("account_sid", "pattern")),
        ({"auth_token": ""}, ("auth_token", "pattern")),
        ({"auth_token": "t t"}, ("auth_token", "pattern")),
        ({"api_key_sid": KEY["api_key_sid"]}, ("", "dependentRequired")),
        ({"api_key_secret": "s"}, ("", "dependentRequired")),
        ({**KEY, "api_key_sid": SID}, ("api_key_sid", "pattern")),
        ({"sender": ""}, ("sender", "pattern")),
        ({"sender": " ACME"}, ("sender", "pattern")),
        ({"base_url": "ftp://x"}, ("base_url", "pattern")),
        ({"base_url": "https://user:secret@x"}, ("base_url", "pattern")),
        ({"from": "ACME"}, ("", "additionalProperties")),
    ],
)
def test_junk_is_refused_at_its_place(given, place):
    assert faults(**LEAST | given) == {place}


def test_an_account_without_credentials_is_refused():
    assert faults(account_sid=SID) == {("", "anyOf")}
    assert ("", "anyOf") in faults(account_sid=SID, **SECOND)


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"validity_period": 0}, ("validity_period", "minimum")),
        ({"validity_period": 36001}, ("validity_period", "maximum")),
        ({"smart_encoded": "true"}, ("smart_encoded", "type")),
        ({"risk_check": True}, ("risk_check", "enum")),
        ({"Body": "x"}, ("", "additionalProperties")),
    ],
)
def test_junk_in_a_messages_options_is_refused(given, place):
    assert places(TWILIO.extra_schema, given) == {place}


def test_an_account_whose_pushes_cannot_be_verified_declares_none(settings):
    with_token = TWILIO.capabilities_for(settings())
    without = TWILIO.capabilities_for(settings(auth_token=None, **KEY))

    assert with_token == TWILIO.capabilities
    assert (without.receipts, without.inbound) == (ReceiptMode.NONE, False)
    assert without.balance


def test_the_account_key_is_the_accounts_sid(settings):
    assert TWILIO.account_key(settings()) == SID


@pytest.mark.parametrize(
    "page", ["providers/twilio/README.md", "docs/providers/twilio.md"]
)
def test_the_pages_list_every_setting_and_no_other(page):
    text = (ROOT / page).read_text("utf-8")
    settings = text.split("\n## Settings\n")[1].split("\n##")[0]
    listed = re.findall(r"^\| `(\w+)` \|", settings, re.MULTILINE)

    assert listed == list(TWILIO.settings_schema["properties"])


def test_the_page_lists_every_option_of_a_message():
    page = (ROOT / "docs/providers/twilio.md").read_text("utf-8")

    assert all(f"| `{name}` |" in page for name in TWILIO.extra_schema["properties"])
