"""The options under `outbox`, and the key of its hashes."""

from pathlib import Path
from typing import Any

import pytest

from notify_core.config.snapshot import Snapshot
from notify_core.model.status import Status
from notify_core.testing import FakeVendor
from tests.builders import text
from tests.options.configured import opened

KEY = "a-key-of-the-tests-only"


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HASH_KEY", KEY)
    monkeypatch.setenv("OUTBOX", f"sqlite:///{tmp_path}/notify.db")
    (tmp_path / "key").write_text(KEY)


@pytest.mark.option("outbox.url")
@pytest.mark.usefixtures("key")
async def test_a_message_outlives_the_notifier_in_the_outbox_of_the_configuration(
    vendor: FakeVendor, tmp_path: Path
) -> None:
    configuration = {
        "outbox": {"url": f"sqlite:///{tmp_path}/notify.db"},
        "privacy": {"hash_key": {"env": "HASH_KEY"}},
    }

    async with opened(configuration, vendor) as first:
        enqueued = await first.enqueue(text())
    async with opened(configuration, vendor) as second:
        known = await second.get(enqueued.id)

    assert known is not None
    assert known.status is Status.CREATED


@pytest.mark.option("outbox.url.env", instead="UNSET")
@pytest.mark.usefixtures("key")
async def test_where_the_outbox_is_may_stand_in_the_environment(
    vendor: FakeVendor, tmp_path: Path
) -> None:
    configuration = {
        "outbox": {"url": {"env": "OUTBOX"}},
        "privacy": {"hash_key": {"file": str(tmp_path / "key")}},
    }

    async with opened(configuration, vendor) as notifier:
        await notifier.enqueue(text())

    assert (tmp_path / "notify.db").exists()


@pytest.mark.option("outbox.url.file", instead="/no/such/file")
@pytest.mark.option("privacy.hash_key.file", instead="/no/such/file")
@pytest.mark.usefixtures("key")
async def test_where_the_outbox_is_and_its_key_may_stand_in_files(
    vendor: FakeVendor, tmp_path: Path
) -> None:
    (tmp_path / "url").write_text(f"sqlite:///{tmp_path}/notify.db\n")
    configuration = {
        "outbox": {"url": {"file": str(tmp_path / "url")}},
        "privacy": {"hash_key": {"file": str(tmp_path / "key")}},
    }

    async with opened(configuration, vendor) as notifier:
        await notifier.enqueue(text())

    assert (tmp_path / "notify.db").exists()


@pytest.mark.option("privacy.hash_key.env", instead="OTHER_KEY")
async def test_the_same_key_makes_the_same_hashes(
    vendor: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HASH_KEY", KEY)
    monkeypatch.setenv("OTHER_KEY", "another-key-of-the-tests")
    configuration = {"privacy": {"hash_key": {"env": "HASH_KEY"}}}

    hashed = _snapshot(configuration, vendor).hashed("+8613800138000")

    assert hashed == "ad6c13be69ba7f46392670ea"


def _snapshot(configuration: dict[str, Any], vendor: FakeVendor) -> Snapshot:
    return opened(configuration, vendor).snapshot
