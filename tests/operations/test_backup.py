"""What the page on backups says is done: the outbox is lost, and comes back."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import CONFIG, Notify, Start, environ, notify, site, start
from tests.cli.test_worker_command import CODE, NUMBER, ended, wait_for
from tests.operations.commands import OPERATIONS
from tests.outbox.conftest import databases, new_database, postgres

pytestmark = pytest.mark.usefixtures("uncounted")

__all__ = [
    "databases",
    "environ",
    "new_database",
    "notify",
    "postgres",
    "site",
    "start",
]

PAGE = (OPERATIONS / "backup.md").read_text("utf-8")
FILE = Path("notify.db")
DURABLE = "\noutbox: {{url: '{}'}}\nprivacy: {{hash_key: {{env: FIRST_TOKEN}}}}\n"

Shell = Callable[[str], str]


def block(language: str, word: str) -> str:
    """Return the one example on the page that has a word."""
    found = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    (example,) = (text for text in found if word in text)
    return str(example)


def outbox(url: str) -> None:
    Path("notify.yaml").write_text(CONFIG + DURABLE.format(url), "utf-8")


def enqueued(notify: Notify) -> str:
    """Record a message, and return its id."""
    told = json.loads(notify("enqueue", NUMBER, *CODE, "--json").stdout)
    return str(told["id"])


def waiting(notify: Notify) -> set[str]:
    """Return the ids of what waits to be sent."""
    told = notify("list", "--status", "created", "--json").stdout
    return {message["id"] for message in json.loads(told)["messages"]}


@pytest.fixture
def shell(environ: dict[str, str]) -> Shell:
    """Run an example of the page as a shell does."""
    server = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    places = [Path(sys.executable).parent, *server[-1:]]
    path = os.pathsep.join([*map(str, places), environ["PATH"]])

    def run(example: str) -> str:
        done = subprocess.run(  # noqa: S603 (the page's own words)
            ["/bin/sh", "-ec", example],
            env={**environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture
def writer(notify: Notify) -> Iterator[sqlite3.Connection]:
    """Another process's connection: what is written stays in the log of the file."""
    outbox("sqlite:///notify.db")
    notify("migrate")
    with closing(sqlite3.connect(FILE)) as connection:
        connection.execute("SELECT count(*) FROM messages").fetchone()
        yield connection


def _by_python(copy: str) -> None:
    names: dict[str, Any] = {}
    exec(block("python", "back_up"), names)  # noqa: S102 (the page's own words)
    names["back_up"](str(FILE), copy)


def killed(writer: sqlite3.Connection) -> None:
    """Leave the log behind, as a process that is killed does."""
    left = Path("notify.db-wal").read_bytes()
    writer.close()
    Path("notify.db-wal").write_bytes(left)


def restored(copy: str) -> None:
    """Put a copy in the place of the file, as the page says."""
    for name in ("notify.db-wal", "notify.db-shm"):
        assert name in block("sh", "install -o notify")
        Path(name).unlink(missing_ok=True)
    shutil.copyfile(copy, FILE)


def test_a_file_comes_back_as_it_was_and_its_messages_are_sent(
    notify: Notify, start: Start, writer: sqlite3.Connection
) -> None:
    first = enqueued(notify)
    assert Path("notify.db-wal").stat().st_size
    _by_python("copy.db")
    second = enqueued(notify)
    assert waiting(notify) == {first, second}
    killed(writer)

    restored("copy.db")

    assert notify("migrate", "--check").exit_code == 0
    assert waiting(notify) == {first}
    worker = start("worker")
    wait_for(first, "accepted")
    ended(worker)


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="needs sqlite3")
def test_the_shells_copy_is_the_same(
    notify: Notify, shell: Shell, writer: sqlite3.Connection
) -> None:
    first = enqueued(notify)
    command = block("sh", ".backup").replace("/var/lib/notify/", "")
    shell(command.replace("/var/backups/notify.db", "copy.db"))
    enqueued(notify)
    killed(writer)

    restored("copy.db")

    assert waiting(notify) == {first}


def test_what_may_have_been_sent_since_is_withdrawn(
    notify: Notify, shell: Shell
) -> None:
    outbox("sqlite:///notify.db")
    messages = {enqueued(notify) for _ in range(2)}
    assert waiting(notify) == messages

    shell(block("sh", "xargs"))

    assert waiting(notify) == set()
    told = notify("list", "--status", "canceled", "--json").stdout
    assert {m["id"] for m in json.loads(told)["messages"]} == messages


def test_a_database_comes_back_as_it_was_and_its_messages_are_sent(
    notify: Notify,
    start: Start,
    shell: Shell,
    environ: dict[str, str],
    new_database: str,
) -> None:
    outbox(new_database)
    environ["NOTIFY_OUTBOX"] = new_database
    first = enqueued(notify)
    shell(block("sh", "pg_dump"))
    second = enqueued(notify)
    assert waiting(notify) == {first, second}

    shell(block("sh", "pg_restore"))

    assert waiting(notify) == {first}
    worker = start("worker")
    while waiting(notify):
        assert worker.poll() is None
    ended(worker)
    shown = json.loads(notify("status", first, "--json").stdout)
    assert shown["status"] == "accepted"
