"""Run the examples in the documentation, and let no test leave the machine."""

import gc
import ipaddress
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import settings
from sybil import Example, Sybil
from sybil.integration.pytest import SybilItem
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser

pytest_plugins = ["pytester"]
#: For `bench`; last, so that a core that is installed is the one that is tested.
sys.path.append(str(Path(__file__).parent))
#: Half of the usual: the suite is to end within minutes.
settings.register_profile("suite", max_examples=50)
settings.load_profile("suite")
#: Packages of their own: a test builds, installs and tests them.
collect_ignore_glob = ["docs/examples/*"]


def pytest_collection_finish() -> None:
    """Look for no garbage among what was collected: it takes a part of the time."""
    gc.collect()
    gc.freeze()


def _write_configuration(example: Example) -> None:
    """Write a whole configuration that the page shows to where its code reads it."""
    if example.parsed.startswith("version: 1\n"):
        Path("notify.yaml").write_text(example.parsed, "utf-8")


def _enter_folder(namespace: dict[str, Any]) -> None:
    """Run a page's code in a folder of its own, with a vendor to talk to."""
    # Imported here: only the pages' code needs the vendor.
    from notify_ihuyi.emulator import (  # noqa: PLC0415
        TEST_ACCOUNT,
        TEST_APIKEY,
        create_emulator,
    )

    from notify_core.testing.threaded import threaded  # noqa: PLC0415

    namespace["what ran"] = set()
    stack = namespace["stack"] = ExitStack()
    stack.enter_context(chdir(stack.enter_context(TemporaryDirectory())))
    vendor = stack.enter_context(threaded(create_emulator({})))
    account = {"IHUYI_ID": TEST_ACCOUNT, "IHUYI_KEY": TEST_APIKEY}
    own = {"IHUYI_URL": vendor.url, "NOTIFY_HASH_KEY": "the hash key of pages"}
    stack.enter_context(patch.dict(os.environ, {**account, **own}))


def _leave_folder(namespace: dict[str, Any]) -> None:
    namespace["stack"].close()


pytest_collect_file = Sybil(
    parsers=[
        PythonCodeBlockParser(),
        CodeBlockParser(language="yaml", evaluator=_write_configuration),
    ],
    patterns=["README.md", "docs/*.md", "docs/**/*.md"],
    setup=_enter_folder,
    teardown=_leave_folder,
).pytest()


def pytest_runtest_call(item: pytest.Item) -> None:
    """Run what a page shows before an example, if another process ran that."""
    if isinstance(item, SybilItem):
        page = [other for other in item.session.items if other.parent is item.parent]
        done: set[str] = item.example.namespace["what ran"]
        for earlier in page[: page.index(item)]:
            if earlier.name not in done:
                earlier.runtest()
                done.add(earlier.name)
        done.add(item.name)


#: The host in the arguments of each call that looks one up.
_LOOK_UPS: dict[str, Callable[..., Any]] = {
    "socket.getaddrinfo": lambda host, *_: host,
    "socket.gethostbyname": lambda host: host,
    "socket.gethostbyaddr": lambda host: host,
}
#: The address in the arguments of each call that sends something there.
_SENDERS: dict[str, Callable[..., Any]] = {
    "socket.connect": lambda _, address: address,
    "socket.sendto": lambda _, address: address,
    "socket.sendmsg": lambda _, address: address,
    "socket.getnameinfo": lambda address: address,
}
_foreign: list[str] = []


class ForeignAddress(RuntimeError):
    """A test looked up a name or opened a connection beyond loopback."""


def _stay_here(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse a call that leaves the machine, whichever library and thread makes it."""
    if event in _LOOK_UPS:
        is_here = _is_known(_LOOK_UPS[event](*arguments))
    elif event in _SENDERS:
        is_here = _is_near(_SENDERS[event](*arguments))
    else:
        return
    if not is_here:
        _foreign.append(event)
        raise ForeignAddress(f"{event} leaves the machine: use a server on 127.0.0.1")


def _is_known(host: Any) -> bool:
    """Whether no resolver is asked: no name, our own, or an address already."""
    return not host or _text(host) == "localhost" or _address(host) is not None


def _is_near(address: Any) -> bool:
    # A Unix socket's address is its path; a connected socket sends to none.
    if not isinstance(address, tuple):
        return True
    found = _address(address[0])
    is_loopback = found is not None and (found.is_loopback or found.is_unspecified)
    return is_loopback or _text(address[0]) in ("", "localhost")


def _address(host: Any) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(_text(host).partition("%")[0])
    except ValueError:
        return None


def _text(host: Any) -> str:
    return host.decode() if isinstance(host, bytes) else str(host)


sys.addaudithook(_stay_here)


@pytest.fixture(autouse=True)
def foreign_addresses() -> Iterator[list[str]]:
    """Fail the test that left the machine, even where its code took the refusal."""
    _foreign.clear()
    yield _foreign
    if _foreign:
        pytest.fail(f"{_foreign} beyond loopback: use a server on 127.0.0.1")


@pytest.fixture
def uncounted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start processes without the counting of lines, which takes half of their time."""
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
