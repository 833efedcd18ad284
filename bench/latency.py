"""How soon a message is written that is enqueued on an idle system.

From `enqueue` being called to the request being at the vendor, one message at a time.
Beside it stands what the disk takes to keep one page, in the same run: each message
is recorded once, claimed, and its attempt recorded, before it is written.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.disk import fsync_ms, of
from bench.send import numbers
from bench.stub import Stub
from bench.workers import working, written
from notify_core import Message, Notifier
from notify_core.worker import Worker

#: Messages that are timed, those before them, and seconds between two.
TIMED, BEFORE, APART = 300, 20, 0.02
#: Seconds after which a message was lost.
_LONGEST = 10.0


async def in_one_process(folder: str | None = None) -> dict[str, Any]:
    """Measure an SQLite outbox in *folder*, sender and worker in one process."""
    stub = Stub()
    async with stub.open() as base:
        with TemporaryDirectory(dir=folder) as here:
            file = written(Path(here), f"sqlite:///{here}/notify.db", base)
            async with Notifier.from_config(file) as notifier, Worker(notifier):
                late = await _late(notifier, stub)
    return {"late_ms": late, "fsync_ms": fsync_ms(folder)}


async def through(outbox: str) -> dict[str, float]:
    """Measure an outbox at a URL, the worker being another process."""
    stub = Stub()
    async with stub.open() as base:
        with TemporaryDirectory() as here:
            file = written(Path(here), outbox, base)
            async with Notifier.from_config(file) as notifier, working(file, 16):
                return await _late(notifier, stub)


async def _late(notifier: Notifier, stub: Stub) -> dict[str, float]:
    mobiles = numbers()
    late = [await _one(notifier, stub, mobiles) for _ in range(BEFORE + TIMED)]
    return of(late[BEFORE:])


async def _one(notifier: Notifier, stub: Stub, mobiles: Iterator[str]) -> float:
    await asyncio.sleep(APART)
    served, called = stub.served, time.time()
    await notifier.enqueue(message(next(mobiles)))
    async with asyncio.timeout(_LONGEST):
        while stub.served == served:  # noqa: ASYNC110 (it tells nobody)
            await asyncio.sleep(0.001)
    return (stub.heard_at - called) * 1000


def message(mobile: str) -> Message:
    """Return a verification code to a number."""
    return Message(to=f"+86{mobile}", template="login-code", params={"code": "1234"})
