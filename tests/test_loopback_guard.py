"""The guard of conftest.py: no test leaves the machine."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

# 192.0.2.0/24 and .invalid are reserved: nothing would answer there anyway.
FOREIGN = {
    "an address": lambda: socket.create_connection(("192.0.2.1", 80)),
    "an IPv6 address": lambda: socket.create_connection(("2001:db8::1", 80)),
    "a name": lambda: socket.getaddrinfo("nobody.invalid", 80),
    "a name in bytes": lambda: socket.getaddrinfo(b"nobody.invalid", 80),
    "an old look-up": lambda: socket.gethostbyname("nobody.invalid"),
    "a datagram": lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(
        b"?", ("192.0.2.1", 53)
    ),
}


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("leave", FOREIGN.values(), ids=FOREIGN)
def test_leaving_the_machine_is_refused(
    leave: Callable[[], object], foreign_addresses: list[str]
) -> None:
    with pytest.raises(RuntimeError, match="leaves the machine"):
        leave()

    assert foreign_addresses
    foreign_addresses.clear()


async def test_an_asyncio_connection_is_refused(foreign_addresses: list[str]) -> None:
    with pytest.raises(RuntimeError, match="leaves the machine"):
        await asyncio.open_connection("192.0.2.1", 80)

    foreign_addresses.clear()


async def test_a_look_up_in_a_thread_is_refused(foreign_addresses: list[str]) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(RuntimeError, match="leaves the machine"):
            await session.get("http://nobody.invalid/")

    foreign_addresses.clear()


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        socket.create_connection(("localhost", port)).close()
        socket.create_connection(("127.0.0.1", port)).close()
        with socket.socket() as plain:
            plain.connect(("localhost", port))


def test_a_test_that_swallows_the_refusal_fails(pytester: pytest.Pytester) -> None:
    pytester.makeconftest((Path(__file__).parents[1] / "conftest.py").read_text())
    pytester.makepyfile(
        """
        import contextlib, socket

        def test_calls_home():
            with contextlib.suppress(Exception):
                socket.create_connection(("192.0.2.1", 80))
        """
    )

    # Its own process: the guard of this one would refuse first.
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "-p", "no:hypothesis")

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*beyond loopback*"])
