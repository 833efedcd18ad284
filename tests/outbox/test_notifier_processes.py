"""Notifiers of two processes on one outbox."""

from pathlib import Path

import pytest

from tests.outbox import notifier_process
from tests.outbox.postgres_process import go, line, process

pytestmark = pytest.mark.usefixtures("uncounted")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/notify.db"
    return str(request.getfixturevalue("database"))


def told(deed: str, url: str) -> list[list[str]]:
    """Have two processes do a hundred each at once; return what each says of it."""
    module = notifier_process.__name__
    with (
        process(deed, url, "100", module=module) as one,
        process(deed, url, "100", module=module) as two,
    ):
        assert [line(one), line(two)] == ["ready", "ready"]
        go(one)
        go(two)
        return [line(one).split(), line(two).split()]


def test_of_200_sends_in_two_processes_a_limit_of_5_lets_5_through(url: str) -> None:
    (ok_one, sent_one), (ok_two, sent_two) = told("send", url)

    assert int(ok_one) + int(ok_two) == 5
    assert int(sent_one) + int(sent_two) == 5


def test_200_same_enqueues_in_two_processes_are_one_message(url: str) -> None:
    one, two = told("enqueue_same", url)

    assert len(one) == 1
    assert one == two
