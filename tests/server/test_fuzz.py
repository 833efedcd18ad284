"""Requests made up from the document: none ends in a 500, every answer is in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from notify_core.loop_thread import LoopThread
from notify_core.server.contract import openapi
from tests.server.serving import Serving, bearer, serving

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(openapi())


@schemathesis.serializer("application/x-ndjson")
def as_lines(_: schemathesis.SerializationContext, value: object) -> bytes:
    return str(value).encode(errors="surrogatepass")


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A service on a thread of its own, which nobody limits."""
    thread, stack = LoopThread("service", None), AsyncExitStack()
    server = {"limits": {"rate": "999999/s"}}
    running = serving(tmp_path_factory.mktemp("fuzz"), server=server)
    try:
        yield thread.call(stack.enter_async_context(running))
    finally:
        thread.call(stack.aclose())
        thread.stop()


@SCHEMA.parametrize()
@settings(
    max_examples=15,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_what_is_made_up_is_answered_as_documented(
    fuzzed: Serving, case: schemathesis.Case[Any]
) -> None:
    headers = bearer(fuzzed.key)

    case.call_and_validate(base_url=fuzzed.url, headers=headers, checks=CHECKS)
