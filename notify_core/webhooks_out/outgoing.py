"""Turns events into messages to endpoints, behind everything else."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from notify_core.clock import Clock
from notify_core.config.events import EventTarget, has_endpoint
from notify_core.config.snapshot import Snapshot
from notify_core.errors import NotifyError, StoreUnavailable
from notify_core.model.event import EVENT_TYPES, Event
from notify_core.model.message import Message
from notify_core.plugins import Plugins
from notify_core.webhooks_out.envelope import (
    Happened,
    is_of_event,
    message_of,
    vendor_options,
)

#: Events that wait to be passed on; more than these are dropped.
MOST_WAITING = 10_000
#: Events that are passed on in one step.
_AT_ONCE = 100
#: Seconds between two tries when the outbox is away.
_PAUSE = 1.0
#: Seconds that closing takes at most.
GRACE = 5.0

log = logging.getLogger("notify_core.webhooks_out")


#: Takes messages; for each what came of it, or its error.
PassOn = Callable[[Sequence[Message]], Awaitable[Sequence[object]]]


class Outgoing:
    """Watches events and passes them on as messages, until it is closed.

    Events of these messages themselves are not passed on, nor those about a provider
    to the endpoints that it sends to.

    Args:
        plugins: Where events are told.
        pass_on: Records messages for a worker; without a durable outbox, sends them.
        clock: Where the time comes from.
        grace: Seconds that closing takes at most.

    Attributes:
        dropped: Events that nobody was told of.
    """

    def __init__(
        self, plugins: Plugins, pass_on: PassOn, clock: Clock, *, grace: float = GRACE
    ) -> None:
        self._plugins = plugins
        self._pass_on = pass_on
        self._clock = clock
        self._grace = grace
        self._waiting: deque[Happened] = deque()
        self._news = asyncio.Event()
        self._done = asyncio.Event()
        self._targets: tuple[_Reached, ...] = ()
        self._unwatch: Callable[[], None] = _nothing
        self._task: asyncio.Task[None] | None = None
        self.dropped = 0

    def configure(self, snapshot: Snapshot) -> None:
        """Tell the endpoints of a configuration from now on."""
        self._unwatch()
        self._unwatch = _nothing
        self._targets = tuple(_Reached.of(t, snapshot) for t in snapshot.events)
        wanted = {name for target in snapshot.events for name in target.types}
        if wanted:
            types = [cls for cls, name in EVENT_TYPES.items() if name in wanted]
            self._unwatch = self._plugins.watch("webhooks_out", self._observe, types)
            self._start()

    async def aclose(self) -> None:
        """Pass on what waits, if that is possible now, and end."""
        self._unwatch()
        if self._task is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._grace):
                await self._done.wait()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if lost := len(self._waiting) + self.dropped:
            log.warning("closed; endpoints were not told of %d events", lost)

    def _start(self) -> None:
        if self._task is None:
            self._done.set()
            loop = asyncio.get_running_loop()
            self._task = loop.create_task(self._run(), name="notify-webhooks-out")

    def _observe(self, event: Event) -> None:
        if is_of_event(event):
            return
        if len(self._waiting) >= MOST_WAITING:
            if not self.dropped:
                log.warning(
                    "%d events wait to be passed on: more are dropped", MOST_WAITING
                )
            self.dropped += 1
            return
        self._waiting.append(Happened(event, self._clock.now()))
        self._done.clear()
        self._news.set()

    async def _run(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._waiting:
                await self._step()
            self._done.set()

    async def _step(self) -> None:
        """Pass on the oldest events; they wait on while the outbox is away."""
        count = min(_AT_ONCE, len(self._waiting))
        happened = [self._waiting[n] for n in range(count)]
        try:
            await self._tell(happened)
        except StoreUnavailable as error:
            log.warning("events wait to be passed on: %s", error)
            await self._clock.sleep(_PAUSE)
            return
        except Exception as error:  # noqa: BLE001 (what cannot be told must not stop the rest)
            self.dropped += count
            log.error("%d events are not passed on: %s", count, type(error).__name__)  # noqa: TRY400 (its text may show the event)
        for _ in range(count):
            self._waiting.popleft()

    async def _tell(self, happened: Sequence[Happened]) -> None:
        messages = [m for one in happened for m in self._messages(one)]
        told = await self._pass_on(messages) if messages else ()
        for message, what in zip(messages, told, strict=True):
            if isinstance(what, Exception):
                why = what if isinstance(what, NotifyError) else type(what).__name__
                log.warning("endpoint %s is not told of an event: %s", message.to, why)

    def _messages(self, happened: Happened) -> Iterator[Message]:
        targets = [t for t in self._targets if t.wants(happened.event)]
        document = happened.document if targets else ""
        for reached in targets:
            yield message_of(document, reached.target, reached.extra)


@attrs.frozen(kw_only=True)
class _Reached:
    """A target, and by whom it is reached."""

    target: EventTarget
    #: The providers that have its endpoint.
    providers: frozenset[str]
    extra: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, target: EventTarget, snapshot: Snapshot) -> _Reached:
        """Look up who reaches a target."""
        providers = snapshot.providers.values()
        having = (p.name for p in providers if has_endpoint(p, target.to))
        return cls(
            target=target,
            providers=frozenset(having),
            extra=vendor_options(snapshot),
        )

    def wants(self, event: Event) -> bool:
        """Tell whether it is to be told of an event."""
        if EVENT_TYPES[type(event)] not in self.target.types:
            return False
        about = getattr(event, "provider", None)
        is_about_message = getattr(event, "message", None) is not None
        return is_about_message or about not in self.providers


def _nothing() -> None:
    """Watch nothing."""
