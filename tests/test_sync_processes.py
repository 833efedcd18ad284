"""Doors at the end of a program, and after a fork."""

import gc
import os
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from notify_core.clock import SystemClock
from notify_core.notifier import Notifier
from notify_core.sync import SyncNotifier
from notify_core.testing import FakeClock, FakeVendor
from notify_core.testing.threaded import threaded
from tests.builders import accounts, code, notifier, wired
from tests.testing.emulator.tiny import TinyVendor

# Scripts.

#: Runs before each script: `door` makes real requests of the server at argument 1.
_OPEN = """
import os, sys
from notify_core.clock import SystemClock
from notify_core.sync import SyncNotifier
from tests.builders import accounts, code, notifier, wired

configured = accounts(wired(sys.argv[1]), "a")
door = SyncNotifier(lambda: notifier(configured, clock=SystemClock()))
assert door.send(code()).ok
"""


def run_script(script: str, server: "_Server") -> tuple[int, str]:
    """Run a script as a program of its own; return its exit code and complaints."""
    url = f"http://127.0.0.1:{server.server_port}/"
    # Of forks with threads, which Python warns of from 3.12 on.
    kept = ["-W", "error", "-W", "ignore::DeprecationWarning"]
    done = subprocess.run(  # noqa: S603 (our own words)
        [sys.executable, *kept, "-c", _OPEN + script, url],
        cwd=Path(__file__).parents[1],
        env={**os.environ, "NOTIFY_PLUGINS": ""},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return done.returncode, done.stderr


def test_a_script_that_just_ends_closes_its_door(server: "_Server") -> None:
    assert run_script("", server) == (0, "")


def test_a_script_whose_door_is_out_of_sight_at_its_end_closes_it(
    server: "_Server",
) -> None:
    script = "kept = [door]; kept.append(kept); del door, kept"

    assert run_script(script, server) == (0, "")


def test_a_script_that_just_ends_closes_its_outbox(
    server: "_Server", tmp_path: Path
) -> None:
    script = f"""
from notify_core import Secret
from notify_core.testing import FakeVendor

durable = SyncNotifier.from_config(
    {{
        "version": 1,
        "outbox": {{"url": "sqlite:///{tmp_path}/notify.db"}},
        "privacy": {{"hash_key": Secret("0123456789abcdef")}},
        "providers": {{"a": {{"type": "fake"}}}},
        "routes": {{"pool": "a"}},
    }},
    plugins={{"fake": FakeVendor()}},
)
assert not durable.get("nothing")
assert door.send(code()).ok
"""

    ended = run_script(script, server)

    assert ended == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["notify.db"]


# Forks.


class _Accepting(BaseHTTPRequestHandler):
    """Answers every post, and keeps the connection."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    """Counts its connections."""

    daemon_threads = True
    connections = 0

    def get_request(self) -> tuple[socket.socket, object]:
        self.connections += 1
        return super().get_request()


@pytest.fixture
def server() -> Iterator[_Server]:
    with _Server(("127.0.0.1", 0), _Accepting) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def wired_door(server: _Server) -> SyncNotifier:
    """Return a door whose provider makes real requests."""
    vendor = wired(f"http://127.0.0.1:{server.server_port}/")
    configured = accounts(vendor, "a")
    return SyncNotifier(lambda: notifier(configured, clock=SystemClock()))


def in_child(call: Callable[[], object]) -> int:
    """Fork, run *call* in the child, and return its exit code: 0 when it is true."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks with threads
        pid = os.fork()
    if pid == 0:
        code_ = 1
        try:
            code_ = 0 if call() else 2
        finally:
            os._exit(code_)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="has no fork")


@forks
def test_a_forked_child_sends_on_a_connection_of_its_own(server: _Server) -> None:
    door = wired_door(server)
    door.send(code())

    ended = in_child(lambda: door.send(code(), timeout=60).ok)
    after = door.send(code(), timeout=60)
    door.close()

    assert (ended, after.ok) == (0, True)
    assert server.connections == 2


@forks
@pytest.mark.parametrize("way", ["closes", "forgets"])
def test_what_a_forked_child_drops_stays_whole_in_the_parent(
    server: _Server, way: str
) -> None:
    doors = [wired_door(server)]
    doors[0].send(code())

    def drop() -> bool:
        door = doors.pop()
        if way == "closes":
            assert door.close() == ()
        del door
        gc.collect()
        return True

    ended = in_child(drop)
    after = doors[0].send(code(), timeout=60)
    doors[0].close()

    assert (ended, after.ok) == (0, True)
    assert server.connections == 1


@forks
@pytest.mark.parametrize("sends", [False, True])
def test_a_child_that_ends_leaves_the_parents_connection_alone(
    server: _Server, sends: bool
) -> None:
    script = f"""
if (child := os.fork()) == 0:
    assert not {sends} or door.send(code(), timeout=60).ok
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
assert door.send(code(), timeout=60).ok
"""

    assert run_script(script, server) == (0, "")
    assert server.connections == 1 + sends


@forks
def test_a_child_that_leaves_an_emulator_does_not_stop_it() -> None:
    with ExitStack() as stack:
        url = stack.enter_context(threaded(TinyVendor())).url

        def leave() -> bool:
            stack.close()
            return True

        assert in_child(leave) == 0
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(b"GET /none HTTP/1.0\r\n\r\n")
            assert connection.recv(12) == b"HTTP/1.0 404"


@forks
def test_a_child_is_not_held_up_by_a_lock_that_the_parent_held(
    vendor: FakeVendor,
) -> None:
    opening, forked = threading.Event(), threading.Event()
    parent = os.getpid()

    def make() -> Notifier:
        if os.getpid() == parent:
            opening.set()
            forked.wait(5)
        return notifier(accounts(vendor, "a"), clock=FakeClock(runs=False))

    door = SyncNotifier(make)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(door.send, code())
        opening.wait(5)
        ended = in_child(lambda: door.send(code(), timeout=60).ok)
        forked.set()
        assert first.result(5).ok
    door.close()

    assert ended == 0
