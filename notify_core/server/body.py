"""Reads bodies: so large, so long, and in the right format."""

from __future__ import annotations

import asyncio
from typing import Any

import attrs
import msgspec
from aiohttp import ClientError, web
from aiohttp.http_exceptions import HttpProcessingError

from notify_core.config.server import ServerLimits
from notify_core.server.problem import Kind, Refused

JSON = "application/json"
#: What those who write lines of JSON call it.
NDJSON = ("application/x-ndjson", "application/ndjson", "application/jsonl")


@attrs.frozen
class Bodies:
    """Reads the bodies of requests within limits."""

    limits: ServerLimits

    async def json(self, request: web.Request) -> Any:
        """Return what a body of JSON says.

        Raises:
            Refused: It is none, too large, or too slow.
        """
        if request.content_type != JSON:
            raise Refused(Kind.UNSUPPORTED_MEDIA_TYPE, _not_in(request, JSON))
        return decoded(await self.read(request))

    async def read(self, request: web.Request) -> bytes:
        """Return a body.

        Raises:
            Refused: It is too large, too slow, broken off, or encoded.
        """
        check_encoding(request)
        if (request.content_length or 0) > self.limits.body:
            raise self._too_large()
        if request.content.is_eof():
            return request.content.read_nowait()  # it has come with the head
        try:
            async with asyncio.timeout(self.limits.patience):
                return await self._all(request)
        except TimeoutError:
            why = f"the body took longer than {self.limits.patience:g} s"
            raise Refused(Kind.TOO_SLOW, why) from None
        except (ClientError, HttpProcessingError, web.RequestPayloadError):
            raise Refused(Kind.MALFORMED, "the body broke off") from None

    async def _all(self, request: web.Request) -> bytes:
        whole = bytearray()
        while chunk := await request.content.readany():
            whole += chunk
            if len(whole) > self.limits.body:
                raise self._too_large()
        return bytes(whole)

    def _too_large(self) -> Refused:
        why = f"at most {self.limits.body} bytes; NDJSON may be of any size"
        return Refused(Kind.TOO_LARGE, why)


def check_encoding(request: web.Request) -> None:
    """Refuse a compressed body: how large it is, nobody knows before.

    Raises:
        Refused: It is compressed.
    """
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Refused(Kind.UNSUPPORTED_MEDIA_TYPE, "send the body uncompressed")


def decoded(body: bytes) -> Any:
    """Return what JSON says.

    Raises:
        Refused: It is none, or nested too deep.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise Refused(Kind.MALFORMED, f"the body is no JSON: {error}") from None


def _not_in(request: web.Request, *wanted: str) -> str:
    return f"send {' or '.join(wanted)}, not {request.content_type}"
