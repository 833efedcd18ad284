"""Whole files, each with the exact messages that it gives, in its `#!` comments."""

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from notify_core.config import check, composed_schema, load
from notify_core.config.read import read
from notify_core.errors import Problem
from notify_core.plugins import Plugins

CORPUS = Path(__file__).parents[1] / "config_corpus"
GOOD = sorted((CORPUS / "good").iterdir())
BAD = sorted((CORPUS / "bad").iterdir())


def expected(file: Path) -> list[str]:
    """Return the messages that the file says it gives."""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line.removeprefix("#! ") for line in lines if line.startswith("#! ")]


def given(problem: Problem) -> str:
    """Return a message with single spaces: one about a whole file has no pointer."""
    return " ".join(str(problem).split())


@pytest.mark.parametrize("file", GOOD, ids=lambda file: file.stem)
def test_a_good_file_loads_with_exactly_its_warnings(
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    plugins: Plugins,
    environ: dict[str, str],
) -> None:
    monkeypatch.chdir(file.parent)

    snapshot = load(file.name, plugins, environ)

    assert [given(warning) for warning in snapshot.warnings] == expected(file)


@pytest.mark.parametrize("file", BAD, ids=lambda file: file.stem)
def test_a_bad_file_gives_exactly_its_errors(
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    plugins: Plugins,
    environ: dict[str, str],
) -> None:
    monkeypatch.chdir(file.parent)

    report = check(file.name, plugins, environ)

    assert [given(error) for error in report.errors] == expected(file)
    assert report.errors
    assert not report.warnings


@pytest.mark.parametrize("file", GOOD, ids=lambda file: file.stem)
def test_the_composed_schema_accepts_what_loads(file: Path, plugins: Plugins) -> None:
    validator = Draft202012Validator(composed_schema(plugins))

    errors = list(validator.iter_errors(read(file).content))

    assert errors == []


@pytest.mark.parametrize("name", ["unknown_keys", "secrets", "wrong_types"])
def test_the_composed_schema_refuses_every_provider_that_the_check_refuses(
    name: str,
    plugins: Plugins,
    environ: dict[str, str],
) -> None:
    file = CORPUS / "bad" / f"{name}.yaml"
    validator = Draft202012Validator(composed_schema(plugins))
    by_check = {
        error.pointer.split("/")[2]
        for error in check(file, plugins, environ).errors
        if error.pointer.startswith("/providers/")
    }

    by_schema = {
        error.absolute_path[1]
        for error in validator.iter_errors(read(file).content)
        if list(error.absolute_path)[:1] == ["providers"]
    }

    # What a variable or a file holds, no schema can tell.
    assert by_check - by_schema <= {"unset", "empty", "missing", "folder", "unfit"}
