"""Records single messages of many callers together: what comes while the store works.

Each step of the store costs a change of threads and a write to the disk, however many
messages are in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from notify_core.model.message import Message
from notify_core.model.result import Result
from notify_core.notifier import Notifier

#: Messages in one step.
MOST = 500

_Waiting = tuple[Message, asyncio.Future[Result]]


class Gathering:
    """Enqueues messages, one step of the store after another."""

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier
        self._waiting: list[_Waiting] = []
        self._work: asyncio.Task[None] | None = None

    def enqueue(self, message: Message) -> asyncio.Future[Result]:
        """Enqueue a message, with those that wait for the same step.

        Raises:
            NotifyError: It cannot be; nothing was recorded.
        """
        loop = asyncio.get_running_loop()
        taken: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((message, taken))
        if self._work is None:
            self._work = loop.create_task(self._enqueue_all())
        return taken

    async def _enqueue_all(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                _tell(batch, await self._outcomes([message for message, _ in batch]))
        finally:
            self._work = None

    async def _outcomes(
        self, messages: list[Message]
    ) -> Sequence[Result | BaseException]:
        try:
            return await self._notifier.enqueue_all(messages)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 (each caller is told what happened)
            return [error] * len(messages)


def _tell(batch: list[_Waiting], outcomes: Sequence[Result | BaseException]) -> None:
    for (_, taken), outcome in zip(batch, outcomes, strict=True):
        if taken.done():
            continue  # its caller has gone
        if isinstance(outcome, Result):
            taken.set_result(outcome)
        else:
            taken.set_exception(outcome)
