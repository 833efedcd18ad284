"""The test kit's PostgreSQL where there is none."""

import pytest

from notify_core.testing import postgres_server
from notify_core.testing.postgres_server import NoPostgres
from tests.outbox.databases import server_or_skip


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(postgres_server, "FOLDERS", ("/nowhere",))


def test_on_a_developers_machine_the_tests_are_skipped_and_say_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CI", raising=False)

    with pytest.raises(pytest.skip.Exception, match="install PostgreSQL"):
        server_or_skip().__enter__()


def test_in_ci_they_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")

    with pytest.raises(NoPostgres, match="install PostgreSQL"):
        server_or_skip().__enter__()
