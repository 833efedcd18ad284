"""The schemas of an account's settings and of a message's options."""

import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from notify_smtp.problems import problems
from notify_smtp.provider_type import SMTP, account_key

LEAST = {"host": "smtp.example.com", "sender": "no-reply@example.com"}
NO_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n"
LOGIN = {"username": "mailer", "password": "secret"}


def places(**given):
    """Return where the settings are wrong, and what rule they break."""
    errors = Draft202012Validator(SMTP.settings_schema).iter_errors(given)
    return {(".".join(map(str, error.path)), error.validator) for error in errors}


def test_every_setting_is_described_and_only_the_password_is_secret():
    properties = SMTP.settings_schema["properties"]

    assert all(fact["description"] for fact in properties.values())
    secrets = [name for name, fact in properties.items() if fact.get("writeOnly")]
    assert secrets == ["password"]


@pytest.mark.parametrize(
    "given",
    [
        {},
        LOGIN,
        {"sender": "Example, Inc. <no-reply@example.com>"},
        {"sender": "示例 <用户@例子.公司>"},
        {"host": "192.0.2.1", "port": 2525, "security": "none"},
        {"host": "2001:db8::1", "security": "tls"},
        {"ca": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"},
        {"client_name": "[192.0.2.1]"},
        {"max_connections": 1, "keepalive": "500ms"},
    ],
)
def test_these_are_settings(given):
    assert places(**LEAST | given) == set()


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"host": ""}, ("host", "pattern")),
        ({"host": "smtp://mail.example.com"}, ("host", "pattern")),
        ({"host": "user@mail.example.com"}, ("host", "pattern")),
        ({"port": 0}, ("port", "minimum")),
        ({"port": 65536}, ("port", "maximum")),
        ({"port": "587"}, ("port", "type")),
        ({"security": "ssl"}, ("security", "enum")),
        ({"ca": "/etc/ssl/ca.pem"}, ("ca", "pattern")),
        ({"username": "mailer"}, ("", "dependentRequired")),
        ({"password": "secret"}, ("", "dependentRequired")),
        ({**LOGIN, "password": ""}, ("password", "pattern")),
        ({**LOGIN, "username": "a\nb"}, ("username", "pattern")),
        ({"sender": "Example"}, ("sender", "pattern")),
        ({"sender": "A\r\nB <a@example.com>"}, ("sender", "pattern")),
        ({"sender": "a@example.com, b@example.com"}, ("sender", "pattern")),
        ({"subject": " "}, ("subject", "pattern")),
        ({"subject": "A\nB"}, ("subject", "pattern")),
        ({"client_name": "my app"}, ("client_name", "pattern")),
        ({"max_connections": 0}, ("max_connections", "minimum")),
        ({"keepalive": 10}, ("keepalive", "type")),
        ({"keepalive": "1h"}, ("keepalive", "pattern")),
        ({"hostname": "x"}, ("", "additionalProperties")),
    ],
)
def test_junk_is_refused_at_its_place(given, place):
    assert places(**LEAST | given) == {place}


@pytest.mark.parametrize(
    ("given", "pointer", "fault"),
    [
        ({"sender": "a@example"}, "/sender", "no e-mail address"),
        ({"sender": "A\u2028B <a@example.com>"}, "/sender", "line break"),
        ({"subject": "=?utf-8?q?=0d=0aBcc?="}, "/subject", "encoded word"),
        ({"ca": NO_CERTIFICATE}, "/ca", "no certificate that can be read"),
    ],
)
def test_what_no_schema_can_say_is_found_before_anything_is_sent(given, pointer, fault):
    [problem] = problems({**LEAST, "security": "tls"} | given)

    assert problem.pointer == pointer
    assert fault in problem.message


def test_good_settings_have_no_problems():
    assert not list(problems({**LEAST, "security": "tls", "subject": "Grüße"}))


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"security": "starttls"}, "@smtp.example.com:587"),
        ({"security": "tls"}, "@smtp.example.com:465"),
        ({"security": "none"}, "@smtp.example.com:25"),
        ({"security": "tls", "port": 8465, **LOGIN}, "mailer@smtp.example.com:8465"),
    ],
)
def test_the_account_is_who_logs_in_where(given, key):
    assert account_key(LEAST | given) == key


@pytest.mark.parametrize(
    ("options", "is_valid"),
    [
        ({}, True),
        ({"subject": "Your code"}, True),
        ({"subject": ""}, False),
        ({"subject": None}, False),
        ({"headers": {"Bcc": "x"}}, False),
    ],
)
def test_a_message_has_the_option_of_a_subject_and_no_other(options, is_valid):
    assert Draft202012Validator(SMTP.extra_schema).is_valid(options) == is_valid


@pytest.mark.parametrize("page", ["providers/smtp/README.md", "docs/providers/smtp.md"])
def test_the_pages_list_every_setting_and_no_other(page):
    text = (Path(__file__).parents[3] / page).read_text("utf-8")
    settings = text.split("\n## Settings\n")[1].split("\n## ")[0].split("\n### ")[0]
    listed = re.findall(r"^\| `(\w+)` \|", settings, re.MULTILINE)

    assert listed == list(SMTP.settings_schema["properties"])
