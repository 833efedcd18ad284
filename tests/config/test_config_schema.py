"""The published schema of configurations explains itself, and is true."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest

from notify_core.config import check
from notify_core.config.effort import effort
from notify_core.policy.policy_set import PolicySet
from notify_core.schemas import public_schema, validator
from tests.config.bench import FILED, Bench
from tests.config.conftest import PluginsWith

CONFIG = "https://notify-core.example/schemas/config.schema.json"
PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


def schemas(schema: Any, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every schema within, with the way to it."""
    if isinstance(schema, list):
        for index, element in enumerate(schema):
            yield from schemas(element, f"{path}/{index}")
    if isinstance(schema, dict):
        yield path, schema
        for key, value in schema.items():
            if key not in {"examples", "default", "const", "enum"}:
                yield from schemas(value, f"{path}/{key}")


def options() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every option with its schema."""
    for path, schema in schemas(public_schema(CONFIG)):
        for name, option in schema.get("properties", {}).items():
            yield f"{path}/{name}", option


OPTIONS = dict(options())


@pytest.mark.parametrize("path", OPTIONS)
def test_every_option_is_described(path: str) -> None:
    named = OPTIONS[path].get("$ref", "").split("/")[-1]
    target = public_schema(CONFIG)["$defs"].get(named, {})

    description = {**target, **OPTIONS[path]}["description"]

    assert description.endswith(".")


def test_every_example_and_every_default_is_valid() -> None:
    whole = public_schema(CONFIG)

    checked = 0
    for path, schema in schemas(whole):
        here = validator({**schema, "$defs": whole["$defs"]})
        defaults = [schema["default"]] if "default" in schema else []
        for value in [*schema.get("examples", ()), *defaults]:
            assert here.is_valid(value), f"{path}: {value}"
            checked += 1

    assert checked > 30


def test_the_defaults_of_a_policy_set_are_those_of_the_schema() -> None:
    policy = public_schema(CONFIG)["$defs"]["policy"]["properties"]
    on_unknown = public_schema(CONFIG)["$defs"]["on_unknown"]["properties"]
    retry = public_schema(CONFIG)["$defs"]["retry"]["properties"]
    timeouts = policy["attempt_timeout"]["properties"]

    written = {
        "deadline": policy["deadline"]["default"],
        "max_attempts": policy["max_attempts"]["default"],
        "attempt_timeout": {name: timeouts[name]["default"] for name in timeouts},
        "on_unknown": {
            name: on_unknown[name]["default"] for name in ("settle", "then")
        },
        "retry": {name: retry[name]["default"] for name in retry},
        "duplicates": policy["duplicates"]["default"],
    }

    assert PolicySet(**effort(written)) == PolicySet()


def test_the_page_names_every_option() -> None:
    page = PAGE.read_text(encoding="utf-8")

    missing = [path for path in OPTIONS if f"`{path.split('/')[-1]}`" not in page]

    assert missing == []


def test_every_configuration_on_the_page_is_one(
    plugins_with: PluginsWith, bench: Bench
) -> None:
    blocks = re.findall(
        r"```yaml\n(version: .*?)```", PAGE.read_text("utf-8"), re.DOTALL
    )
    taken = {"type": "object", "additionalProperties": True}
    open_type = attrs.evolve(
        FILED, settings_schema=taken, account_capabilities=None, name="ihuyi"
    )
    plugins = plugins_with(open_type, attrs.evolve(open_type, name="console"))
    environ = dict.fromkeys(
        ("IHUYI_ID", "IHUYI_KEY", "IHUYI_PUSH", "IHUYI_ID2", "IHUYI_KEY2"), "x" * 16
    )

    for block in blocks:
        report = check(bench.write(block), plugins, environ)

        assert report.errors == ()

    assert len(blocks) == 2
