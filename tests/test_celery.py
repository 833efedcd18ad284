"""The task of `docs/how-to/celery.md` in Celery's workers: forks and threads."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from notify_core.model.status import Status
from notify_core.outbox.listing import MessageFilter
from notify_core.outbox.sqlite import SqliteOutbox
from notify_core.secret import Secret
from tests.server.serving import NUMBER

PAGE = (Path(__file__).parents[1] / "docs/how-to/celery.md").read_text("utf-8")
KEY = "0123456789abcdef0123456789abcdef"
#: The page's application with a broker that processes share: a folder. Its parent
#: sends as well, so that the children are forked from an open notifier.
SITE = f"""
from celery.signals import worker_init
from shop import app, notifier, tell_shipped

app.conf.broker_url = "filesystem://"
app.conf.broker_transport_options = {{
    "data_folder_in": "queue", "data_folder_out": "queue", "control_folder": "control"
}}

@worker_init.connect
def send(**_):
    tell_shipped("parent", "{NUMBER}")
"""
#: Celery's own questions about other workers take time, and there are none.
QUIET = "--without-gossip", "--without-mingle", "--without-heartbeat"

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="has no fork")


def example(language: str, word: str) -> str:
    """Return the example of the page that has a word."""
    found = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    (code,) = (text for text in found if word in text)
    return str(code)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A folder with the page's files."""
    (tmp_path / "notify.yaml").write_text(example("yaml", "version: 1"), "utf-8")
    (tmp_path / "shop.py").write_text(example("python", "@app.task"), "utf-8")
    (tmp_path / "site_of_test.py").write_text(SITE, "utf-8")
    for folder in ("queue", "control"):
        (tmp_path / folder).mkdir()
    own = {"PYTHONPATH": str(tmp_path), "NOTIFY_HASH_KEY": KEY}
    return {**os.environ, **own, "NOTIFY_PLUGINS": "memory"}


@pytest.fixture
def worker(tmp_path: Path, environ: dict[str, str]) -> Iterator[Callable[[str], None]]:
    """Start a worker with a pool; it ends with the test."""
    begun: list[subprocess.Popen[bytes]] = []

    def start(pool: str) -> None:
        application = ["celery", "-A", "site_of_test"]
        options = ["--pool", pool, "--concurrency", "2", "--loglevel", "INFO"]
        with (tmp_path / "log").open("wb") as log:
            begun.append(
                subprocess.Popen(  # noqa: S603 (the page's own words)
                    [sys.executable, "-m", *application, "worker", *options, *QUIET],
                    cwd=tmp_path,
                    env=environ,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )

    yield start
    for process in begun:
        # Its own end takes seconds, with nothing of ours in it.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def give(folder: Path, environ: dict[str, str], *orders: str) -> None:
    """Give the task to the queue, once for each."""
    calls = "; ".join(f"tell_shipped.delay('{o}', '{NUMBER}')" for o in orders)
    code = f"from site_of_test import tell_shipped; {calls}"
    subprocess.run([sys.executable, "-c", code], cwd=folder, env=environ, check=True)  # noqa: S603 (the page's own words)


def succeeded(log: Path, tasks: int) -> str:
    """Return the log when so many tasks have ended well."""
    end = time.monotonic() + 50
    while True:
        told = log.read_text("utf-8")
        if told.count("succeeded in") == tasks or time.monotonic() > end:
            return told
        time.sleep(0.1)


async def recorded(folder: Path) -> list[str]:
    """Return the keys of the messages that a provider took."""
    outbox = SqliteOutbox(folder / "notify.db", Secret(KEY))
    page = await outbox.messages(MessageFilter(status=Status.ACCEPTED))
    await outbox.aclose()
    return sorted(str(record.message.idempotency_key) for record in page.records)


@pytest.mark.parametrize("pool", ["prefork", "threads"])
def test_a_worker_sends_each_order_once(
    pool: str,
    tmp_path: Path,
    environ: dict[str, str],
    worker: Callable[[str], None],
) -> None:
    give(tmp_path, environ, "1", "2", "1", "3", "2")

    worker(pool)
    told = succeeded(tmp_path / "log", tasks=5)

    keys = asyncio.run(recorded(tmp_path))
    assert keys == ["shipped-1", "shipped-2", "shipped-3", "shipped-parent"], told
