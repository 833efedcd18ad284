"""The OpenAPI document: the file beside the schemas, with those schemas in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import yaml
from aiohttp import web

from notify_core.schemas import public_schema, schema_root
from notify_core.server.endpoint import Endpoint

#: The values that the document shares with the public schemas, by their names there.
_SHARED = ("Message", "Result")
_SCHEMA = "https://notify-core.example/schemas/{}.schema.json"
_PATH = "/v1/openapi.json"
_COMPONENT = "#/components/schemas/{}"


@cache
def openapi() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document, which refers to nothing outside itself."""
    text = (schema_root() / "openapi.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    schemas = document["components"]["schemas"]
    for name in _SHARED:
        schema = public_schema(_SCHEMA.format(name.lower()))
        for inner, definition in schema.pop("$defs").items():
            schemas[inner] = _here(definition)
        schemas[name] = _here({k: v for k, v in schema.items() if k[0] != "$"})
    # A result, and more: a schema that refuses unknown members cannot be added to.
    known, result = schemas["Known"], schemas["Result"]
    known["properties"] = {**result["properties"], **known["properties"]}
    known["required"] = [*result["required"], *known["required"]]
    return document


def _here(schema: Any) -> Any:
    """Return a schema whose references lead to the document's own components."""
    return _mapped(schema, lambda ref: _COMPONENT.format(ref.rpartition("/")[2]))


def _mapped(value: Any, place: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {
            key: place(inner) if key == "$ref" else _mapped(inner, place)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_mapped(inner, place) for inner in value]
    return value


class Contract:
    """`GET /v1/openapi.json`."""

    def endpoints(self) -> Iterator[Endpoint]:
        """Yield what there is."""
        yield Endpoint("GET", _PATH, self.show)

    async def show(self, request: web.Request) -> web.Response:
        """Show the document, with the place where the host has mounted us."""
        above = request.path.removesuffix(_PATH)
        told = {**openapi(), "servers": [{"url": above or "/"}]}
        body = json.dumps(told, ensure_ascii=False).encode()
        return web.Response(body=body, content_type="application/json")
