"""Reads how long messages are kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise

from notify_core.config.document import Node
from notify_core.errors import Problem
from notify_core.model.duration import parse_duration
from notify_core.outbox.retention import Retention

_SPANS = ("content", "address", "rows", "idempotency")
#: What is kept the shortest time first.
_IN_ORDER = ("content", "address", "rows")


def retention_of(node: Node) -> Retention:
    """Return how long messages are kept, of no use after the schema's complaints."""
    spans: dict[str, timedelta] = {}
    for name in _SPANS:
        text = node[name].text
        if text is not None:
            with suppress(ValueError):  # the schema names it
                spans[name] = parse_duration(text)
    return Retention(**spans)


def retention_problems(node: Node, retention: Retention) -> Iterator[Problem]:
    """Yield the spans that are shorter than what has to go before."""
    for earlier, later in pairwise(_IN_ORDER):
        first, then = getattr(retention, earlier), getattr(retention, later)
        if then is not None and then < first:
            wrong = node[later] if later in node.names() else node[earlier]
            yield wrong.problem(
                f"makes {later} shorter than {earlier}, which goes first"
            )
