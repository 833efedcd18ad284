"""The schema of the settings, and what the core makes of it."""

import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from notify_webhook.provider_type import WEBHOOK

from notify_core.config import load
from notify_core.errors import ConfigurationError
from notify_core.plugins import Plugins
from notify_core.secret import Secret

SCHEMA = WEBHOOK.settings_schema
ENDPOINT = SCHEMA["$defs"]["endpoint"]["properties"]
SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"  # noqa: S105 (a published one)
LEAST = {"url": "https://shop.example/hooks", "secret": SECRET}
ENVIRON = {"HOOK": SECRET, "OLD": SECRET, "TOKEN": "Bearer 4711", "EMPTY": ""}
CONFIGURATION = """\
version: 1
providers:
  hooks:
    type: webhook
    settings:
      endpoints:
        orders:
          url: https://shop.example/hooks
          secret: {env: HOOK}
          ADDED
routes: {pool: hooks}
"""


@pytest.fixture
def loaded(tmp_path):
    """Load a configuration whose endpoint has more lines."""

    def loaded(*lines):
        file = tmp_path / "notify.yaml"
        added = f"\n{' ' * 10}".join(lines)
        file.write_text(CONFIGURATION.replace("ADDED", added), "utf-8")
        snapshot = load(file, Plugins(), ENVIRON)
        return snapshot.providers["hooks"].settings

    return loaded


def places(**given):
    """Return where an endpoint is wrong, and what rule it breaks."""
    settings = {"endpoints": {"orders": LEAST | given}}
    errors = Draft202012Validator(SCHEMA).iter_errors(settings)
    return {
        (".".join(map(str, list(error.path)[2:])), error.validator) for error in errors
    }


def test_every_setting_is_described():
    for fact in [*SCHEMA["properties"].values(), *ENDPOINT.values()]:
        assert fact["description"]


def test_url_and_secret_are_enough():
    assert places() == set()


@pytest.mark.parametrize(
    "given",
    [
        {"url": "https://shop.example"},
        {"url": "https://shop.example:8443/a/b?key=1&x=%20"},
        {"url": "https://[2001:db8::1]/a"},
        {"url": "http://shop.example", "allow_http": True},
        {"url": "https://shop.example", "allow_http": True},
        {"secret": SECRET.removeprefix("whsec_")},
        {"secret": f"{SECRET}Br=="},
        {"previous_secrets": [SECRET]},
        {"headers": {"x-tenant": "a 1", "authorization": ""}},
        {"body": {"a": ["{{ text }}", 1, None]}},
        {"allow_private": True},
    ],
)
def test_what_is_documented_is_taken(given):
    assert places(**given) == set()


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"url": "http://shop.example"}, ("url", "pattern")),
        ({"url": "http://shop.example", "allow_http": False}, ("url", "pattern")),
        ({"url": "https://u:p@shop.example"}, ("url", "pattern")),
        ({"url": "https://shop.example\\@10.0.0.1"}, ("url", "pattern")),
        ({"url": "https://shop.example/a#b"}, ("url", "pattern")),
        ({"url": "https:///a"}, ("url", "pattern")),
        ({"secret": ""}, ("secret", "pattern")),
        ({"secret": "whsec_"}, ("secret", "pattern")),
        ({"secret": "whsec_tooshort"}, ("secret", "pattern")),
        ({"secret": "whsec_" + "A" * 89}, ("secret", "pattern")),
        ({"secret": "whpk_" + "A" * 44}, ("secret", "pattern")),
        ({"previous_secrets": [SECRET] * 5}, ("previous_secrets", "maxItems")),
        ({"previous_secrets": [""]}, ("previous_secrets.0", "pattern")),
        ({"headers": {"x-a": "1\r\nx-b: 2"}}, ("headers.x-a", "pattern")),
        ({"headers": {"x-a": "1\n"}}, ("headers.x-a", "pattern")),
        ({"headers": {"Host": "x"}}, ("headers", "pattern")),
        ({"headers": {"host": "x"}}, ("headers", "pattern")),
        ({"headers": {"content-length": "0"}}, ("headers", "pattern")),
        ({"headers": {"webhook-id": "1"}}, ("headers", "pattern")),
        ({"secret_headers": {"x a": "1"}}, ("secret_headers", "pattern")),
        ({"body": "{{ text }}"}, ("body", "type")),
        ({"allow_private": "yes"}, ("allow_private", "type")),
        ({"method": "PUT"}, ("", "additionalProperties")),
    ],
)
def test_junk_is_refused_at_its_place(given, place):
    assert place in places(**given)


