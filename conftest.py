"""Run the examples in the documentation, and let no test leave the machine."""

import ipaddress
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser

pytest_plugins = ["pytester"]
pytest.register_assert_rewrite("notify_core.testing")

pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser()], patterns=["README.md", "docs/**/*.md"]
).pytest()

#: What each socket call is given first: a host, or an address with one.
_HOST_FIRST: dict[str, Callable[..., Any]] = {
    "socket.getaddrinfo": lambda host, *_: host,
    "socket.gethostbyname": lambda host: host,
    "socket.gethostbyaddr": lambda host: host,
    "socket.getnameinfo": lambda address: address[0],
    "socket.connect": lambda _, address: address[0],
    "socket.sendto": lambda _, address: address[0],
    "socket.sendmsg": lambda _, address: address and address[0],
}
_foreign: list[str] = []


class ForeignAddress(RuntimeError):
    """A test looked up a name or opened a connection beyond loopback."""


def _stay_here(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse a call that leaves the machine, whichever library and thread makes it."""
    if event in _HOST_FIRST and not _is_here(_HOST_FIRST[event](*arguments)):
        _foreign.append(event)
        raise ForeignAddress(f"{event} leaves the machine: use a server on 127.0.0.1")


def _is_here(host: Any) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    # Unix sockets are addressed by a path, and the empty name is any own address.
    if not name or name == "localhost" or name.startswith("/"):
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


sys.addaudithook(_stay_here)


@pytest.fixture(autouse=True)
def foreign_addresses() -> Iterator[list[str]]:
    """Fail the test that left the machine, even where its code took the refusal."""
    _foreign.clear()
    yield _foreign
    if _foreign:
        pytest.fail(f"{_foreign} beyond loopback: use a server on 127.0.0.1")
