"""The OpenAPI document: valid, whole, and true of the service."""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from notify_core import Metrics, Notifier
from notify_core.config import load
from notify_core.plugins import Plugins
from notify_core.server.application import application
from notify_core.server.contract import openapi
from notify_core.wire import message_from_builtins
from tests.server.serving import Serving

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENT = openapi()
METHODS = ("get", "post", "put", "delete")
IDS = {"id": "nobody", "name": "a", "address": "+8613800138099"}


def _operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def _examples() -> Iterator[Any]:
    for path, method, operation in _operations():
        content = operation.get("requestBody", {}).get("content", {})
        for media, body in content.items():
            for name, example in body.get("examples", {}).items():
                identifier = f"{operation['operationId']} {name}"
                yield pytest.param(path, method, media, example["value"], id=identifier)


def test_it_is_a_valid_document() -> None:
    validate(DOCUMENT)


def test_the_page_is_made_from_it() -> None:
    made = runpy.run_path(str(DOCS / "http_api.py"))

    assert made["page"]() == (DOCS / "http-api.md").read_text("utf-8")


def test_it_has_every_endpoint_and_no_other(service: Serving) -> None:
    app = application(service.notifier)

    there = {
        (route.resource.canonical, route.method.lower())
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }

    assert there == {(path, method) for path, method, _ in _operations()}


def test_every_operation_names_the_scope_that_it_needs() -> None:
    unsaid = [
        operation["operationId"]
        for _, _, operation in _operations()
        if operation.get("security") != [] and "scope `" not in operation["description"]
    ]

    assert unsaid == []


async def test_what_the_page_sends_fits_the_configuration_that_it_shows(
    tmp_path: Path,
) -> None:
    page = (DOCS / "how-to" / "serve.md").read_text("utf-8")
    (shown,) = re.findall(r"^```yaml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    (sent,) = re.findall(r"-d '(.*)'$", page, re.MULTILINE)
    for secret in ("notify-hash", "ihuyi-push"):
        (tmp_path / secret).write_text("x" * 32)
    file = tmp_path / "notify.yaml"
    file.write_text(shown.replace("/run/secrets", str(tmp_path)), "utf-8")
    environ = {"IHUYI_ID": "C1", "IHUYI_KEY": "k"}

    snapshot = load(file, Plugins(), environ)
    async with Notifier(snapshot, plugins=Plugins(), metrics=Metrics()) as notifier:
        explained = await notifier.explain(message_from_builtins(json.loads(sent)))

    assert explained.problems == ()
    assert [each.provider for each in explained.providers] == ["ihuyi-otp"]


async def test_it_is_served_without_a_key(service: Serving) -> None:
    async with service.client.get(
        "/v1/openapi.json", headers={"Authorization": ""}
    ) as answer:
        assert await answer.json() == DOCUMENT


@pytest.mark.parametrize(("path", "method", "media", "example"), [*_examples()])
async def test_an_example_is_a_request_that_goes_well(
    service: Serving, path: str, method: str, media: str, example: Any
) -> None:
    body = example if isinstance(example, str) else json.dumps(example)

    async with service.client.request(
        method,
        path.format(**IDS),
        data=body.encode(),
        headers={"Content-Type": media},
    ) as answer:
        told = await answer.read()

    assert answer.status in (200, 202, 204)
    assert answer.content_type != "application/problem+json"
    responses = DOCUMENT["paths"][path][method]["responses"]
    _check(_resolved(responses[str(answer.status)]), answer.content_type, told)


def _resolved(response: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in response:
        return response
    name = response["$ref"].rpartition("/")[2]
    found: dict[str, Any] = DOCUMENT["components"]["responses"][name]
    return found


def _check(response: dict[str, Any], media: str, told: bytes) -> None:
    """Compare an answer with what the document says of it."""
    content = response.get("content")
    if content is None:
        assert told == b""
        return
    assert media in content
    if media == "application/json":
        schema = {**content[media]["schema"], "components": DOCUMENT["components"]}
        Draft202012Validator(schema).validate(json.loads(told))