def test_secrets_inside_an_endpoint_come_by_reference(loaded):
    settings = loaded(
        "previous_secrets: [{env: OLD}]",
        "headers: {x-tenant: a1, x-build: {env: TOKEN}}",
        "secret_headers: {authorization: {env: TOKEN}}",
    )

    orders = settings["endpoints"]["orders"]
    assert orders["secret"] == Secret(SECRET)
    assert orders["previous_secrets"] == [Secret(SECRET)]
    assert orders["headers"] == {"x-tenant": "a1", "x-build": "Bearer 4711"}
    assert orders["secret_headers"] == {"authorization": Secret("Bearer 4711")}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            f"previous_secrets: [{SECRET}]",
            "settings.endpoints.orders.previous_secrets.0",
        ),
        ("secret_headers: {x-a: b}", "settings.endpoints.orders.secret_headers.x-a"),
    ],
)
def test_a_secret_that_stands_in_the_file_is_refused_at_its_place(
    loaded, line, problem
):
    with pytest.raises(ConfigurationError) as error:
        loaded(line)

    assert f"{problem} is a secret, which never stands in a config" in str(error.value)
    assert SECRET not in str(error.value)


def test_an_empty_secret_is_refused(loaded):
    with pytest.raises(ConfigurationError, match="EMPTY holds nothing"):
        loaded("previous_secrets: [{env: EMPTY}]")


def test_the_body_of_an_endpoint_is_no_place_for_references(loaded):
    settings = loaded("body: {from: {env: HOOK}}")

    assert settings["endpoints"]["orders"]["body"] == {"from": {"env": "HOOK"}}


@pytest.mark.parametrize(
    ("settings", "fits"),
    [
        ({"receivers_remember": "5m"}, True),
        ({"receivers_remember": "0s"}, False),
        ({"receivers_remember": 5}, False),
        ({"body": []}, False),
        ({"endpoints": {}}, False),
        ({"endpoints": {"Orders": LEAST}}, False),
        ({"endpoints": {"https://shop.example": LEAST}}, False),
    ],
)
def test_the_common_settings_are_checked(settings, fits):
    given = {"endpoints": {"orders": LEAST}, **settings}

    assert Draft202012Validator(SCHEMA).is_valid(given) is fits


@pytest.mark.parametrize(
    "page", ["providers/webhook/README.md", "docs/providers/webhook.md"]
)
def test_the_pages_list_every_setting_and_no_other(page):
    text = (Path(__file__).parents[3] / page).read_text("utf-8")
    settings = text.split("\n## Settings\n")[1].split("\n## ")[0]
    settings = settings.split("\n### ")[0]
    listed = re.findall(r"^\| `(\w+)` \|", settings, re.MULTILINE)

    assert listed == [*SCHEMA["properties"], *ENDPOINT]


def test_what_no_schema_can_say_is_told_at_its_place_in_the_file(loaded):
    with pytest.raises(ConfigurationError) as error:
        loaded('body: {text: "{{ tex }}"}')

    assert ".settings.endpoints.orders.body the body's /text uses" in str(error.value)


def test_a_password_in_a_url_is_refused_and_not_shown(loaded):
    with pytest.raises(ConfigurationError) as raised:
        loaded("url: https://user:S3cretPw@shop.example/hooks")

    assert "S3cretPw" not in str(raised.value)


def test_a_url_in_the_place_of_a_name_does_not_show_its_password(tmp_path):
    file = tmp_path / "notify.yaml"
    url = "https://user:S3cretPw@shop.example/hooks?key=S3cretPw"
    file.write_text(CONFIGURATION.replace("orders", url).replace("ADDED", ""), "utf-8")

    with pytest.raises(ConfigurationError) as raised:
        load(file, Plugins(), ENVIRON)

    assert "https://***@shop.example/hooks?key=*** is no name" in str(raised.value)
