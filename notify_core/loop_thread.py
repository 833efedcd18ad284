"""An event loop on a thread of its own, for code that has none."""

from __future__ import annotations

import asyncio
import ctypes
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar
from weakref import WeakSet

T = TypeVar("T")


class LoopThread:
    """An event loop that a daemon thread runs, in the process that made it.

    Args:
        name: The thread's name.
        holds: What lives on the loop; see `_keep_inherited`.
    """

    def __init__(self, name: str, holds: object) -> None:
        self._pid = os.getpid()
        self._holds = holds
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=_run, args=(self._loop,), name=name, daemon=True
        )
        self._thread.start()
        _threads.add(self)

    @property
    def is_here(self) -> bool:
        """Whether it runs in this process; in a forked child it does not."""
        return self._pid == os.getpid()

    def call(self, call: Coroutine[Any, Any, T], seconds: float | None = None) -> T:
        """Run a coroutine on the loop and wait for what it returns.

        Raises:
            TimeoutError: That took more than *seconds*; it is cancelled.
        """
        running = asyncio.run_coroutine_threadsafe(call, self._loop)
        try:
            return running.result(seconds)
        except BaseException:
            running.cancel()
            raise

    def stop(self, seconds: float | None = None) -> None:
        """End the thread; one that is blocked for more than *seconds* is left alone."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(seconds)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()


_threads: WeakSet[LoopThread] = WeakSet()


def _keep_inherited() -> None:
    """Keep in a forked child what is the parent's, beyond the end of the interpreter.

    Collected there, it would close the parent's connections and take them off the
    watch list of the kernel, which the two processes share. No reference from Python
    outlives the interpreter, so one is counted that nobody has.
    """
    for thread in list(_threads):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(thread))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_keep_inherited)
