"""Outboxes by their URL."""

from pathlib import Path

import pytest

from notify_core.errors import ConfigurationError
from notify_core.outbox.address import outbox_at
from notify_core.outbox.memory import MemoryOutbox
from notify_core.outbox.sqlite import SqliteOutbox
from notify_core.secret import Secret
from notify_core.testing.outbox.subject import kept, record
from tests.outbox.process import KEY


def test_memory_is_an_outbox() -> None:
    assert isinstance(outbox_at("memory:"), MemoryOutbox)


async def test_a_file_is_named_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "a file.db"

    outbox = outbox_at(f"sqlite:///{tmp_path}/a%20file.db", KEY)

    assert isinstance(outbox, SqliteOutbox)
    await kept(outbox, record())
    assert path.exists()
    await outbox.aclose()


@pytest.mark.parametrize("url", ["", "sqlite:", "sqlite:///", "redis://u:secret@h/"])
def test_what_is_no_outbox_is_refused_unseen(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"write memory:") as caught:
        outbox_at(url, KEY)

    assert "secret" not in str(caught.value)


def test_a_durable_outbox_needs_a_hash_key() -> None:
    with pytest.raises(ConfigurationError, match="hash_key is missing"):
        outbox_at("sqlite:///notify.db")


def test_a_hash_key_that_is_too_short_is_told() -> None:
    with pytest.raises(ConfigurationError, match="16 bytes or more"):
        outbox_at("sqlite:///notify.db", Secret("short"))
