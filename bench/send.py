"""Sends per second through `Notifier.send`, against two bare aiohttp loops.

All three make the same request of the same stub: an ihuyi submission with a dynamic
password computed for each message, answered in JSON. The bare loops are

* plain: `data=dict`, `await response.json()`;
* tuned: the body encoded beforehand to bytes, no cookie jar, no time-out, a reused
  URL, msgspec for the answer.

Each round runs all three for the same number of messages, in turn; ratios are taken
within a round, and the median of the rounds is shown, since machines are noisy.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from hashlib import md5
from itertools import count
from statistics import median
from typing import Any
from urllib.parse import urlencode

import aiohttp
import attrs
import msgspec
from yarl import URL

from bench.language import configuration
from notify_core import Message, Notifier, Secret

CONCURRENCIES = (1, 16, 64, 256)
_ID, _KEY = "C00000000", "1q784322ba1d9bb88d50cf5cdfd89k7d"
_PATH = "/webservice/sms.php"

Send = Callable[[str], Awaitable[object]]


@attrs.frozen
class Speed:
    """One loop at one concurrency."""

    #: Messages a second.
    rate: float
    #: Microseconds of this process's CPU a message.
    cpu: float


def numbers() -> Iterator[str]:
    """Yield mainland numbers, none twice."""
    return (f"138{n:08d}" for n in count(10_000_000))


def _fields(mobile: str) -> dict[str, str]:
    now = str(int(time.time()))
    password = md5(f"{_ID}{_KEY}{mobile}1234{now}".encode())  # noqa: S324 (the vendor's)
    return {
        "account": _ID,
        "password": password.hexdigest(),
        "mobile": mobile,
        "content": "1234",
        "templateid": "1",
        "time": now,
        "format": "json",
    }


@asynccontextmanager
async def plain(base: str) -> AsyncIterator[Send]:
    """Give the loop that most programs have."""
    url = f"{base}{_PATH}?method=Submit"
    async with aiohttp.ClientSession() as session:

        async def send(mobile: str) -> object:
            async with session.post(url, data=_fields(mobile)) as response:
                return await response.json()

        yield send


@asynccontextmanager
async def tuned(base: str) -> AsyncIterator[Send]:
    """Give the fastest loop that aiohttp allows."""
    url = URL(f"{base}{_PATH}?method=Submit")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        headers=headers,
        skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
    ) as session:

        async def send(mobile: str) -> object:
            body = urlencode(_fields(mobile)).encode()
            async with session.post(url, data=body) as response:
                return msgspec.json.decode(await response.read())

        yield send


@asynccontextmanager
async def notify(base: str, **size: int) -> AsyncIterator[Send]:
    """Give `Notifier.send`: ihuyi, dynamic password, JSON, metrics on.

    Args:
        base: Where the stub is.
        size: `routes` and `policies` of the configuration.
    """
    async with Notifier.from_config(configuration(provider(base), **size)) as notifier:

        async def send(mobile: str) -> object:
            message = Message(
                to=f"+86{mobile}", template="login-code", params={"code": "1234"}
            )
            result = await notifier.send(message)
            if not result.ok:
                raise RuntimeError(result.explain())
            return result

        yield send


def provider(base: str) -> dict[str, Any]:
    """Return the provider that is measured, as the configuration has it."""
    settings = {
        "api_id": _ID,
        "api_key": Secret(_KEY),
        "base_url": base,
        "password": "dynamic",
        "format": "json",
    }
    return {"type": "ihuyi", "settings": settings}


#: `full` is `notify` with the whole language in use: 100 routes, 5 policies.
FULL = {"routes": 100, "policies": 5}
LOOPS = ("plain", "tuned", "notify", "full")


async def _measure(
    send: Send, mobiles: Iterator[str], many: int, at_once: int
) -> Speed:
    async def worker(share: int) -> None:
        for _ in range(share):
            await send(next(mobiles))

    started, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(worker(many // at_once) for _ in range(at_once)))
    done = many // at_once * at_once
    seconds, used = time.perf_counter() - started, time.process_time() - cpu
    return Speed(rate=done / seconds, cpu=used / done * 1e6)


async def run(base: str, many: int, rounds: int) -> dict[str, Any]:
    """Measure every loop at every concurrency and return the figures."""
    table = {}
    mobiles = numbers()
    async with (
        plain(base) as one,
        tuned(base) as other,
        notify(base, routes=0, policies=0) as ours,
        notify(base, **FULL) as full,
    ):
        sends = dict(zip(LOOPS, (one, other, ours, full), strict=True))
        for at_once in CONCURRENCIES:
            for send in sends.values():
                await _measure(send, mobiles, max(many // 10, at_once), at_once)
            table[str(at_once)] = _summary(
                [
                    {
                        name: await _measure(send, mobiles, many, at_once)
                        for name, send in sends.items()
                    }
                    for _ in range(rounds)
                ]
            )
    return {"messages": many, "rounds": rounds, "concurrency": table}


def _summary(rounds: list[dict[str, Speed]]) -> dict[str, Any]:
    return {
        "rate": {n: round(median(s[n].rate for s in rounds)) for n in LOOPS},
        "cpu_us": {n: round(median(s[n].cpu for s in rounds), 1) for n in LOOPS},
        "of_plain": _ratio(rounds, "notify", "plain"),
        "of_tuned": _ratio(rounds, "notify", "tuned"),
        "full_of_plain": _ratio(rounds, "full", "plain"),
        "full_of_tuned": _ratio(rounds, "full", "tuned"),
        "added_cpu_us": round(
            median(s["notify"].cpu - s["tuned"].cpu for s in rounds), 1
        ),
    }


def _ratio(rounds: list[dict[str, Speed]], loop: str, baseline: str) -> float:
    return round(median(s[loop].rate / s[baseline].rate for s in rounds), 2)
