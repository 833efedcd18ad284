"""The tiny vendor at work, and who talks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.testing.emulator.tiny import Receiver, TinyVendor, serving


@pytest.fixture
async def vendor() -> AsyncIterator[TinyVendor]:
    async with TinyVendor(clock=lambda: 1_600_000_000.0) as vendor:
        yield vendor


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as client:
        yield client


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with serving(receiver.handle) as url:
        receiver.url = url
        yield receiver
