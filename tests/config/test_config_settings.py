"""What a provider type's settings schema may say, and what comes of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest
from jsonschema import Draft202012Validator

from notify_core.config import check, composed_schema, load
from notify_core.errors import ConfigurationError, Problem
from notify_core.plugins import Plugins
from notify_core.provider import ProviderType, Settings
from notify_core.secret import Secret
from tests.config.bench import FILED, PLAIN, Bench
from tests.config.conftest import PluginsWith

ENVIRON = {"KEY": "s3cr3t", "HOST": "v.example", "PORT": "443"}


def of_schema(schema: Mapping[str, Any]) -> ProviderType:
    return attrs.evolve(PLAIN, name="made", settings_schema=schema)


def configuration(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "version": 1,
        "providers": {"one": {"type": "made", "settings": settings}},
        "routes": {"pool": "one"},
    }


def settings_of(plugins: Plugins, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    snapshot = load(configuration(settings), plugins, ENVIRON)
    return snapshot.providers["one"].settings


def errors_of(plugins: Plugins, settings: Mapping[str, Any]) -> list[str]:
    with pytest.raises(ConfigurationError) as raised:
        load(configuration(settings), plugins, ENVIRON)
    return [str(p).removeprefix("providers.one.") for p in raised.value.problems]


def test_what_is_left_out_has_the_default_of_the_schema(bench: Bench) -> None:
    snapshot = bench.load(
        "version: 1\n"
        "providers: {one: {type: filed, settings: {account: C1, key: {env: KEY}}}}\n"
        "routes: {pool: one}\n"
    )

    assert snapshot.providers["one"].settings == {
        "account": "C1",
        "key": Secret("k3y-of-the-account"),
        "host": "vendor.example",
        "port": 443,
        "format": "json",
    }


def test_defaults_are_filled_in_within_mappings_and_lists(
    plugins_with: PluginsWith,
) -> None:
    server = {
        "type": "object",
        "properties": {"host": {"type": "string"}, "port": {"default": 443}},
    }
    schema = {
        "type": "object",
        "$defs": {"server": server},
        "properties": {
            "main": {"$ref": "#/$defs/server", "default": {"host": "a.example"}},
            "others": {"type": "array", "items": {"$ref": "#/$defs/server"}},
            "absent": {"$ref": "#/$defs/server"},
        },
    }
    plugins = plugins_with(of_schema(schema))

    settings = settings_of(plugins, {"others": [{"host": "b.example"}, {"port": 1}]})

    assert settings == {
        "main": {"host": "a.example", "port": 443},
        "others": [{"host": "b.example", "port": 443}, {"port": 1}],
    }


def test_a_default_is_not_shared_between_configurations(
    plugins_with: PluginsWith,
) -> None:
    schema = {"properties": {"hosts": {"type": "array", "default": ["a.example"]}}}
    plugins = plugins_with(of_schema(schema))

    settings_of(plugins, {})["hosts"].append("b.example")

    assert settings_of(plugins, {}) == {"hosts": ["a.example"]}


def test_a_default_under_a_condition_is_not_filled_in(
    plugins_with: PluginsWith,
) -> None:
    schema = {
        "properties": {"mode": {"enum": ["a", "b"]}, "host": {"type": "string"}},
        "if": {"properties": {"mode": {"const": "b"}}, "required": ["mode"]},
        "then": {"properties": {"host": {"default": "b.example"}}},
    }
    plugins = plugins_with(of_schema(schema))

    assert settings_of(plugins, {"mode": "a"}) == {"mode": "a"}


CLOSED: dict[str, Mapping[str, Any]] = {
    "no settings at all": {},
    "named keys": {"properties": {"host": {}}},
    "a mapping within": {"properties": {"proxy": {"properties": {"host": {}}}}},
    "a list of mappings": {
        "properties": {"proxies": {"items": {"properties": {"host": {}}}}}
    },
    "by reference": {
        "properties": {"proxy": {"$ref": "#/$defs/proxy"}},
        "$defs": {"proxy": {"properties": {"host": {}}}},
    },
    "in parts": {
        "properties": {"proxy": {"allOf": [{"properties": {"host": {}}}, {}]}}
    },
    "closed by itself": {"additionalProperties": False, "properties": {"host": {}}},
    "closed by itself over parts": {
        "unevaluatedProperties": False,
        "properties": {"host": {}},
    },
}
MISSPELT: dict[str, Any] = {
    "hsot": "x",
    "proxy": {"hsot": "x"},
    "proxies": [{"hsot": "x"}],
}


@pytest.mark.parametrize(
    ("kind", "key", "place"),
    [
        ("no settings at all", "hsot", "settings.hsot"),
        ("named keys", "hsot", "settings.hsot"),
        ("a mapping within", "proxy", "settings.proxy.hsot"),
        ("a list of mappings", "proxies", "settings.proxies.0.hsot"),
        ("by reference", "proxy", "settings.proxy.hsot"),
        ("in parts", "proxy", "settings.proxy.hsot"),
        ("closed by itself", "hsot", "settings.hsot"),
        ("closed by itself over parts", "hsot", "settings.hsot"),
    ],
)
def test_an_unknown_key_is_refused_even_where_the_schema_leaves_it_open(
    kind: str, key: str, place: str, plugins_with: PluginsWith
) -> None:
    plugins = plugins_with(of_schema(CLOSED[kind]))

    [found] = errors_of(plugins, {key: MISSPELT[key]})

    assert found.startswith(f"{place} is unknown; ")


@pytest.mark.parametrize(
    "schema",
    [
        {"additionalProperties": {"type": "string"}, "properties": {"host": {}}},
        {"patternProperties": {"^x-": {"type": "string"}}},
        {"properties": {"x-one": {"type": "object"}}},
    ],
    ids=["additionalProperties", "patternProperties", "a mapping without names"],
)
def test_a_mapping_that_the_schema_opens_stays_open(
    schema: Mapping[str, Any], plugins_with: PluginsWith
) -> None:
    plugins = plugins_with(of_schema(schema))
    value = {"x-one": {"any": "key"}} if "x-one" in str(schema) else {"x-one": "a"}

    assert settings_of(plugins, value) == value


SECRET_BY: dict[str, Mapping[str, Any]] = {
    "the schema of the setting": {"properties": {"key": {"writeOnly": True}}},
    "a reference": {
        "properties": {"key": {"$ref": "#/$defs/key"}},
        "$defs": {"key": {"type": "string", "writeOnly": True}},
    },
    "a part": {"allOf": [{"properties": {"key": {"writeOnly": True}}}]},
    "a part that stands twice": {
        "allOf": [{"$ref": "#/$defs/login"}, {"$ref": "#/$defs/login"}],
        "$defs": {"login": {"properties": {"key": {"writeOnly": True}}}},
    },
    "a condition": {
        "properties": {"key": {"type": "string"}},
        "if": {"properties": {"mode": {"const": "b"}}},
        "then": {"properties": {"key": {"writeOnly": True}}},
    },
    "one of several forms": {
        "properties": {"key": {"anyOf": [{"writeOnly": True}, {"type": "null"}]}}
    },
}


@pytest.mark.parametrize("schema", SECRET_BY.values(), ids=SECRET_BY)
def test_a_setting_is_secret_by_whatever_keyword_says_so(
    schema: Mapping[str, Any], plugins_with: PluginsWith
) -> None:
    plugins = plugins_with(of_schema(schema))

    assert settings_of(plugins, {"key": {"env": "KEY"}}) == {"key": Secret("s3cr3t")}
    [found] = errors_of(plugins, {"key": "s3cr3t"})
    assert found.startswith("settings.key is a secret, which never stands in")


def test_a_secret_mapping_or_list_is_secret_in_each_of_its_values(
    plugins_with: PluginsWith,
) -> None:
    schema = {
        "properties": {
            "keys": {"type": "array", "writeOnly": True, "items": {"type": "string"}},
            "login": {
                "type": "object",
                "writeOnly": True,
                "properties": {"name": {"type": "string"}},
            },
        },
    }
    plugins = plugins_with(of_schema(schema))
    key = {"env": "KEY"}

    settings = settings_of(plugins, {"keys": [key], "login": {"name": key}})
    errors = errors_of(plugins, {"keys": ["s3cr3t"], "login": {"name": "s3cr3t"}})

    assert settings == {
        "keys": [Secret("s3cr3t")],
        "login": {"name": Secret("s3cr3t")},
    }
    assert [error.split(" ")[0] for error in errors] == [
        "settings.keys.0",
        "settings.login.name",
    ]


def test_a_mapping_that_looks_like_a_reference_stays_one_where_mappings_belong(
    plugins_with: PluginsWith,
) -> None:
    labels = {"type": "object", "additionalProperties": {"type": "string"}}
    plugins = plugins_with(of_schema({"properties": {"labels": labels}}))

    settings = settings_of(plugins, {"labels": {"env": "staging"}})

    assert settings == {"labels": {"env": "staging"}}


def test_what_a_reference_leads_to_is_a_text_and_is_checked_like_one(
    plugins_with: PluginsWith,
) -> None:
    schema = {
        "properties": {
            "host": {"type": "string", "maxLength": 4},
            "port": {"type": "integer"},
        }
    }
    plugins = plugins_with(of_schema(schema))

    errors = errors_of(plugins, {"host": {"env": "HOST"}, "port": {"env": "PORT"}})

    assert errors == [
        "settings.host is longer than 4 characters",
        "settings.port what the environment variable PORT holds is not a whole number",
    ]


def test_a_condition_sees_what_references_lead_to(plugins_with: PluginsWith) -> None:
    schema = {
        "properties": {"host": {"type": "string"}, "port": {"type": "integer"}},
        "if": {"properties": {"host": {"const": "v.example"}}},
        "then": {"required": ["port"]},
    }
    plugins = plugins_with(of_schema(schema))

    errors = errors_of(plugins, {"host": {"env": "HOST"}})

    assert errors == ["settings.port is missing"]


def test_the_end_of_a_pattern_is_the_end_of_the_text(
    plugins_with: PluginsWith,
) -> None:
    plugins = plugins_with(of_schema({"properties": {"key": {"pattern": "^[0-9]+$"}}}))

    assert settings_of(plugins, {"key": "123"}) == {"key": "123"}
    assert len(errors_of(plugins, {"key": "123\n"})) == 1


WORDS: dict[str, tuple[Mapping[str, Any], Any, str]] = {
    "minimum": ({"minimum": 2}, 1, "1 is less than 2"),
    "maximum": ({"maximum": 2}, 3, "3 is more than 2"),
    "exclusiveMinimum": ({"exclusiveMinimum": 2}, 2, "2 is not more than 2"),
    "exclusiveMaximum": ({"exclusiveMaximum": 2}, 2, "2 is not less than 2"),
    "multipleOf": ({"multipleOf": 2}, 3, "3 does not satisfy multipleOf"),
    "minLength": ({"minLength": 2}, "a", "is shorter than 2 characters"),
    "no text": ({"minLength": 2}, "", "is empty"),
    "minItems": ({"minItems": 2}, ["a"], "has fewer than 2 elements"),
    "maxItems": ({"maxItems": 1}, ["a", "b"], "has more than 1 elements"),
    "minProperties": ({"minProperties": 2}, {"a": 1}, "has fewer than 2 keys"),
    "maxProperties": ({"maxProperties": 1}, {"a": 1, "b": 2}, "has more than 1 keys"),
    "uniqueItems": ({"uniqueItems": True}, ["a", "a"], "names something twice"),
    "const": ({"const": True}, 1, "must be true, not 1"),
    "enum": ({"enum": [1, True, None]}, 7, "7 is none of 1, true, null"),
    "pattern": ({"pattern": "^a"}, "b", "'b' does not match ^a"),
    "pattern with title": (
        {"pattern": "^a", "title": "API id", "examples": ["a1"]},
        "b",
        "'b' is no API id; write for example a1",
    ),
    "type with title": (
        {"type": "string", "title": "API id", "examples": ["a1"]},
        7,
        "7 is no API id; write for example a1",
    ),
    "a long example": (
        {"type": "string", "title": "API id", "examples": ["a" * 100]},
        7,
        "7 is no API id",
    ),
    "an example that is a list": (
        {"type": "array", "title": "list of hosts", "examples": [["a", True]]},
        7,
        "a number is no list of hosts; write for example [a, true]",
    ),
    "a list where a text belongs": ({"type": "string"}, [1], "a list is not a text"),
    "nothing where a text belongs": (
        {"type": "string"},
        None,
        "has no value; a text belongs here",
    ),
    "a long text": (
        {"type": "integer"},
        "a" * 100,
        f"'{'a' * 60}'… is not a whole number",
    ),
    "two types": (
        {"type": ["integer", "null"]},
        "a",
        "'a' is not a whole number or null",
    ),
    "one of several forms": (
        {"anyOf": [{"enum": ["auto"]}, {"type": "integer"}]},
        "aut",
        "'aut' is unknown; did you mean 'auto'?",
    ),
    "none of several forms": (
        {"oneOf": [{"minimum": 5}, {"maximum": 1}]},
        3,
        "3 does not satisfy oneOf",
    ),
    "what is never allowed": ({"not": {}}, 3, "3 does not satisfy not"),
    "dependentRequired": (
        {"dependentRequired": {"a": ["b"]}},
        {"a": 1},
        "'b' is a dependency of 'a'",
    ),
    "propertyNames": (
        {"propertyNames": {"pattern": "^a"}},
        {"b": 1},
        "is no name that is allowed here",
    ),
}


@pytest.mark.parametrize(("schema", "value", "words"), WORDS.values(), ids=WORDS)
def test_each_complaint_is_in_plain_words(
    schema: Mapping[str, Any], value: Any, words: str, plugins_with: PluginsWith
) -> None:
    plugins = plugins_with(of_schema({"properties": {"it": schema}}))

    [found] = errors_of(plugins, {"it": value})

    assert found.split(" ", 1)[1] == words


def test_what_no_schema_allows_is_refused(plugins_with: PluginsWith) -> None:
    plugins = plugins_with(of_schema({"properties": {"it": False}}))

    [found] = errors_of(plugins, {"it": 1})

    assert found.endswith(" 1 does not satisfy false")


def test_a_schema_that_refers_to_itself_is_followed_as_far_as_the_settings_go(
    plugins_with: PluginsWith,
) -> None:
    schema = {
        "properties": {
            "key": {"type": "string", "writeOnly": True},
            "next": {"$ref": "#"},
        },
    }
    plugins = plugins_with(of_schema(schema))

    settings = settings_of(plugins, {"next": {"next": {"key": {"env": "KEY"}}}})

    assert settings == {"next": {"next": {"key": Secret("s3cr3t")}}}


BROKEN_SCHEMAS: dict[str, tuple[Mapping[str, Any], str]] = {
    "type": (
        {"properties": {"it": {"type": "text"}}},
        "/properties/it/type 'text' is unknown",
    ),
    "pattern": (
        {"properties": {"it": {"pattern": "("}}},
        "/properties/it/pattern '(' is no regular expression",
    ),
    "reference": (
        {"properties": {"it": {"$ref": "https://n.example/it.json"}}},
        "/properties/it/$ref 'https://n.example/it.json' is nowhere in this schema",
    ),
}


@pytest.mark.parametrize(("schema", "why"), BROKEN_SCHEMAS.values(), ids=BROKEN_SCHEMAS)
def test_a_settings_schema_that_is_none_is_the_fault_of_the_type(
    schema: Mapping[str, Any], why: str, plugins_with: PluginsWith
) -> None:
    plugins = plugins_with(of_schema(schema))

    [found] = errors_of(plugins, {})

    assert found.startswith(
        f"type 'made' cannot be used, its settings schema is broken: {why}"
    )


def test_what_looks_like_a_pattern_in_an_example_is_none(
    plugins_with: PluginsWith,
) -> None:
    schema = {
        "properties": {"it": {"examples": [{"pattern": "("}], "default": {"$ref": "x"}}}
    }
    plugins = plugins_with(of_schema(schema))

    assert settings_of(plugins, {}) == {"it": {"$ref": "x"}}


def test_the_composed_schema_knows_the_installed_types_and_their_settings(
    plugins_with: PluginsWith,
) -> None:
    composed = composed_schema(plugins_with(FILED, PLAIN))
    validator = Draft202012Validator(composed)

    def is_valid(provider: Mapping[str, Any]) -> bool:
        return validator.is_valid(
            {"version": 1, "providers": {"one": provider}, "routes": {"pool": "one"}}
        )

    key = {"env": "KEY"}
    Draft202012Validator.check_schema(composed)
    assert is_valid({"type": "plain"})
    assert not is_valid({"type": "other"})
    assert not is_valid({"type": "plain", "settings": {"key": key}})
    assert is_valid({"type": "filed", "settings": {"account": "C1", "key": key}})
    assert is_valid({"type": "filed", "settings": {"account": key, "key": key}})
    assert not is_valid({"type": "filed", "settings": {"account": "C1", "key": "k"}})
    assert not is_valid({"type": "filed", "settings": {"account": "1", "key": key}})
    assert not is_valid({"type": "filed", "settings": {"account": "C1"}})


def test_the_composed_schema_follows_references_within_a_settings_schema(
    plugins_with: PluginsWith,
) -> None:
    schema = {
        "properties": {"proxy": {"$ref": "#/$defs/proxy"}, "any": True},
        "$defs": {"proxy": {"properties": {"port": {"type": "integer"}}}},
        "patternProperties": {"^x-": {"type": "integer"}},
        "if": {"properties": {"x-a": {"const": 1}}, "required": ["x-a"]},
        "then": {"required": ["proxy"]},
    }
    validator = Draft202012Validator(composed_schema(plugins_with(of_schema(schema))))

    def is_valid(settings: Mapping[str, Any]) -> bool:
        return validator.is_valid(configuration(settings))

    assert is_valid({"proxy": {"port": 1}, "x-b": {"env": "B"}, "any": 1})
    assert is_valid({"proxy": {"port": {"env": "PORT"}}})
    assert not is_valid({"proxy": {"port": "1"}})
    assert not is_valid({"proxy": {"prt": 1}})
    assert not is_valid({"x-a": 1})


def test_what_a_type_says_of_its_settings_is_told_at_its_place(
    plugins_with: PluginsWith, tmp_path: Path
) -> None:
    def problems(settings: Settings) -> list[Problem]:
        if settings["host"] != "nowhere":
            return []
        return [Problem(pointer="/host", message="leads nowhere")]

    schema = {"type": "object", "properties": {"host": {"type": "string"}}}
    kind = attrs.evolve(PLAIN, problems=problems, settings_schema=schema)
    plugins = plugins_with(kind)
    file = tmp_path / "notify.yaml"

    def errors(host: str) -> list[str]:
        settings = f"providers: {{one: {{type: plain, settings: {{host: {host}}}}}}}"
        file.write_text(f"version: 1\n{settings}\nroutes: {{pool: one}}\n", "utf-8")
        return [str(problem) for problem in check(file, plugins).errors]

    assert errors("vendor.example") == []
    assert errors("nowhere") == [
        f"{file}:2:49 providers.one.settings.host leads nowhere"
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("http://[::1", "its brackets do not close"),
        ("http://x:99999", "its port is over 65535"),
        ("http://x:y", "its host or port cannot be read"),
        ("http://x:0", "it has no host, or the port 0"),
        ("nothing", "it has no host, or the port 0"),
    ],
)
def test_a_base_url_that_cannot_be_called_is_refused_whatever_the_schema_says(
    plugins_with: PluginsWith, text: str, why: str
) -> None:
    plugins = plugins_with(of_schema({"properties": {"base_url": {"type": "string"}}}))

    [told] = errors_of(plugins, {"base_url": text})

    assert told == (
        f"settings.base_url {text!r} is no base URL: {why}; "
        "write for example http://127.0.0.1:8106"
    )
    assert settings_of(plugins, {"base_url": "http://[::1]:80/a"})


def test_a_base_url_that_the_schema_refuses_is_told_of_once(
    plugins_with: PluginsWith,
) -> None:
    said = {"type": "string", "title": "URL", "pattern": "^https://"}
    plugins = plugins_with(of_schema({"properties": {"base_url": said}}))

    assert errors_of(plugins, {"base_url": "http://[::1"}) == [
        "settings.base_url 'http://[::1' is no URL"
    ]


def test_a_number_where_a_text_belongs_is_put_in_quotes_when_that_helps(
    plugins_with: PluginsWith,
) -> None:
    named = {"type": "string", "title": "API id", "pattern": "^[0-9]{3}$"}
    plugins = plugins_with(of_schema({"properties": {"id": named}}))

    assert errors_of(plugins, {"id": 123}) == [
        "settings.id 123 is a number, not a text; put it in quotes: '123'"
    ]
    assert errors_of(plugins, {"id": 12}) == ["settings.id 12 is no API id"]


_PASSWORDS = [
    "http://user:S3cretPw@127.0.0.1:8106",
    "https://S3cretPw@vendor.example/api",
    "https://user:S3cretPw@" + "long." * 20 + "example",
]


@pytest.mark.parametrize("url", _PASSWORDS)
@pytest.mark.parametrize("pattern", ["^https?://[^\\s/?#@]+$", ""])
def test_a_password_in_a_base_url_is_refused_and_not_shown(
    url: str, pattern: str, plugins_with: PluginsWith
) -> None:
    said = {"type": "string", "title": "base URL", "pattern": pattern}
    made = of_schema({"type": "object", "properties": {"base_url": said}})

    ((error),) = errors_of(plugins_with(made), {"base_url": url})

    assert "is no base URL" in error
    assert "user and password do not belong in it" in error
    assert "S3cretPw" not in error
    assert "user:" not in error


def test_a_password_in_the_address_of_pushes_is_refused_and_not_shown(
    bench: Bench,
) -> None:
    (error,) = bench.errors(
        "version: 1\n"
        "providers:\n"
        "  one:\n"
        "    type: plain\n"
        "    webhook:\n"
        "      tokens: [{env: TOKEN}]\n"
        "      public_url: https://user:S3cretPw@n.example/webhooks/one\n"
        "routes: {pool: one}\n"
    )

    assert "'https://***@n.example/webhooks/one' is no web address" in error
    assert "user and password do not belong in it" in error


def test_the_query_of_an_address_is_not_shown(plugins_with: PluginsWith) -> None:
    said = {"type": "string", "title": "base URL", "pattern": "^[^?]+$"}
    made = of_schema({"type": "object", "properties": {"base_url": said}})

    errors = errors_of(plugins_with(made), {"base_url": "https://h/a?key=S3cretPw"})

    assert errors == ["settings.base_url 'https://h/a?key=***' is no base URL"]
