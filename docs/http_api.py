"""Writes `http-api.md` from the OpenAPI document of the service.

Run it after a change of the document: `python docs/http_api.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from notify_core.server.contract import openapi

PAGE = Path(__file__).with_name("http-api.md")
_METHODS = ("get", "post", "delete")
_HEAD = """# HTTP API

The page is made from the OpenAPI 3.1 document.
The service shows the document at `/v1/openapi.json`.
[Run the HTTP service](how-to/serve.md) shows how to start it and how to make keys.
"""


def page() -> str:
    """Return the page."""
    return "\n".join(_lines(openapi())) + "\n"


def _lines(document: dict[str, Any]) -> Iterator[str]:
    yield _HEAD
    yield document["info"]["description"].strip()
    for tag in document["tags"]:
        yield f"\n## {tag['name'].capitalize()}\n\n{tag['description']}"
        for path, item in document["paths"].items():
            for method in _METHODS:
                if method in item and tag["name"] in item[method]["tags"]:
                    shared = item.get("parameters", [])
                    yield from _operation(document, method, path, item[method], shared)
    yield from _problems(document["components"]["schemas"]["Problem"])


def _operation(
    document: dict[str, Any],
    method: str,
    path: str,
    operation: dict[str, Any],
    shared: list[Any],
) -> Iterator[str]:
    yield f"\n### `{method.upper()} {path}`\n\n{operation['summary']}"
    if "description" in operation:
        yield f"\n{operation['description'].strip()}"
    given = [*shared, *operation.get("parameters", [])]
    if given:
        yield "\n| parameter | in | meaning |\n| --- | --- | --- |"
    for parameter in given:
        yield _parameter(document, _followed(document, parameter))
    yield from _examples(operation)
    yield "\n| status | meaning |\n| --- | --- |"
    for status, response in operation["responses"].items():
        yield f"| {status} | {_followed(document, response)['description']} |"


def _parameter(document: dict[str, Any], parameter: dict[str, Any]) -> str:
    told = (parameter.get("description"), _kind(document, parameter["schema"]))
    meaning = " ".join(filter(None, told))
    return f"| `{parameter['name']}` | {parameter['in']} | {meaning} |"


def _examples(operation: dict[str, Any]) -> Iterator[str]:
    for media, body in operation.get("requestBody", {}).get("content", {}).items():
        for example in body.get("examples", {}).values():
            yield f"\n`{media}`:\n\n```text\n{_text(example['value'])}\n```"


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    return json.dumps(value, ensure_ascii=False)


def _followed(document: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in value:
        return value
    found: Any = document
    for step in value["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    followed: dict[str, Any] = found
    return followed


def _kind(document: dict[str, Any], schema: dict[str, Any]) -> str:
    followed = _followed(document, schema)
    if "enum" in followed:
        return ", ".join(f"`{value}`" for value in followed["enum"]) + "."
    if "default" in schema:
        return f"Without it: `{json.dumps(schema['default'])}`."
    return ""


def _problems(schema: dict[str, Any]) -> Iterator[str]:
    yield "\n## Problems\n\n| status | `type` | when |\n| --- | --- | --- |"
    for kind in schema["properties"]["type"]["oneOf"]:
        yield f"| {kind['description']} | `{kind['const']}` | {kind['title']} |"
    yield "\nThe fields of the problem details:\n"
    yield "| field | meaning |\n| --- | --- |"
    for name, field in schema["properties"].items():
        yield f"| `{name}` | {field['description']} |"
    yield "\nEach of `errors`:\n\n| field | meaning |\n| --- | --- |"
    for name, field in schema["properties"]["errors"]["items"]["properties"].items():
        yield f"| `{name}` | {field['description']} |"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
