"""`notify enqueue` and `notify worker`: recorded by one process, sent by another."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.conftest import CONFIG, PATIENCE, Notify, Start, fetch

NUMBER = "+8613800138000"
CODE = "--template", "login-code", "--param", "code=246810"
DURABLE = """
outbox: {url: "sqlite:///notify.db"}
privacy: {hash_key: {env: FIRST_TOKEN}}
"""


@pytest.fixture(autouse=True)
def durable(environ: dict[str, str]) -> None:
    Path("notify.yaml").write_text(CONFIG + DURABLE, "utf-8")


def status_of(message: str) -> str:
    """Return how a message stands in the outbox."""
    database = sqlite3.connect("notify.db")
    row = database.execute("SELECT status FROM messages WHERE id = ?", (message,))
    (status,) = row.fetchone()
    database.close()
    return str(status)


def wait_for(message: str, status: str) -> None:
    """Wait until a message stands so, not for ever."""
    end = time.monotonic() + PATIENCE
    while status_of(message) != status:
        assert time.monotonic() < end, status_of(message)
        time.sleep(0.02)


def ended(process: subprocess.Popen[str]) -> tuple[str, str]:
    """End a process as a service manager does, and return what it said."""
    process.send_signal(signal.SIGTERM)
    out, log = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, log
    return out, log


def test_what_is_enqueued_is_sent_by_a_worker(notify: Notify, start: Start) -> None:
    first = notify("enqueue", NUMBER, *CODE, "--json")
    worker = start("worker", "--json")
    message = json.loads(first.stdout)
    wait_for(message["id"], "accepted")
    second = json.loads(notify("enqueue", NUMBER, *CODE, "--json").stdout)
    wait_for(second["id"], "accepted")

    document, log = ended(worker)

    assert (message["status"], message["attempts"]) == ("created", [])
    assert json.loads(document) == {"worked": 2}
    assert "started" in log
    assert NUMBER not in log
    assert "246810" not in log


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_worker_that_is_told_to_end_ends_with_0(
    start: Start, number: signal.Signals
) -> None:
    worker = start("worker")
    assert worker.stderr is not None
    next(line for line in iter(worker.stderr.readline, "") if "started" in line)

    for _ in range(2):  # as when a launcher passes on what the terminal sent, too
        worker.send_signal(number)
    shown, log = worker.communicate(timeout=60)

    assert (worker.returncode, shown) == (0, "worked on 0 messages\n"), log
    assert "interrupted" not in log


def test_a_worker_serves_its_metrics_where_it_is_told(
    notify: Notify, start: Start
) -> None:
    message = json.loads(notify("enqueue", NUMBER, *CODE, "--json").stdout)["id"]
    worker = start("worker", "--metrics-listen", "127.0.0.1:0")
    assert worker.stderr is not None
    said = iter(worker.stderr.readline, "")
    url = next(line for line in said if "metrics at" in line).split()[-1]
    wait_for(message, "accepted")

    metrics = fetch(url).decode()

    ended(worker)
    sent = 'notify_attempts_total{outcome="accepted",provider="first",reason="none"} 1'
    assert sent in metrics


def test_a_worker_that_cannot_serve_its_metrics_says_so(notify: Notify) -> None:
    told = notify("worker", "--metrics-listen", "203.0.113.1:1")

    assert told.exit_code == 1
    assert "choose another --metrics-listen" in told.stderr
    assert "opened" not in told.stderr


def test_a_message_may_be_enqueued_for_later(notify: Notify) -> None:
    later = "2100-01-01T08:00:00+08:00"

    told = notify("enqueue", NUMBER, *CODE, "--not-before", later)

    assert told.exit_code == 0
    assert told.output.startswith("deferred  message ")


def test_without_an_outbox_on_a_disk_both_say_what_to_configure(
    notify: Notify,
) -> None:
    Path("notify.yaml").write_text(CONFIG, "utf-8")

    for command in (["enqueue", NUMBER, *CODE], ["worker"]):
        told = notify(*command)

        assert told.exit_code == 3
        assert "outbox: {url: sqlite:///notify.db}" in told.stderr


def test_a_message_that_cannot_be_sent_is_not_enqueued(notify: Notify) -> None:
    told = notify("enqueue", "nobody", *CODE)

    assert told.exit_code == 4
    assert "/to" in told.stderr or "to " in told.stderr
