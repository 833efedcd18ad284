"""Answers with a value of the model as JSON."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from notify_core.wire import to_json


def answer(
    value: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return an answer with this value as its body."""
    return web.Response(
        status=status,
        headers=headers,
        body=to_json(value),
        content_type="application/json",
    )
