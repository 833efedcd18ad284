"""What other processes do to an outbox in a database: `main(DEED, URL, ARGUMENTS)`.

Each prints one line as soon as it is ready, and one for each thing that is done.
"""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from notify_core.outbox.postgres import PostgresOutbox
from notify_core.policy.take import Sliding, Take
from notify_core.testing.outbox.subject import message, record
from tests.outbox.process import DEEDS, KEY, say

Process = subprocess.Popen[str]

_ROOT = Path(__file__).parents[2]
#: The checkout goes last: the core that is installed is the one that is tested.
_SCRIPT = f"""
import asyncio, sys
sys.path.append({str(_ROOT)!r})
from {{module}} import main
asyncio.run(main(*sys.argv[1:]))
"""


@contextmanager
def process(
    deed: str, url: str, *arguments: str, module: str = __name__
) -> Iterator[Process]:
    """Run a deed of a module in another process, which is killed in the end."""
    script = _SCRIPT.format(module=module)
    command = [sys.executable, "-c", script, deed, url, *arguments]
    with subprocess.Popen(  # noqa: S603 (our own script)
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def line(running: Process) -> str:
    assert running.stdout is not None
    return running.stdout.readline().strip()


def lines(running: Process) -> list[str]:
    assert running.stdout is not None
    return running.stdout.read().split()


def go(running: Process) -> None:
    assert running.stdin is not None
    running.stdin.write("go\n")
    running.stdin.flush()


async def add_same(outbox: PostgresOutbox, many: int) -> None:
    """Add messages of one idempotency key at once, and tell how many were recorded."""
    await outbox.get("nothing")
    say("ready")
    await asyncio.to_thread(sys.stdin.readline)
    additions = await asyncio.gather(
        *(outbox.add(record(message(idempotency_key="k"))) for _ in range(many))
    )
    say(sum(addition.known is None for addition in additions))


async def add_crosswise(outbox: PostgresOutbox, many: int, turned: str) -> None:
    """Add messages that take from many counters, and tell how many were recorded."""
    await outbox.get("nothing")
    say("ready")
    await asyncio.to_thread(sys.stdin.readline)
    minute = Sliding(timedelta(minutes=1))
    takes = [Take(f"c{n}", minute, 10_000) for n in range(20)]
    if turned == "turned":
        takes.reverse()
    recorded = 0
    for n in range(many):
        own = (takes[n % 20], takes[(n + 7) % 20], takes[(n + 3) % 20])
        addition = await outbox.add(record(), own)
        recorded += not addition.refused
    say(recorded)


OWN_DEEDS: Mapping[str, Callable[..., Awaitable[None]]] = {
    **DEEDS,
    "add_same": add_same,
    "add_crosswise": add_crosswise,
}


async def main(deed: str, url: str, *arguments: str) -> None:
    outbox = PostgresOutbox(url, KEY)
    given = [int(a) if a.isdecimal() else a for a in arguments]
    await OWN_DEEDS[deed](outbox, *given)
    await outbox.aclose()
