"""The same front door for code without an event loop: Django, Flask, scripts."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Coroutine, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar, Unpack
from weakref import finalize

import pluggy

from notify_core.config.read import Source
from notify_core.config.snapshot import Snapshot
from notify_core.errors import CallTimeout, NotifyError
from notify_core.loop_thread import LoopThread
from notify_core.metrics import Metrics
from notify_core.model.message import Message
from notify_core.model.receipt import Balance
from notify_core.model.result import Result
from notify_core.model.webhook import WebhookReply, WebhookRequest
from notify_core.notifier import Notifier, Options
from notify_core.sync_operations import CALL_SECONDS, SyncOperations

T = TypeVar("T")

#: Seconds more, for the loop to say that the time is up.
GRACE_SECONDS = 5.0
#: Seconds that closing may take when nobody asked for it: at the end of the program.
EXIT_SECONDS = 5.0

log = logging.getLogger("notify_core.sync")


class SyncNotifier(SyncOperations):
    """A `Notifier` on an event loop and a thread of its own.

    Safe to call from several threads. After a fork (gunicorn with preload, Celery's
    prefork) the child gets a loop, a thread and connections of its own at its first
    call. Use it as a context manager, or call `close()`. One that is still open when
    the program ends, or when nobody has it any more, is closed then.

    Args:
        make: Makes the notifier, once in each process.
    """

    def __init__(self, make: Callable[[], Notifier]) -> None:
        self._make = make
        # By process: a lock that another thread held at the fork stays locked.
        self._locks: dict[int, threading.Lock] = {}
        self._home: _Home | None = None
        self._closing: finalize[[], SyncNotifier] | None = None
        self._is_closed = False
        #: What the last reload took over: children and later openings begin with it.
        self._reloaded: Snapshot | None = None

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
        self._is_closed = False
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
        """Stop the loop and return the ids of messages left unsettled.

        From then on calls raise `RuntimeError`. Entered again with `with`, it opens
        again; what an outbox in memory knew is forgotten.
        """
        with self._lock():
            home, self._home, self._is_closed = self._home, None, True
            if self._closing is not None:
                self._closing.detach()
        if home is None or not home.is_here:
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

    def enqueue(self, message: Message, *, timeout: float = CALL_SECONDS) -> Result:
        """Record a message for a worker, as `Notifier.enqueue` does."""
        return self._call(lambda n: n.enqueue(message), timeout)

    def enqueue_all(
        self, messages: Iterable[Message], *, timeout: float = CALL_SECONDS
    ) -> list[Result | NotifyError]:
        """Record many messages for a worker, as `Notifier.enqueue_all` does."""
        return self._call(lambda n: n.enqueue_all(messages), timeout)

    def cancel(self, message: str, *, timeout: float = CALL_SECONDS) -> Result | None:
        """Withdraw a message of which nothing was submitted yet."""
        return self._call(lambda n: n.cancel(message), timeout)

    def get(self, message: str, *, timeout: float = CALL_SECONDS) -> Result | None:
        """Return what is known of a message by its id; None when nothing is."""
        return self._call(lambda n: n.get(message), timeout)

    def wait(self, message: str, *, timeout: float = CALL_SECONDS) -> Result | None:
        """Wait until a message is delivered or final, as `Notifier.wait` does."""
        home = self._at_home()
        return home.call(lambda n: n.wait(message, timeout=timeout), timeout)

    def reload(
        self, source: Source | None = None, *, timeout: float = CALL_SECONDS
    ) -> Snapshot:
        """Take over a changed configuration whole, as `Notifier.reload` does.

        It holds in this process, in those that fork from it later, and after the
        notifier was closed and opened again.

        Raises:
            ConfigurationError: It cannot be used; nothing has changed.
        """
        self._reloaded = self._call(lambda n: n.reload(source), timeout)
        return self._reloaded

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
        with self._lock():
            if self._is_closed:
                raise RuntimeError("the notifier is closed: use `with notifier:` again")
            if self._home is None or not self._home.is_here:
                self._home = home = _Home(self._made())
                self._closing = finalize(self, home.close_late)
            return self._home

    def _made(self) -> Notifier:
        notifier = self._make()
        if self._reloaded is not None:
            notifier.snapshot = self._reloaded
        return notifier

    def _lock(self) -> threading.Lock:
        return self._locks.setdefault(os.getpid(), threading.Lock())


class _Home:
    """A thread with an event loop, and a notifier that lives on it."""

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier
        self._thread = LoopThread("notify-core", notifier)
        try:
            self.call(lambda n: n.__aenter__(), CALL_SECONDS)
        except BaseException:
            self._thread.stop(GRACE_SECONDS)
            raise

    @property
    def is_here(self) -> bool:
        """Whether this process made it."""
        return self._thread.is_here

    def call(
        self, call: Callable[[Notifier], Coroutine[Any, Any, T]], seconds: float
    ) -> T:
        """Run a coroutine on the loop and wait for what it returns."""
        try:
            return self._thread.call(call(self._notifier), seconds + GRACE_SECONDS)
        except TimeoutError as error:
            raise CallTimeout(f"no answer within {seconds:g} s") from error

    def close(self, seconds: float = CALL_SECONDS) -> tuple[str, ...]:
        """Close the notifier, then the loop; calls under way are cancelled."""
        try:
            return self.call(_closed, seconds)
        finally:
            self._thread.stop(GRACE_SECONDS)

    def close_late(self) -> None:
        """Close it at the end of the process that made it; nothing is raised."""
        if not self.is_here:
            return
        try:
            self.close(EXIT_SECONDS)
        except Exception as error:  # noqa: BLE001 (nobody is left to raise it to)
            log.warning("not closed: %s", type(error).__name__)


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
    if wait_for is None or result.final:
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
