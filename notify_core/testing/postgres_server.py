"""A PostgreSQL server of its own, for tests."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import attrs

#: Where distributions put what is not on the path.
FOLDERS = ("/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt/postgresql/bin")
#: The server refuses to run as root: one of these runs it then.
USERS = ("postgres", "nobody")
#: Seconds for starting and stopping.
_PATIENCE = 30.0
#: What makes tests faster, where nothing is to survive a power cut.
_FAST = ("fsync=off", "full_page_writes=off")
_ALWAYS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=60",
)


class NoPostgres(Exception):
    """There is no PostgreSQL on this machine."""


@attrs.define
class PostgresServer:
    """A server on a free port of 127.0.0.1, with its files in a temporary folder.

    Args:
        durable: Whether what is committed survives a power cut; tests that ask for
            less are faster.
    """

    folder: Path
    port: int
    durable: bool = False
    _process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres", port: int | None = None) -> str:
        """Return where a database is, as `outbox.url` has it."""
        return f"postgresql://postgres@127.0.0.1:{port or self.port}/{database}"

    def start(self) -> None:
        """Start the server, and return when it answers.

        Raises:
            TimeoutError: It does not; its log says why.
        """
        end = time.monotonic() + _PATIENCE
        while not self._answers():
            if time.monotonic() > end:
                raise TimeoutError(f"no PostgreSQL: {self.folder / 'log'} says why")
            # After a kill the first to start finds the last of the killed one's parts.
            if self._process is None or self._process.poll() is not None:
                self._process = self._launched()
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the server as an operator does; its connections end."""
        self._end(signal.SIGINT)

    def end(self) -> None:
        """Stop the server without writing anything more."""
        self._end(signal.SIGQUIT)

    def kill(self) -> None:
        """End the server like a power cut."""
        self._end(signal.SIGKILL)

    def ask(self, statement: str, database: str = "postgres") -> str:
        """Run a statement and return what it says."""
        asked = subprocess.run(  # noqa: S603 (found by ourselves)
            [_program("psql"), "-X", "-A", "-t", "-c", statement, self.url(database)],
            capture_output=True,
            check=True,
            text=True,
        )
        return asked.stdout.strip()

    def _launched(self) -> subprocess.Popen[bytes]:
        settings = (*_ALWAYS, f"port={self.port}", *(() if self.durable else _FAST))
        options = [part for setting in settings for part in ("-c", setting)]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603 (found by ourselves)
                [_program("postgres"), "-D", str(self.folder / "data"), *options],
                stdout=log,
                stderr=log,
                user=_user(),
                cwd=self.folder,
            )

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.wait(_PATIENCE)

    def _answers(self) -> bool:
        ready = [_program("pg_isready"), "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(ready, capture_output=True, check=False).returncode == 0  # noqa: S603 (found by ourselves)


@contextmanager
def postgres_server(*, durable: bool = False) -> Iterator[PostgresServer]:
    """Start a server, and remove it with all that it keeps.

    Raises:
        NoPostgres: There is none on this machine; the error says how to get it.
    """
    initdb = _program("initdb")
    folder = Path(mkdtemp(prefix="notify-postgres-"))
    try:
        if (user := _user()) is not None:
            shutil.chown(folder, user)
        make = [initdb, "-D", str(folder / "data"), "-U", "postgres", "-A", "trust"]
        usual = ["-E", "UTF8", "--no-locale", "--no-sync"]
        subprocess.run(  # noqa: S603 (found by ourselves)
            [*make, *usual], user=user, cwd=folder, check=True, capture_output=True
        )
        server = PostgresServer(folder, _free_port(), durable)
        server.start()
        try:
            yield server
        finally:
            server.end()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _program(name: str) -> str:
    """Return the path of one of PostgreSQL's programs, the newest version's."""
    found = shutil.which(name) or next(_programs(name, FOLDERS), None)
    if found is None:
        raise NoPostgres(
            f"PostgreSQL's {name} is neither on the path nor in {FOLDERS[0]}: "
            "install PostgreSQL 12 or newer, as `apt-get install postgresql`"
        )
    return found


def _programs(name: str, folders: Sequence[str]) -> Iterator[str]:
    for folder in map(Path, folders):
        homes = [folder, *(version / "bin" for version in folder.glob("*"))]
        for home in sorted(homes, key=_version, reverse=True):
            if (home / name).is_file():
                yield str(home / name)


def _version(home: Path) -> float:
    try:
        return float(home.parent.name)
    except ValueError:
        return 0


def _user() -> str | None:
    """Return who runs the server; None: who runs the tests."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((user for user in USERS if user in known), None)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
