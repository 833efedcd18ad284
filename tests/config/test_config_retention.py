"""How long messages are kept."""

from datetime import timedelta
from typing import Any

import pytest

from notify_core.outbox.retention import USUAL, Retention
from tests.config.bench import Bench

DAY = timedelta(days=1)


def written(**retention: str) -> dict[str, Any]:
    return {
        "version": 1,
        "retention": retention,
        "providers": {"one": {"type": "plain"}},
        "routes": {"pool": "one"},
    }


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({}, USUAL),
        ({"content": "3d"}, Retention(content=3 * DAY)),
        ({"address": "30d"}, Retention(address=30 * DAY)),
        ({"rows": "365d"}, Retention(rows=365 * DAY)),
        ({"idempotency": "7d"}, Retention(idempotency=7 * DAY)),
    ],
    ids=lambda value: next(iter(value), "nothing") if isinstance(value, dict) else "",
)
def test_each_span_is_read(
    bench: Bench, said: dict[str, str], meant: Retention
) -> None:
    assert bench.load(written(**said)).storage.retention == meant
