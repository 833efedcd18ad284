"""The same front door for code without an event loop: Django, Flask, scripts."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar, Unpack
from weakref import WeakSet

import pluggy

from notify_core.errors import NotifyError
from notify_core.metrics import Metrics
from notify_core.model.message import Message
from notify_core.model.receipt import Balance
from notify_core.model.result import Result
from notify_core.model.webhook import WebhookReply, WebhookRequest
from notify_core.notifier import Notifier, Options

T = TypeVar("T")

#: Seconds that a call may take when it names no time of its own.
CALL_SECONDS = 120.0
#: Seconds more, for the loop to say that the time is up.
GRACE_SECONDS = 5.0


class CallTimeout(NotifyError, TimeoutError):
    """A call took longer than it was given."""


class SyncNotifier:
    """A `Notifier` on an event loop and a thread of its own.

    Safe to call from several threads. After a fork (gunicorn with preload, Celery's
    prefork) the child gets a loop, a thread and connections of its own at its first
    call. Use it as a context manager, or call `close()`.

    Args:
        make: Makes the notifier, once in each process.
    """

    def __init__(self, make: Callable[[], Notifier]) -> None:
        self._make = make
        # By process: a lock that another thread held at the fork stays locked.
        self._locks: dict[int, threading.Lock] = {}
        self._home: _Home | None = None

    @classmethod
    def from_config(
        cls,
        source: str | Path | Mapping[str, Any],
        *,
        host: pluggy.PluginManager | None = None,
        plugins: Mapping[str, object] | None = None,
        metrics: Metrics | None = None,
        **options: Unpack[Options],
    ) -> SyncNotifier:
        """Make it from a configuration, as `Notifier.from_config` does.

        Raises:
            ConfigurationError: It cannot be used; carries every problem.
        """
        first = Notifier.from_config(
            source, host=host, plugins=plugins, metrics=metrics, **options
        )
        return cls(
            lambda: Notifier(
                first.snapshot,
                plugins=first.plugins,
                metrics=first.metrics,
                **options,
            )
        )

    def __enter__(self) -> Self:
        self._at_home()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> tuple[str, ...]:
        """Stop the loop and return the ids of messages left unsettled."""
        home, self._home = self._home, None
        if home is None or home.pid != os.getpid():
            return ()
        return home.close()

    def send(
        self,
        message: Message,
        *,
        wait_for: Literal["delivered"] | None = None,
        timeout: float = CALL_SECONDS,
    ) -> Result:
        """Send a message and return what became of it, as `Notifier.send` does.

        When *timeout* seconds have passed, the sending is cancelled and the result
        says what is known: `canceled`, or `submit_unknown` when it was written.
        """
        home = self._at_home()
        return home.call(lambda n: _send(n, message, wait_for, timeout), timeout)

    def get(self, message: str, *, timeout: float = CALL_SECONDS) -> Result | None:
        """Return what is known of a message by its id; None when nothing is."""
        return self._call(lambda n: n.get(message), timeout)

    def balance(self, provider: str, *, timeout: float = CALL_SECONDS) -> Balance:
        """Ask a provider what is left, as `Notifier.balance` does."""
        return self._call(lambda n: n.balance(provider), timeout)

    def receive(
        self,
        provider: str,
        request: WebhookRequest,
        *,
        timeout: float = CALL_SECONDS,
    ) -> WebhookReply:
        """Take a vendor's push and return the answer to give."""
        return self._call(lambda n: n.receive(provider, request), timeout)

    def _call(
        self, call: Callable[[Notifier], Coroutine[Any, Any, T]], seconds: float
    ) -> T:
        return self._at_home().call(lambda n: _within(seconds, call(n)), seconds)

    def _at_home(self) -> _Home:
        """Return this process's loop and notifier, made at the first call."""
        _refuse_running_loop()
        pid = os.getpid()
        with self._locks.setdefault(pid, threading.Lock()):
            if self._home is None or self._home.pid != pid:
                self._home = _Home(self._make())
            return self._home


class _Home:
    """A thread with an event loop, and a notifier that lives on it."""

    def __init__(self, notifier: Notifier) -> None:
        self.pid = os.getpid()
        self._notifier = notifier
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="notify-core", daemon=True
        )
        self._thread.start()
        _homes.add(self)
        try:
            self.call(lambda n: n.__aenter__(), CALL_SECONDS)
        except BaseException:
            self._stop()
            raise

    def call(
        self, call: Callable[[Notifier], Coroutine[Any, Any, T]], seconds: float
    ) -> T:
        """Run a coroutine on the loop and wait for what it returns."""
        running = asyncio.run_coroutine_threadsafe(call(self._notifier), self._loop)
        try:
            return running.result(seconds + GRACE_SECONDS)
        except TimeoutError as error:
            running.cancel()
            raise CallTimeout(f"no answer within {seconds:g} s") from error
        except BaseException:
            running.cancel()
            raise

    def close(self) -> tuple[str, ...]:
        """Close the notifier, then the loop; calls under way are cancelled."""
        try:
            return self.call(_closed, CALL_SECONDS)
        finally:
            self._stop()

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


_homes: WeakSet[_Home] = WeakSet()
_inherited: list[_Home] = []


def _keep_inherited() -> None:
    """Keep in a forked child what is the parent's.

    Collected there, it would close the parent's connections and take them off the
    watch list of the kernel, which the two processes share.
    """
    _inherited.extend(_homes)


if sys.platform != "win32":
    os.register_at_fork(after_in_child=_keep_inherited)


async def _within(seconds: float, call: Coroutine[Any, Any, T]) -> T:
    async with asyncio.timeout(seconds):
        return await call


async def _closed(notifier: Notifier) -> tuple[str, ...]:
    unsettled = await notifier.aclose()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    return unsettled


async def _send(
    notifier: Notifier,
    message: Message,
    wait_for: Literal["delivered"] | None,
    seconds: float,
) -> Result:
    """Send within the time; the wait for a receipt has what is left of it."""
    end = asyncio.get_running_loop().time() + seconds
    try:
        async with asyncio.timeout_at(end):
            result = await notifier.send(message)
    except TimeoutError:
        known = await notifier.get(message.id)
        if known is None:
            raise
        return known
    if wait_for is None:
        return result
    left = end - asyncio.get_running_loop().time()
    return await notifier.wait(result.id, timeout=left) or result


def _refuse_running_loop() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RuntimeError(
        "this thread runs an event loop, which the call would block: "
        "use `async with Notifier.from_config(…)` and `await notifier.send(…)`"
    )
