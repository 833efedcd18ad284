"""The process that is killed: `python -m bench.crash.worker OUTBOX VENDOR STEP TIMES`.

Its leases are short, so that nobody waits long for what it leaves.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import timedelta
from typing import Any

from bench.crash.failpoint import Failpoint, Step
from bench.crash.provider import DyingVendor
from notify_core.dispatch import leases
from notify_core.notifier import Notifier
from notify_core.secret import Secret
from notify_core.worker import Worker

#: How long the leases last, and how often they are renewed.
LEASE, RENEWED = timedelta(seconds=1), 0.2


def configuration(outbox: str) -> dict[str, Any]:
    """Return the configuration of everybody who takes part."""
    return {
        "version": 1,
        "outbox": {"url": outbox},
        "privacy": {"hash_key": Secret("the hash key of a benchmark")},
        "providers": {"dying": {"type": "dying"}},
        "policies": {
            "soon": {"on_unknown": {"settle": ["query"], "within": "2s"}},
        },
        "routes": {"pool": "dying", "policy": "soon"},
    }


def notifier(outbox: str, vendor: str, failpoint: Failpoint) -> Notifier:
    """Return a notifier that takes part."""
    plugins = {"dying": DyingVendor(vendor, failpoint)}
    return Notifier.from_config(configuration(outbox), plugins=plugins)


async def _work(outbox: str, vendor: str, failpoint: Failpoint) -> None:
    async with notifier(outbox, vendor, failpoint) as opened:
        worker = Worker(opened)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.drain)
        await worker.run()


if __name__ == "__main__":
    leases.SPAN, leases.RENEW_EVERY = LEASE, RENEWED
    _, at, of, step, times = sys.argv
    asyncio.run(_work(at, of, Failpoint(Step(step) if step else None, int(times))))
