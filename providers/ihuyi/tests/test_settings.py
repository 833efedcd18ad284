"""The schema of an account's settings."""

import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from notify_ihuyi.products import PRODUCTS
from notify_ihuyi.provider_type import IHUYI

LEAST = {"api_id": "C1", "api_key": "k"}


def places(**given):
    """Return where the settings are wrong, and what rule they break."""
    errors = Draft202012Validator(IHUYI.settings_schema).iter_errors(given)
    return {(".".join(map(str, error.path)), error.validator) for error in errors}


def test_the_schema_is_one():
    Draft202012Validator.check_schema(IHUYI.settings_schema)


def test_every_setting_is_described_and_only_the_key_is_secret():
    properties = IHUYI.settings_schema["properties"]

    assert all(fact["description"] for fact in properties.values())
    assert [name for name, fact in properties.items() if fact.get("writeOnly")] == [
        "api_key"
    ]


def test_id_and_key_are_enough():
    assert places(**LEAST) == set()


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_host_of_a_product_is_taken_and_no_other(product):
    for host in PRODUCTS[product].interfaces:
        assert places(**LEAST, product=product, host=host) == set()
    assert places(**LEAST, product=product, host="sms.example") == {("host", "enum")}


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"api_id": ""}, ("api_id", "pattern")),
        ({"api_key": "k "}, ("api_key", "pattern")),
        ({"product": "email"}, ("product", "enum")),
        ({"base_url": "ftp://x"}, ("base_url", "pattern")),
        ({"base_url": "http://user:secret@x"}, ("base_url", "pattern")),
        ({"base_url": "https://x/y?z"}, ("base_url", "pattern")),
        ({"format": "yaml"}, ("format", "enum")),
        ({"password": "md5"}, ("password", "enum")),
        ({"signature": "【示例】"}, ("signature", "pattern")),
        ({"region": "cn"}, ("region", "pattern")),
        ({"max_length": 0}, ("max_length", "minimum")),
        ({"variable_length": "8"}, ("variable_length", "type")),
        ({"apikey": "k"}, ("", "additionalProperties")),
    ],
)
def test_junk_is_refused_at_its_place(given, place):
    assert places(**LEAST | given) == {place}


@pytest.mark.parametrize(
    "base_url",
    ["http://127.0.0.1:8106", "https://106.ihuyi.com/", "http://[::1]:80/a/b"],
)
def test_a_base_url_is_an_authority_with_or_without_a_path(base_url):
    assert places(**LEAST, base_url=base_url) == set()


@pytest.mark.parametrize(
    "page", ["providers/ihuyi/README.md", "docs/providers/ihuyi.md"]
)
def test_the_pages_list_every_setting_and_no_other(page):
    text = (Path(__file__).parents[3] / page).read_text("utf-8")
    settings = text.split("\n## Settings\n")[1].split("\n\n| product |")[0]
    listed = re.findall(r"^\| `(\w+)` \|", settings.split("\n## ")[0], re.MULTILINE)

    assert listed == list(IHUYI.settings_schema["properties"])


@pytest.mark.parametrize(("region", "found"), [("CN", []), ("XX", ["/region"])])
def test_a_region_is_a_country_with_telephones(region, found):
    assert [told.pointer for told in IHUYI.problems({"region": region})] == found
