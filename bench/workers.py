"""Processes of `notify worker`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bench.language import configuration

_API_KEY, _HASH_KEY = "BENCH_API_KEY", "BENCH_HASH_KEY"


def written(folder: Path, outbox: str, base: str, **policy: Any) -> Path:
    """Write a configuration for any number of processes; return the file.

    Args:
        folder: Where it is written.
        outbox: The URL of the outbox.
        base: The URL of the vendor.
        policy: The policy set of all messages, beside what every set has.
    """
    os.environ[_API_KEY] = "1q784322ba1d9bb88d50cf5cdfd89k7d"
    os.environ[_HASH_KEY] = "the hash key of a benchmark"
    settings = {
        "api_id": "C00000000",
        "api_key": {"env": _API_KEY},
        "base_url": base,
        "password": "dynamic",
        "format": "json",
    }
    provider: dict[str, Any] = {"type": "ihuyi", "settings": settings}
    durable = {
        "outbox": {"url": outbox},
        "privacy": {"hash_key": {"env": _HASH_KEY}},
    }
    file = folder / "notify.json"
    least = configuration(provider, routes=0, policies=0)
    least["policies"]["all"] |= policy
    file.write_text(json.dumps({**least, **durable}), "utf-8")
    return file


@asynccontextmanager
async def working(file: Path, concurrency: int) -> AsyncIterator[int]:
    """Run a worker while the block lasts; give its process id once it works."""
    command = (sys.executable, "-m", "notify_core", "worker", "--config", str(file))
    process = await asyncio.create_subprocess_exec(
        *command,
        *("--concurrency", str(concurrency)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stderr is not None  # noqa: S101 (for the type)
        await _started(process.stderr)
        reading = asyncio.create_task(process.stderr.read())
        yield process.pid
        process.terminate()
        await reading
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _started(log: asyncio.StreamReader) -> None:
    told = b""
    while b": started" not in told:
        line = await log.readline()
        if not line:
            raise RuntimeError(told.decode())
        told += line
