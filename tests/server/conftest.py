"""A service that keeps messages in memory, and one that keeps them in a file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.server.serving import Serving, serving


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Serving]:
    """A service without a store."""
    async with serving(tmp_path) as running:
        yield running


@pytest.fixture
async def durable(tmp_path: Path) -> AsyncIterator[Serving]:
    """A service with a store, and nobody who drains it."""
    async with serving(tmp_path, durable=True) as running:
        yield running


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a changed file of keys hold at once."""
    monkeypatch.setattr("notify_core.server.doorkeeper.LOOKS_EVERY", 0.0)
