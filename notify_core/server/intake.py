"""Takes messages in: enqueued where a store keeps them, else sent at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence

import attrs

from notify_core.errors import InvalidMessage, NotifyError, Problem
from notify_core.model.message import Message
from notify_core.model.result import Result
from notify_core.model.validity import MOST_KEY
from notify_core.notifier import Notifier
from notify_core.server.gathering import Gathering
from notify_core.server.problem import Refused, refused

#: Messages of one request that are sent at the same time, without a store.
AT_ONCE = 64


class Intake:
    """Takes messages of callers."""

    def __init__(self, notifier: Notifier) -> None:
        self.notifier = notifier
        self._gathering = Gathering(notifier)

    def take(self, message: Message) -> Awaitable[Result]:
        """Enqueue a message; without a durable store, send it.

        Raises:
            NotifyError: It cannot be; nothing was recorded.
        """
        if self.notifier.durable:
            return self._gathering.enqueue(message)
        return self.notifier.send(message)

    async def take_all(
        self, messages: Sequence[Message | Refused]
    ) -> list[Result | Refused]:
        """Take many messages; what is refused already keeps its place."""
        good = [message for message in messages if isinstance(message, Message)]
        taken = iter(await self._taken(good))
        return [
            _told(next(taken)) if isinstance(message, Message) else message
            for message in messages
        ]

    async def _taken(self, messages: list[Message]) -> list[Result | NotifyError]:
        if self.notifier.durable:
            try:
                return await self.notifier.enqueue_all(messages)
            except NotifyError as error:
                return [error for _ in messages]
        turns = asyncio.Semaphore(AT_ONCE)

        async def send(message: Message) -> Result | NotifyError:
            async with turns:
                try:
                    return await self.notifier.send(message)
                except NotifyError as error:
                    return error

        return await asyncio.gather(*map(send, messages))


def _told(taken: Result | NotifyError) -> Result | Refused:
    return taken if isinstance(taken, Result) else refused(taken)


def of_caller(message: Message, caller: str, header: str | None = None) -> Message:
    """Return a message whose idempotency key is the caller's own.

    Args:
        message: As the caller wrote it.
        caller: Name of the key that was shown.
        header: The header `Idempotency-Key`.

    Raises:
        InvalidMessage: The key is too long, or the header says another one.
    """
    key = message.idempotency_key
    if header is not None:
        if key is not None and key != header:
            raise _faulty_key("is another one than the header's: leave one out")
        key = header
    if key is None:
        return message
    most = MOST_KEY - len(caller) - 1
    if not 0 < len(key) <= most:
        raise _faulty_key(f"has {len(key)} characters: write 1 to {most}")
    return attrs.evolve(message, idempotency_key=f"{caller}:{key}")


def _faulty_key(why: str) -> InvalidMessage:
    return InvalidMessage([Problem(pointer="/idempotency_key", message=why)])
