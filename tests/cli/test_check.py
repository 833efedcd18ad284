from __future__ import annotations

import json
from pathlib import Path

import pytest

from notify_core.routing import shadowing
from tests.cli.conftest import TOKEN, Notify

BAD = """version: 1
providers:
  first: {type: fake, settings: {colour: red, token: s3cret-in-the-file}}
  second: {type: fkae}
routes: {pool: third}
"""


def test_a_good_configuration_is_said_to_be_one(notify: Notify) -> None:
    ended = notify("check")

    assert ended.exit_code == 0
    assert "notify.yaml can be used." in ended.output
    assert TOKEN not in ended.output


def test_every_error_is_shown_with_its_place_and_no_secret(notify: Notify) -> None:
    Path("bad.yaml").write_text(BAD)

    ended = notify("check", "bad.yaml")

    assert ended.exit_code == 3
    for place in ("bad.yaml:3:", "bad.yaml:4:", "bad.yaml:5:"):
        assert place in ended.output
    assert "s3cret" not in ended.output
    assert "Traceback" not in ended.output


def test_errors_are_json(notify: Notify) -> None:
    Path("bad.yaml").write_text(BAD)

    report = json.loads(notify("check", "bad.yaml", "--json").stdout)

    assert report["ok"] is False
    assert {error["line"] for error in report["errors"]} == {3, 4, 5}


def test_a_warning_is_a_failure_only_with_strict(notify: Notify) -> None:
    unused = "  spare: {type: fake}\nroutes:"
    text = Path("notify.yaml").read_text().replace("routes:", unused)
    Path("notify.yaml").write_text(text)

    relaxed, strict = notify("check"), notify("check", "--strict")

    assert "warning" in relaxed.output
    assert (relaxed.exit_code, strict.exit_code) == (0, 1)


def test_what_could_not_be_found_out_is_a_note_and_no_failure(
    notify: Notify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shadowing, "_LEAST", 1)
    monkeypatch.setattr(shadowing, "_MOST", 1)
    route = "{{name: r{0}, match: {{labels.l{0}: {{exists: true}}}}}}"
    below = ", ".join(map(route.format, range(4)))
    text = Path("notify.yaml").read_text()
    routes = f"routes: {{pool: first, routes: [{below}]}}"
    Path("notify.yaml").write_text(text.replace("routes: {pool: first}", routes))

    ended, told = notify("check", "--strict"), notify("check", "--json")

    assert ended.exit_code == 0
    assert "note     notify.yaml:" in ended.output
    assert "'r1' and 2 more could be compared with only some of" in ended.output
    assert len(json.loads(told.stdout)["notes"]) == 1


def test_a_missing_secret_is_an_error_that_names_the_variable(notify: Notify) -> None:
    ended = notify("check", env={"FIRST_TOKEN": None})

    assert ended.exit_code == 3
    assert "FIRST_TOKEN is not set" in ended.output


def test_a_missing_file_is_told_with_the_ways_to_name_one(notify: Notify) -> None:
    ended = notify("check", "none.yaml")

    assert ended.exit_code == 3
    assert "there is no file none.yaml" in ended.stderr
    assert "NOTIFY_CONFIG" in ended.stderr


def test_the_environment_names_the_file(notify: Notify) -> None:
    Path("bad.yaml").write_text(BAD)

    assert notify("check", env={"NOTIFY_CONFIG": "bad.yaml"}).exit_code == 3


def test_the_file_can_be_named_as_everywhere_else_and_only_once(notify: Notify) -> None:
    Path("bad.yaml").write_text(BAD)

    assert notify("check", "--config", "bad.yaml").exit_code == 3
    twice = notify("check", "notify.yaml", "--config", "bad.yaml")
    assert twice.exit_code == 2
    assert "name the file once" in twice.stderr


def test_a_file_that_is_named_wins_over_the_environment(notify: Notify) -> None:
    Path("bad.yaml").write_text(BAD)

    ended = notify("check", "notify.yaml", env={"NOTIFY_CONFIG": "bad.yaml"})

    assert ended.exit_code == 0


def test_a_folder_is_told_from_a_missing_file(notify: Notify) -> None:
    Path("etc").mkdir()

    ended = notify("check", "etc")

    assert ended.exit_code == 3
    assert "etc is a folder: name the file in it" in ended.stderr


def test_the_file_of_the_tutorial_gives_no_warning(
    notify: Notify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOTIFY_PLUGINS")
    pytest.importorskip("notify_console")
    Path("notify.yaml").write_text(_tutorial(), "utf-8")

    ended = notify("check", "--strict")

    assert (ended.exit_code, ended.stdout) == (0, "✓ notify.yaml can be used.\n")


def _tutorial() -> str:
    page = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text("utf-8")
    return page.split("```yaml\n")[1].split("```")[0]
