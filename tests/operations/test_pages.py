"""What the pages tell an operator to type exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from notify_core.config import load
from notify_core.plugins import Plugins
from tests.operations.commands import OPERATIONS, parse, shown

PAGES = sorted(page.name for page in OPERATIONS.glob("*.md"))


def text(page: str) -> str:
    return (OPERATIONS / page).read_text("utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_every_command_on_a_page_can_be_typed(page: str) -> None:
    lines = list(shown(text(page)))

    assert lines
    for line in lines:
        parse(line)


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_links_is_there(page: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)", text(page)):
        assert (OPERATIONS / target).exists(), target


def test_the_configuration_of_the_units_can_be_used(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```yaml\n(.*?)^```", text("install.md"), re.S | re.M)
    (tmp_path / "notify.yaml").write_text(example, "utf-8")
    names = re.findall(r"env: (\w+)", example)

    snapshot = load(tmp_path / "notify.yaml", Plugins(), dict.fromkeys(names, "x" * 32))

    assert snapshot.storage.url == "sqlite:////var/lib/notify/notify.db"
    assert all(f"\n{name}=" in text("install.md") for name in names)


def test_every_alert_has_a_chapter_and_every_such_chapter_an_alert() -> None:
    rules = yaml.safe_load(text("alerts.yaml"))["groups"][0]["rules"]

    chapters = re.findall(r"^## (Notify\w+)$", text("at-3-am.md"), re.MULTILINE)

    assert sorted(chapters) == sorted(rule["alert"] for rule in rules)
