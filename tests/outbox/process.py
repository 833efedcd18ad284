"""What other processes do to an outbox: `python process.py DEED FILE ARGUMENTS`.

Each prints one line as soon as it is ready, and one for each thing that is done.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from notify_core.model.status import Status
from notify_core.outbox.owner import new_owner
from notify_core.outbox.port import Lease
from notify_core.outbox.record import Record
from notify_core.outbox.sqlite import SqliteOutbox
from notify_core.policy.take import Sliding, Take
from notify_core.secret import Secret
from notify_core.testing.outbox.subject import NOON, begun, record, submitting

KEY = Secret("a key of the tests")
LEASE = Lease(owner=f"process {os.getpid()}", until=NOON + timedelta(seconds=15))
OWN = Lease(owner=new_owner(), until=LEASE.until)


def say(*words: object) -> None:
    print(*words, flush=True)  # noqa: T201 (the test reads it)


async def add(outbox: SqliteOutbox, at_once: int) -> None:
    """Add messages without end, and tell the id of each that is acknowledged."""

    async def caller() -> None:
        while True:
            given = record()
            await outbox.add(given)
            say(given.message.id)

    await asyncio.gather(*(caller() for _ in range(at_once)))


async def add_limited(outbox: SqliteOutbox, many: int, most: int) -> None:
    """Add messages at once against a limit, and tell how many were let through."""
    await outbox.get("nothing")
    say("ready")
    await asyncio.to_thread(sys.stdin.readline)
    take = Take("c", Sliding(timedelta(minutes=1)), most)
    additions = await asyncio.gather(
        *(outbox.add(record(), (take,)) for _ in range(many))
    )
    say(sum(not addition.refused for addition in additions))


async def claim(outbox: SqliteOutbox) -> None:
    """Claim and close everything, a few at a time, and tell the id of each."""
    while claims := await outbox.claim(LEASE, NOON, 7):
        for one in claims:
            await outbox.change(one.record.message.id, _closed, one.epoch)
            say(one.record.message.id)


def _closed(given: Record) -> Record:
    return given.moved((), Status.EXPIRED, final=True)


async def die(outbox: SqliteOutbox, step: str) -> None:
    """Claim a message, and end like the power at a step of its run."""
    (claimed,) = await outbox.claim(LEASE, NOON, 1)
    message = claimed.record.message.id
    if step != "claimed":
        await outbox.change(message, submitting, claimed.epoch)
    if step == "answered":
        answer = begun(provider_id="v1")
        await outbox.change(message, lambda r: r.with_attempt(answer), claimed.epoch)
    say("ready")
    await asyncio.sleep(60)


async def hold(outbox: SqliteOutbox) -> None:
    """Claim a message by the name that workers have, and keep it."""
    await outbox.claim(OWN, NOON, 1)
    say("ready")
    await asyncio.sleep(60)


async def fork(outbox: SqliteOutbox) -> None:
    """Use the outbox, fork, and use it again on both sides."""
    await outbox.add(record())
    child = os.fork()
    if child == 0:
        asyncio.set_event_loop(None)
        asyncio._set_running_loop(None)
        asyncio.run(_use(outbox))
        os._exit(0)
    _, status = os.waitpid(child, 0)  # noqa: ASYNC222 (nothing else runs)
    await _use(outbox)
    say(status)


async def _use(outbox: SqliteOutbox) -> None:
    given = record()
    await outbox.add(given)
    assert await outbox.get(given.message.id) == given


DEEDS: Mapping[str, Callable[..., Awaitable[None]]] = {
    "add": add,
    "add_limited": add_limited,
    "claim": claim,
    "die": die,
    "fork": fork,
    "hold": hold,
}


async def main(deed: str, path: str, *arguments: str) -> None:
    outbox = SqliteOutbox(path, KEY)
    given = [int(a) if a.isdecimal() else a for a in arguments]
    await DEEDS[deed](outbox, *given)
    await outbox.aclose()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
