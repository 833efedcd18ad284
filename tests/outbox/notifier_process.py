"""What notifiers of other processes do: `main(DEED, URL, MANY)`.

Each prints one line as soon as it is ready, and one of what came of it.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from notify_core.model.message import Content, Message
from notify_core.notifier import Notifier
from notify_core.testing import FakeVendor
from tests.outbox.process import KEY, say

LIMIT = {
    "name": "per-number",
    "key": ["recipient"],
    "allow": ["5/1h"],
    "over": "reject",
}


def configuration(url: str) -> dict[str, Any]:
    return {
        "version": 1,
        "outbox": {"url": url},
        "privacy": {"hash_key": KEY},
        "providers": {"a": {"type": "fake"}},
        "policies": {"few": {"limits": [LIMIT]}},
        "routes": {"pool": "a", "policy": "few"},
    }


def parcel(**fields: Any) -> Message:
    return Message(to="+8613800138000", content=Content(text="Here."), **fields)


async def send(notifier: Notifier, vendor: FakeVendor, many: int) -> None:
    """Send messages at once, and tell how many were sent, and how many arrived."""
    results = await asyncio.gather(*(notifier.send(parcel()) for _ in range(many)))
    say(sum(result.ok for result in results), len(vendor["a"].submissions))


async def enqueue_same(notifier: Notifier, _: FakeVendor, many: int) -> None:
    """Enqueue one message many times at once, and tell the ids that were given."""
    same = (notifier.enqueue(parcel(idempotency_key="k")) for _ in range(many))
    say(*{result.id for result in await asyncio.gather(*same)})


DEEDS: Mapping[str, Callable[[Notifier, FakeVendor, int], Awaitable[None]]] = {
    "send": send,
    "enqueue_same": enqueue_same,
}


async def main(deed: str, url: str, many: str) -> None:
    vendor = FakeVendor()
    plugins = {"fake": vendor}
    async with Notifier.from_config(configuration(url), plugins=plugins) as notifier:
        await notifier.counts()
        say("ready")
        await asyncio.to_thread(sys.stdin.readline)
        await DEEDS[deed](notifier, vendor, int(many))
