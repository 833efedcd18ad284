"""One GET request: Twilio tells the balance to nothing else, `HttpClient` only posts.

Asking twice does no harm, so nothing is noted here of what was written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import aiohttp
from yarl import URL

from notify_core.http import MAX_BODY, HttpClient, HttpResponse, RequestLost, Timeouts


async def get(
    http: HttpClient, url: URL, *, headers: Mapping[str, str], timeouts: Timeouts
) -> HttpResponse:
    """Ask once and read the whole answer.

    Raises:
        RequestLost: None came.
    """
    seconds = timeouts.connect + timeouts.read
    try:
        async with asyncio.timeout(seconds):
            return await _exchange(http._session, url, headers)
    except TimeoutError:
        why = f"no whole answer within {seconds:g} s"
    except (aiohttp.ClientError, OSError, ValueError) as error:
        why = f"the connection or the answer broke ({type(error).__name__})"
    # Raised here and without a cause: aiohttp's errors show the URL.
    raise RequestLost(written=False, why=why)


async def _exchange(
    session: aiohttp.ClientSession, url: URL, headers: Mapping[str, str]
) -> HttpResponse:
    async with session.get(
        url, headers=headers, allow_redirects=False, raise_for_status=False
    ) as response:
        body = bytearray()
        while piece := await response.content.readany():
            body += piece
            if len(body) > MAX_BODY:
                raise ValueError("too long")
        return HttpResponse(
            status=response.status, headers=response.headers, body=bytes(body)
        )
