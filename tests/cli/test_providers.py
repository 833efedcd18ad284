from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import TOKEN, Notify


def test_installed_types_come_with_distribution_version_and_capabilities(
    notify: Notify,
) -> None:
    ended = notify("providers")

    assert ended.exit_code == 0
    assert "acme  notify-acme 1.2.3" in ended.output
    assert "channels sms · countries all · text free" in ended.output


def test_configured_accounts_are_listed_without_their_settings(notify: Notify) -> None:
    ended = notify("providers")

    assert "first  fake fake" in ended.output
    assert TOKEN not in ended.output


def test_the_inventory_is_json(notify: Notify) -> None:
    inventory = json.loads(notify("providers", "--json").stdout)

    acme = next(kind for kind in inventory["installed"] if kind["name"] == "acme")
    assert (acme["distribution"], acme["version"]) == ("notify-acme", "1.2.3")
    assert (acme["emulator"], acme["demo"]) == (True, True)
    assert acme["capabilities"]["receipts"] == "push"
    assert inventory["configured"][0]["name"] == "first"


def test_a_plugin_that_does_not_load_is_listed_with_the_reason(
    notify: Notify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_PLUGINS", "acme,broken")

    ended = notify("providers")

    assert ended.exit_code == 0
    assert "broken  did not load: ModuleNotFoundError" in ended.output
    assert "acme  notify-acme" in ended.output


def test_a_folder_without_configuration_is_no_failure(notify: Notify) -> None:
    Path("notify.yaml").unlink()

    ended = notify("providers")

    assert ended.exit_code == 0
    assert "Configured in notify.yaml\n  there is no such file" in ended.output


def test_a_named_configuration_that_is_missing_ends_with_3(notify: Notify) -> None:
    ended = notify("providers", "--config", "other.yaml")

    assert ended.exit_code == 3
    assert "acme  notify-acme" in ended.stdout
    assert "there is no file other.yaml" in ended.stderr


def test_what_is_installed_is_shown_beside_a_broken_configuration(
    notify: Notify,
) -> None:
    Path("notify.yaml").write_text("version: 1\nproviders: {a: {type: acne}}\n")

    ended = notify("providers", "--json")

    assert ended.exit_code == 3
    assert json.loads(ended.stdout)["configured"] is None
    assert json.loads(ended.stderr)["error"]["kind"] == "configuration"


def test_nothing_installed_is_said(
    notify: Notify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_PLUGINS", "")
    Path("notify.yaml").unlink()

    assert "none: install one" in notify("providers").output


def test_the_matrix_is_a_markdown_table_of_the_types(notify: Notify) -> None:
    heading, rule, acme, *_ = notify("providers", "--matrix").output.splitlines()

    assert heading.startswith("| provider | channels | countries | text |")
    assert set(rule) == set("| -")
    assert acme == "| `acme` | sms | all | free | – | free | push | – | – | – | – |"
