"""`notify migrate`, over a real file and a real database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from notify_core.outbox.postgres import engine
from notify_core.outbox.sqlite import schema
from notify_core.outbox.tables import scripts
from tests.cli.conftest import CONFIG, Notify, environ, notify, site
from tests.outbox.databases import Databases

__all__ = ["environ", "notify", "site"]

FILE = "sqlite:///notify.db"
NOTHING = {"tables": 0, "queue": None}
#: How many migrations there are.
NOW = len(scripts("notify_core.outbox.sqlite"))
NEWEST = {"tables": NOW, "queue": None}

Migrate = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def configure(notify: Notify) -> Callable[[str], None]:
    """Write a configuration with an outbox."""

    def write(url: str) -> None:
        durable = (
            f"\noutbox: {{url: {url}}}\nprivacy: {{hash_key: {{env: FIRST_TOKEN}}}}"
        )
        Path("notify.yaml").write_text(CONFIG + durable, "utf-8")

    return write


@pytest.fixture
def migrate(notify: Notify) -> Migrate:
    """Run the command; return how it ended, and what it told."""

    def run(*options: str) -> tuple[int, dict[str, Any]]:
        ended = notify("migrate", "--json", *options)
        return ended.exit_code, json.loads(ended.output)

    return run


@pytest.fixture
def later_version(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Turn this notify-core into one with another migration."""

    def add() -> None:
        more = "ALTER TABLE messages ADD COLUMN later TEXT;"
        monkeypatch.setattr(schema, "scripts", lambda kind: (*scripts(kind), more))

    return add


def columns() -> set[str]:
    with closing(sqlite3.connect("notify.db")) as database:
        return {row[1] for row in database.execute("PRAGMA table_info(messages)")}


def test_a_new_file_gets_all_tables(
    configure: Callable[[str], None], migrate: Migrate
) -> None:
    configure(FILE)

    first, told = migrate()
    second, again = migrate()

    assert (first, second) == (0, 0)
    assert (told["before"], told["after"]) == (NOTHING, NEWEST)
    assert told["outbox"] == str(Path("notify.db").absolute())
    assert again == told | {"before": NEWEST}
    assert "facts" in columns()


def test_a_file_of_an_earlier_version_gets_what_it_lacks(
    configure: Callable[[str], None],
    migrate: Migrate,
    later_version: Callable[[], None],
) -> None:
    configure(FILE)
    migrate()
    later_version()

    code, told = migrate()

    assert code == 0
    assert (told["before"]["tables"], told["after"]["tables"]) == (NOW, NOW + 1)
    assert "later" in columns()


def test_a_check_changes_nothing_and_tells_whether_there_is_something_to_do(
    configure: Callable[[str], None],
    migrate: Migrate,
    later_version: Callable[[], None],
) -> None:
    configure(FILE)

    new = migrate("--check")
    was_made = Path("notify.db").exists()
    migrate()
    done = migrate("--check")
    later_version()
    behind = migrate("--check")

    assert not was_made
    assert [code for code, _ in (new, done, behind)] == [1, 0, 1]
    assert [told["pending"] for _, told in (new, done, behind)] == [True, False, True]
    assert "later" not in columns()


def test_people_are_told_in_words(
    configure: Callable[[str], None], notify: Notify
) -> None:
    configure(FILE)

    told = [
        notify("migrate", *options).output.splitlines()[0]
        for options in (["--check"], [], [])
    ]

    assert told == [
        f"to be brought up to date: tables 0 -> tables {NOW}",
        f"brought up to date: tables 0 -> tables {NOW}",
        f"up to date: tables {NOW}",
    ]


@pytest.mark.parametrize("options", [[], ["--check"]], ids=["migrate", "check"])
def test_a_file_of_a_newer_version_is_left_alone(
    configure: Callable[[str], None], notify: Notify, options: list[str]
) -> None:
    configure(FILE)
    notify("migrate")
    with closing(sqlite3.connect("notify.db")) as database, database:
        database.execute("INSERT INTO schema_versions VALUES (99)")

    ended = notify("migrate", *options)

    assert ended.exit_code == 1
    assert f"tables of version 99, and this notify-core knows {NOW}" in ended.output


@pytest.mark.parametrize("options", [[], ["--check"]], ids=["migrate", "check"])
def test_what_is_no_database_is_told(
    configure: Callable[[str], None], notify: Notify, options: list[str]
) -> None:
    configure(FILE)
    Path("notify.db").write_text("something else, and longer than a file's head" * 9)

    ended = notify("migrate", *options)

    assert ended.exit_code == 1
    assert "the file is something else; name another one" in ended.output


def test_a_file_without_a_folder_is_told(
    configure: Callable[[str], None], notify: Notify
) -> None:
    configure("sqlite:///missing/notify.db")

    ended = notify("migrate")

    assert ended.exit_code == 1
    assert "see that its folder exists" in ended.output


def test_an_outbox_in_memory_has_no_tables(notify: Notify) -> None:
    ended = notify("migrate")

    assert ended.exit_code == 3
    assert "is in memory" in ended.output


def test_a_new_database_gets_our_tables_and_those_of_the_queue(
    configure: Callable[[str], None], migrate: Migrate, new_database: str
) -> None:
    configure(new_database)

    checked, found = migrate("--check")
    made, told = migrate()
    done, again = migrate("--check")

    ours = len(scripts("notify_core.outbox.postgres"))
    newest = {"tables": ours, "queue": engine.VERSION}
    assert (checked, made, done) == (1, 0, 0)
    assert found["before"] == told["before"] == NOTHING
    assert found["after"] == told["after"] == again["before"] == newest
    assert new_database.partition("@")[2].partition("?")[0] == told["outbox"]


def test_a_database_of_an_earlier_queue_is_brought_up_to_date(
    configure: Callable[[str], None],
    migrate: Migrate,
    new_database: str,
    databases: Databases,
) -> None:
    configure(new_database)
    migrate()
    older = "UPDATE notify_core.engine_versions SET version = '1.0'"
    databases.ask(older, new_database)

    checked, found = migrate("--check")
    made, told = migrate()

    assert (checked, made) == (1, 0)
    assert found["before"]["queue"] == told["before"]["queue"] == "1.0"
    assert migrate("--check")[0] == 0


def test_a_database_of_a_newer_version_is_left_alone(
    configure: Callable[[str], None],
    notify: Notify,
    new_database: str,
    databases: Databases,
) -> None:
    configure(new_database)
    notify("migrate")
    newer = "INSERT INTO notify_core.schema_versions VALUES (99)"
    databases.ask(newer, new_database)

    ended = notify("migrate")

    assert ended.exit_code == 1
    assert "tables of version 99" in ended.output


def test_a_server_that_is_away_is_told_without_its_password(
    configure: Callable[[str], None], notify: Notify, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "postgresql://notify:opensesame@127.0.0.1:1/notify"
    monkeypatch.setenv("OUTBOX", url)
    configure("{env: OUTBOX}")

    ended = notify("migrate")

    assert ended.exit_code == 1
    assert "127.0.0.1:1/notify" in ended.output
    assert "see that the server runs" in ended.output
    assert "opensesame" not in ended.output
