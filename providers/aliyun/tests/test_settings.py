"""The schema of an account's settings."""

import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from notify_aliyun.provider_type import ALIYUN

LEAST = {"access_key_id": "a", "access_key_secret": "s"}


def places(**given):
    """Return where the settings are wrong, and what rule they break."""
    errors = Draft202012Validator(ALIYUN.settings_schema).iter_errors(given)
    return {(".".join(map(str, error.path)), error.validator) for error in errors}


def test_every_setting_is_described_and_only_the_secret_is_secret():
    properties = ALIYUN.settings_schema["properties"]

    assert all(fact["description"] for fact in properties.values())
    assert [name for name, fact in properties.items() if fact.get("writeOnly")] == [
        "access_key_secret"
    ]


def test_id_and_secret_are_enough():
    assert places(**LEAST) == set()


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"access_key_id": ""}, ("access_key_id", "pattern")),
        ({"access_key_id": "a,b"}, ("access_key_id", "pattern")),
        ({"access_key_secret": "s "}, ("access_key_secret", "pattern")),
        ({"sign_name": "【阿里云】"}, ("sign_name", "pattern")),
        ({"sign_name": " 阿里云"}, ("sign_name", "pattern")),
        ({"account": "me"}, ("account", "pattern")),
        ({"endpoint": "https://dysmsapi.aliyuncs.com"}, ("endpoint", "pattern")),
        ({"endpoint": "host\nx-acs: 1"}, ("endpoint", "pattern")),
        ({"base_url": "ftp://x"}, ("base_url", "pattern")),
        ({"base_url": "http://user:secret@x"}, ("base_url", "pattern")),
        ({"accesskey": "k"}, ("", "additionalProperties")),
    ],
)
def test_junk_is_refused_at_its_place(given, place):
    assert places(**LEAST | given) == {place}


@pytest.mark.parametrize("sign_name", ["阿里云", "A", "Acme Co", "测试"])
def test_a_signature_is_written_without_brackets(sign_name):
    assert places(**LEAST, sign_name=sign_name) == set()


@pytest.mark.parametrize(
    "page", ["providers/aliyun/README.md", "docs/providers/aliyun.md"]
)
def test_the_pages_list_every_setting_and_no_other(page):
    text = (Path(__file__).parents[3] / page).read_text("utf-8")
    settings = text.split("\n## Settings\n")[1].split("\n## ")[0]
    listed = re.findall(r"^\| `(\w+)` \|", settings, re.MULTILINE)

    assert listed == list(ALIYUN.settings_schema["properties"])
