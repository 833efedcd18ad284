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
import msgspec
from yarl import URL

from bench.language import configuration
from bench.requirement import least
from bench.speed import Rounds, Speed, Watch, medians, ratio
from notify_core import Message, Notifier, Secret

CONCURRENCIES = (1, 16, 64, 256)
REQUIRED = (
    least("concurrency.64.of_plain", 1.0),
    least("concurrency.64.of_tuned", 0.70),
    least("concurrency.64.full_of_plain", 0.90),
    least("concurrency.64.full_of_tuned", 0.60),
)
_ID, _KEY = "C00000000", "1q784322ba1d9bb88d50cf5cdfd89k7d"
#: Path and query of a submission.
SUBMIT = "/webservice/sms.php?method=Submit"

Send = Callable[[str], Awaitable[object]]


def numbers() -> Iterator[str]:
    """Yield mainland numbers, none twice."""
    return (f"138{n:08d}" for n in count(10_000_000))


def fields(mobile: str) -> dict[str, str]:
    """Return the form of a submission."""
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
    url = base + SUBMIT
    async with aiohttp.ClientSession() as session:

        async def send(mobile: str) -> object:
            async with session.post(url, data=fields(mobile)) as response:
                return await response.json()

        yield send


@asynccontextmanager
async def tuned(base: str) -> AsyncIterator[Send]:
    """Give the fastest loop that aiohttp allows."""
    url = URL(base + SUBMIT)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        headers=headers,
        skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
    ) as session:

        async def send(mobile: str) -> object:
            body = urlencode(fields(mobile)).encode()
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
            result = await notifier.send(message(mobile))
            if not result.ok:
                raise RuntimeError(result.explain())
            return result

        yield send


def message(mobile: str) -> Message:
    """Return the message that is sent."""
    return Message(to=f"+86{mobile}", template="login-code", params={"code": "1234"})


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


async def measured(
    send: Send, mobiles: Iterator[str], many: int, at_once: int
) -> Speed:
    """Return how fast a loop sends so many messages."""

    async def worker(share: int) -> None:
        for _ in range(share):
            await send(next(mobiles))

    watch = Watch()
    await asyncio.gather(*(worker(many // at_once) for _ in range(at_once)))
    return watch.speed(many // at_once * at_once)


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
                await measured(send, mobiles, max(many // 10, at_once), at_once)
            table[str(at_once)] = _summary(
                [
                    {
                        name: await measured(send, mobiles, many, at_once)
                        for name, send in sends.items()
                    }
                    for _ in range(rounds)
                ]
            )
    return {"messages": many, "rounds": rounds, "concurrency": table}


def _summary(rounds: Rounds) -> dict[str, Any]:
    added = median(r["notify"].cpu - r["tuned"].cpu for r in rounds)
    return {
        **medians(rounds),
        "of_plain": ratio(rounds, "notify", "plain"),
        "of_tuned": ratio(rounds, "notify", "tuned"),
        "full_of_plain": ratio(rounds, "full", "plain"),
        "full_of_tuned": ratio(rounds, "full", "tuned"),
        "added_cpu_us": round(added, 1),
    }


def lines(figures: dict[str, Any]) -> Iterator[str]:
    """Say the figures for people."""
    yield (
        "at once"
        + "".join(f"{name + '/s':>10}" for name in LOOPS)
        + ("  of plain  of tuned  added CPU")
    )
    for at_once, row in figures["concurrency"].items():
        rates = "".join(f"{row['rate'][name]:>10}" for name in LOOPS)
        ratios = f"{row['of_plain']:>10}{row['of_tuned']:>10}"
        yield f"{at_once:>7}{rates}{ratios}{row['added_cpu_us']:>8} µs"
