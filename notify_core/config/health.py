"""Reads when a provider rests."""

from __future__ import annotations

from typing import Any

from notify_core.config.document import Node
from notify_core.model.duration import parse_duration
from notify_core.routing.health.settings import HealthSettings


def health_settings(node: Node) -> HealthSettings:
    """Return when a provider rests, of no use after the schema's complaints."""
    found: dict[str, Any] = {}
    if isinstance(node["failures"].value, int):
        found["failures"] = node["failures"].value
    try:
        if node["rest"].text is not None:
            found["rest"] = parse_duration(node["rest"].text)
    except ValueError:
        pass  # the schema names it
    return HealthSettings(**found)
