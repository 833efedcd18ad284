"""What both faces of a notifier do alike: made of the asynchronous one."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from notify_core.config.snapshot import ProviderSettings
from notify_core.notifier import Notifier
from notify_core.routing.health.rest import Rest

P = ParamSpec("P")
T = TypeVar("T")

#: Seconds that a call may take when it names no time of its own.
CALL_SECONDS = 120.0


def _blocking(
    operation: Callable[Concatenate[Notifier, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[SyncOperations, P], T]:
    """Return an operation of a notifier as one that blocks its caller."""

    @wraps(operation)
    def blocking(self: SyncOperations, /, *args: P.args, **options: P.kwargs) -> T:
        return self._call(lambda n: operation(n, *args, **options), CALL_SECONDS)

    return blocking


class SyncOperations:
    """The part of a `SyncNotifier` that says nothing of its own.

    Each does what the one of a `Notifier` does, within `CALL_SECONDS`.
    """

    replay = _blocking(Notifier.replay)
    explain = _blocking(Notifier.explain)
    suppress = _blocking(Notifier.suppress)
    unsuppress = _blocking(Notifier.unsuppress)
    suppressed = _blocking(Notifier.suppressed)
    messages = _blocking(Notifier.messages)
    record = _blocking(Notifier.record)
    dead_letters = _blocking(Notifier.dead_letters)
    inbound = _blocking(Notifier.inbound)
    counts = _blocking(Notifier.counts)
    oldest_age = _blocking(Notifier.oldest_age)
    pause = _blocking(Notifier.pause)
    resume = _blocking(Notifier.resume)
    paused = _blocking(Notifier.paused)
    forget = _blocking(Notifier.forget)

    @property
    def providers(self) -> Mapping[str, ProviderSettings]:
        """The configured providers by name, with what each can do."""
        return self._ask(lambda n: n.providers)

    @property
    def durable(self) -> bool:
        """Whether messages survive the process, so that they can be enqueued."""
        return self._ask(lambda n: n.durable)

    def rest(self, provider: str) -> Rest | None:
        """Return why a provider is left alone now, as `Notifier.rest` does."""
        return self._ask(lambda n: n.rest(provider))

    def _ask(self, question: Callable[[Notifier], T]) -> T:
        """Ask a notifier on its own thread."""

        async def answer(notifier: Notifier) -> T:
            return question(notifier)

        return self._call(answer, CALL_SECONDS)

    def _call(
        self, call: Callable[[Notifier], Coroutine[Any, Any, T]], seconds: float
    ) -> T:
        raise NotImplementedError
