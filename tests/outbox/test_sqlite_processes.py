"""The SQLite outbox between processes: shared, killed, forked."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from notify_core.model.status import AttemptState
from notify_core.outbox.owner import is_gone, new_owner
from notify_core.outbox.port import Lease, LeaseLost
from notify_core.outbox.sqlite import SqliteOutbox
from notify_core.testing.outbox.subject import NOON, kept, record
from tests.outbox.process import KEY

pytestmark = pytest.mark.usefixtures("uncounted")

SCRIPT = Path(__file__).with_name("process.py")
LATER = NOON + timedelta(minutes=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "notify.db"


@pytest.fixture
async def outbox(path: Path) -> AsyncIterator[SqliteOutbox]:
    outbox = SqliteOutbox(path, KEY)
    yield outbox
    await outbox.aclose()


@contextmanager
def process(
    deed: str, path: Path, *arguments: str
) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, str(SCRIPT), deed, str(path), *arguments]
    with subprocess.Popen(  # noqa: S603 (our own script)
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def lines(process: "subprocess.Popen[str]") -> list[str]:
    assert process.stdout is not None
    return process.stdout.read().split()


async def test_what_was_acknowledged_survives_a_kill(
    path: Path, outbox: SqliteOutbox
) -> None:
    acknowledged = []

    for _ in range(2):
        with process("add", path, "16") as adding:
            acknowledged += [line(adding) for _ in range(150)]
            adding.kill()
            acknowledged += [word for word in lines(adding) if len(word) == 26]

    known = [await outbox.get(message) for message in acknowledged]
    assert len(known) >= 300
    assert None not in known


async def test_two_processes_let_a_limit_through_exactly(path: Path) -> None:
    with (
        process("add_limited", path, "100", "5") as one,
        process("add_limited", path, "100", "5") as two,
    ):
        ready = [line(one), line(two)]
        for adding in (one, two):
            assert adding.stdin is not None
            adding.stdin.write("go\n")
            adding.stdin.flush()
        through = [int(line(one)), int(line(two))]

    assert ready == ["ready", "ready"]
    assert sum(through) == 5


async def test_two_processes_share_what_is_due(
    path: Path, outbox: SqliteOutbox
) -> None:
    records = [record() for _ in range(200)]
    await kept(outbox, *records)

    with process("claim", path) as one, process("claim", path) as two:
        served = lines(one) + lines(two)

    assert sorted(served) == sorted(r.message.id for r in records)
    assert await outbox.next_due() is None


@pytest.mark.parametrize(
    ("step", "left"),
    [
        ("claimed", []),
        ("begun", [AttemptState.SUBMITTING]),
        ("answered", [AttemptState.SUBMITTING]),
    ],
)
async def test_a_killed_workers_message_is_as_it_left_it_when_its_lease_ends(
    path: Path, outbox: SqliteOutbox, step: str, left: list[AttemptState]
) -> None:
    given = record()
    await kept(outbox, given)

    with process("die", path, step) as worker:
        assert line(worker) == "ready"
        worker.kill()
    early = await outbox.claim(Lease(owner="w", until=LATER), NOON, 1)
    (claimed,) = await outbox.claim(Lease(owner="w", until=LATER), LATER, 1)

    assert early == []
    assert claimed.epoch == 2
    assert [a.state for a in claimed.record.attempts] == left
    found = await outbox.by_provider_id("a", "v1")
    assert (found is not None) == (step == "answered")
    with pytest.raises(LeaseLost):
        await outbox.change(given.message.id, lambda r: r, 1)


async def test_who_waits_is_told_of_what_another_process_adds(
    path: Path, outbox: SqliteOutbox
) -> None:
    await outbox.wait(0)

    with process("add", path, "1") as adding:
        assert line(adding)
        await outbox.wait(60)

    assert await outbox.next_due() == NOON


async def test_a_forked_process_opens_the_file_anew(path: Path) -> None:
    with process("fork", path) as forking:
        assert line(forking) == "0"


async def test_processes_that_open_a_new_file_at_once_make_it_once(path: Path) -> None:
    with (
        process("add_limited", path, "1", "1") as one,
        process("add_limited", path, "1", "1") as two,
        process("add_limited", path, "1", "1") as three,
    ):
        ready = [line(opening) for opening in (one, two, three)]

    assert ready == ["ready"] * 3


async def test_a_worker_that_starts_takes_up_at_once_what_a_killed_one_left(
    path: Path, outbox: SqliteOutbox
) -> None:
    given = record()
    await kept(outbox, given)
    lease = Lease(owner=new_owner(), until=LATER)

    with process("hold", path) as worker:
        assert line(worker) == "ready"
        other = SqliteOutbox(path, KEY)
        while_it_lives = await other.claim(lease, NOON, 1)
        await other.aclose()
        worker.kill()
    (claimed,) = await outbox.claim(lease, NOON, 1)

    assert while_it_lives == []
    assert (claimed.record, claimed.epoch) == (given, 2)


def test_who_works_elsewhere_or_still_is_not_gone() -> None:
    here = new_owner()
    machine, number, part = here.rsplit("-", 2)

    assert int(number) == os.getpid()
    for there in (here, f"elsewhere-{number}-{part}", f"{machine}-x-{part}", "w"):
        assert not is_gone(there)
    assert not is_gone(f"{machine}-1-{part}")
    assert is_gone(f"{machine}-{2**22 + 1}-{part}")
