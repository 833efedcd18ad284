"""What the documentation says is what the code has."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from prometheus_client import CollectorRegistry

from notify_core import Metrics, Reason, Status, hookspecs
from notify_core.cli import main
from notify_core.config import load
from notify_core.model.outcome import RULES, Disposition, Rule
from notify_core.plugins import Plugins
from notify_core.schemas import schema_root

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
README = (ROOT / "README.md").read_text("utf-8")
HOOKS = [name for name in vars(hookspecs) if name.startswith("notify_")]
PROVIDERS = sorted(path.parent.name for path in ROOT.glob("providers/*/pyproject.toml"))


def rows(page: str) -> list[list[str]]:
    """Return the cells of every table row of a page, without their backticks."""
    text = (DOCS / page).read_text("utf-8")
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[c.strip().strip("`") for c in line.split("|")[1:-1]] for line in lines]


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_a_docstring_a_section_and_a_test(hook: str) -> None:
    function = getattr(hookspecs, hook)
    heading = f"## {hook}({', '.join(inspect.signature(function).parameters)})"

    assert function.__doc__
    assert heading in (DOCS / "hooks.md").read_text("utf-8").splitlines()
    tests = ROOT.glob("tests/plugins/test_*.py")
    assert any(hook in test.read_text("utf-8") for test in tests)


def _told(rule: Rule) -> str:
    if rule.needs_retry_at:
        return "retry at the vendor's time, else stop"
    if rule.fails_over:
        return "retry, failover when the pause does not fit before the deadline"
    if rule.disposition is Disposition.FAILOVER and rule.retries:
        return "failover, then retry"
    if rule.other_binding:
        return "failover to another binding"
    return f"{rule.disposition} once" if rule.most == 1 else str(rule.disposition)


def test_the_table_of_reasons_is_the_table_in_the_code() -> None:
    documented = {c[0]: c[1] for c in rows("outcomes.md") if len(c) == 2}

    for reason in Reason:
        assert documented[reason] == _told(RULES[reason])


def test_every_status_is_documented() -> None:
    documented = {c[0] for c in rows("outcomes.md") if len(c) == 3}

    assert documented >= set(Status)


def test_the_metrics_page_lists_every_metric_with_its_labels() -> None:
    registry = CollectorRegistry()
    Metrics(registry)
    exposed = {metric.name for metric in registry.collect()}

    documented = {c[0] for c in rows("metrics.md") if c[0].startswith("notify_")}

    assert {re.sub(r"_(total|info)$", "", name) for name in documented} == exposed


@pytest.mark.parametrize("folder", PROVIDERS)
def test_every_provider_has_a_page_with_the_same_headings(folder: str) -> None:
    page = (DOCS / "providers" / f"{folder}.md").read_text("utf-8")

    headings = re.findall(r"^## (.+)$", page, re.MULTILINE)

    wanted = (
        "Install, Settings, Features, Limits and quirks, Callbacks, Troubleshooting"
    )
    assert headings == wanted.split(", ")


def test_the_page_of_the_code_names_every_folder_and_files_that_there_are() -> None:
    core = ROOT / "notify_core"
    page = (DOCS / "code.md").read_text("utf-8")

    folders = {cells[0] for cells in rows("code.md") if len(cells) == 2}

    assert folders - {"folder", "---"} == {
        f.parent.name for f in core.glob("*/__init__.py")
    }
    for file in re.findall(r"`([a-z_/]+\.py)`", page):
        assert (core / file).exists()


def test_every_schema_is_valid_and_has_an_id_and_examples() -> None:
    files = [path for path in schema_root().iterdir() if path.name.endswith(".json")]

    assert len(files) >= 6
    for file in files:
        schema = json.loads(file.read_text("utf-8"))
        Draft202012Validator.check_schema(schema)
        assert schema["$id"].endswith(f"/{file.name}")


def test_the_readme_has_the_matrix_of_the_installed_providers() -> None:
    shown = README.split("--matrix` -->")[1].split("<!-- end of providers")[0]

    printed = CliRunner().invoke(main, ["providers", "--matrix"])

    assert printed.exit_code == 0
    assert shown.strip() == printed.output.strip()


def test_the_readmes_configuration_loads_with_the_two_warnings_that_it_names(
    tmp_path: Path,
) -> None:
    first, durable = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    file = tmp_path / "notify.yaml"
    file.write_text(first + durable, "utf-8")

    environ = {"IHUYI_ID": "C1", "IHUYI_KEY": "k", "IHUYI_URL": "https://a.example"}

    snapshot = load(file, Plugins(), {**environ, "NOTIFY_HASH_KEY": "k" * 32})

    assert list(snapshot.providers) == ["ihuyi-otp", "screen"]
    assert snapshot.storage.url == f"sqlite:///{tmp_path}/notify.db"
    of_webhook, of_screen = snapshot.warnings
    assert "ihuyi-otp has no webhook" in str(of_webhook)
    assert "screen has none of the ways to settle" in str(of_screen)


@pytest.mark.parametrize("line", re.findall(r"^\$ notify (.*)$", README, re.MULTILINE))
def test_the_readme_shows_commands_that_there_are(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("people.csv").touch()
    command: click.Command = main
    arguments = line.split()

    while isinstance(command, click.Group):
        with click.Context(command) as context:
            _, found, arguments = command.resolve_command(context, arguments)
        assert found is not None
        command = found

    with command.make_context(line, arguments) as parsed:
        assert parsed.params


def test_the_readme_and_the_makefile_name_the_same_commands() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")

    for command in re.findall(r"make (demo|test|bench)", README):
        assert f"\n{command}:" in makefile
