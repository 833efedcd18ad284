"""Long work beside the event loop."""

import asyncio
import threading
import time

import pytest

from notify_core.aside import REST, WORK, aside, breathe


def busy(seconds: float) -> str:
    """Work for so long, in small steps."""
    ends = time.perf_counter() + seconds
    while time.perf_counter() < ends:
        breathe()
    return threading.current_thread().name


async def test_work_is_done_on_another_thread_and_its_value_returned() -> None:
    name = await aside(busy, 0.001)

    assert name != threading.current_thread().name


async def test_what_work_raises_comes_out() -> None:
    def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await aside(fail)


async def test_work_leaves_the_event_loop_most_of_the_time() -> None:
    turns = 0
    working = asyncio.create_task(aside(busy, 0.1))
    while not working.done():
        await asyncio.sleep(0)
        turns += 1

    # A busy thread would let the loop turn once in 5 ms: 20 times.
    assert turns > 5 * 20
    assert REST >= WORK


def test_work_that_was_not_put_aside_never_rests() -> None:
    started = time.thread_time(), time.perf_counter()

    for _ in range(1000):
        breathe()

    cpu, wall = time.thread_time() - started[0], time.perf_counter() - started[1]
    assert wall - cpu < REST * 100
