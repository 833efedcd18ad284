"""Messages: sent, looked at, listed, cancelled, replayed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import TypeVar

from aiohttp import web

from notify_core.errors import StoreUnavailable
from notify_core.model.message import Message
from notify_core.model.result import Result
from notify_core.model.status import Status
from notify_core.server.answer import answer
from notify_core.server.body import NDJSON
from notify_core.server.bulk import Bulk
from notify_core.server.endpoint import Endpoint
from notify_core.server.history import history
from notify_core.server.intake import Intake, of_caller
from notify_core.server.keys import ApiKey, Scope
from notify_core.server.problem import Kind, Refused
from notify_core.server.service import Service
from notify_core.wire import message_from_builtins
from notify_core.wire.misfit import shown

T = TypeVar("T")

_PATH = "/v1/messages"
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?([0-9]{1,4})(?![0-9])")
_MINIMAL = re.compile(r"(?:^|[,;\s])return\s*=\s*\"?minimal(?![\w-])")
#: Seconds that a caller may wait for the outcome of a message.
LONGEST_WAIT = 60
#: Seconds until it is looked again whether a message is recorded.
_SOON = 0.02


class Messages:
    """Everything under `/v1/messages`."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._notifier = service.notifier
        self._intake = Intake(service.notifier)
        self._bulk = Bulk(service, self._intake)

    def endpoints(self) -> Iterator[Endpoint]:
        """Yield what there is."""
        one = f"{_PATH}/{{id}}"
        yield Endpoint("POST", _PATH, self.post, Scope.SEND)
        yield Endpoint("GET", one, self.show, Scope.READ)
        yield Endpoint("POST", f"{one}/cancel", self.cancel, Scope.SEND)
        yield Endpoint("POST", f"{one}/replay", self.replay, Scope.ADMIN)

    async def post(self, request: web.Request, key: ApiKey) -> web.StreamResponse:
        """Take one message, an array of them, or lines of them."""
        if self._service.is_closing:
            why = "ask another one, or again in a moment"
            raise Refused(Kind.CLOSING, why, headers={"Retry-After": "1"})
        header = _idempotency_key(request)
        if request.content_type in NDJSON:
            _check_single(header)
            brief = _MINIMAL.search(_prefer(request)) is not None
            return await self._bulk.stream(request, key.name, brief=brief)
        body = await self._service.bodies.json(request)
        if isinstance(body, list):
            _check_single(header)
            return await self._bulk.array(body, key.name)
        message = of_caller(message_from_builtins(body), key.name, header)
        return await self._one(request, message)

    async def _one(self, request: web.Request, message: Message) -> web.Response:
        wait = _wait(request)
        if wait is None or not self._notifier.durable:
            result = await self._intake.take(message)
        else:
            result = await self._sent(message, wait)
        taken = result.status not in _OPEN
        headers = _location(request, result)
        if wait is not None:
            headers["Preference-Applied"] = f"wait={wait}"
        return answer(result, 200 if taken else 202, headers)

    async def _sent(self, message: Message, wait: int) -> Result:
        """Send a message; after a while the caller goes, and the sending goes on."""
        sending = self._service.start(self._notifier.send(message))
        await asyncio.wait([sending], timeout=wait)
        while not sending.done():
            if (known := await self._recorded(message.id)) is not None:
                return known
            # Nobody may go before it is recorded.
            await asyncio.wait([sending], timeout=_SOON)
        result: Result = sending.result()
        return result

    async def _recorded(self, identifier: str) -> Result | None:
        try:
            return await self._notifier.get(identifier)
        except StoreUnavailable:
            return None  # then the sending alone can tell

    async def show(self, request: web.Request, key: ApiKey) -> web.Response:
        """Tell what is known of a message."""
        identifier = request.match_info["id"]
        record = await self._notifier.record(identifier)
        return answer(history(_known(record, identifier)))

    async def cancel(self, request: web.Request, key: ApiKey) -> web.Response:
        """Cancel a message of which nothing was written yet."""
        identifier = request.match_info["id"]
        return answer(_known(await self._notifier.cancel(identifier), identifier))

    async def replay(self, request: web.Request, key: ApiKey) -> web.Response:
        """Send a message again that ended unsent, as a message of its own."""
        if not self._notifier.durable:
            why = "messages are kept in memory: set outbox.url"
            raise Refused(Kind.INVALID_REQUEST, why)
        identifier = request.match_info["id"]
        result = _known(await self._notifier.replay(identifier), identifier)
        is_new = result.id != identifier
        return answer(result, 202 if is_new else 200, _location(request, result))


#: Something is still done about the message, and no provider has it.
_OPEN = frozenset({Status.CREATED, Status.DEFERRED, Status.SUBMITTING})


def _known(found: T | None, identifier: str) -> T:
    if found is None:
        why = f"nothing is known of a message {shown(identifier)!r}"
        raise Refused(Kind.NOT_FOUND, why)
    return found


def _location(request: web.Request, result: Result) -> dict[str, str]:
    above = request.path.partition(_PATH)[0]  # where the host has mounted us
    return {"Location": f"{above}{_PATH}/{result.id}"}


def _idempotency_key(request: web.Request) -> str | None:
    """Return the header; it may be in quotes, as structured fields are."""
    given = request.headers.get("Idempotency-Key")
    return None if given is None else given.strip().strip('"')


def _check_single(header: str | None) -> None:
    if header is not None:
        why = "a key for many messages: give each its own `idempotency_key`"
        raise Refused(Kind.MALFORMED, why)


def _prefer(request: web.Request) -> str:
    return ",".join(request.headers.getall("Prefer", ()))


def _wait(request: web.Request) -> int | None:
    """Return the seconds of `Prefer: wait=N`; None: there is none."""
    found = _WAIT.search(_prefer(request))
    return None if found is None else min(int(found[1]), LONGEST_WAIT)
