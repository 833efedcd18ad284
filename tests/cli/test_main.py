from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import click
import pytest

from notify_core.cli import main
from notify_core.cli.exit_code import ExitCode
from notify_core.cli.group import COMMANDS
from tests.cli.conftest import PATIENCE, Notify, Start

SILENT_VENDOR = """
version: 1
providers:
  silent: {type: acme, settings: {base_url: URL, key: {env: FIRST_TOKEN}}}
routes: {pool: silent}
"""
#: What runs before a command, in a shell.
TO_NOBODY = {"closed": "exec >&-;", "full": "exec >/dev/full;"}
CTRL_C_AT_IMPORT = """
import os, signal, sys

class CtrlC:
    def find_spec(self, name, *_):
        if name == "MODULE":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, CtrlC())
"""
MANUAL = Path(__file__).parents[2] / "docs" / "command-line.md"


def test_help_lists_every_command_and_exit_code(notify: Notify) -> None:
    shown = notify("--help").output

    for name, summary in COMMANDS.items():
        assert f"{name} " in shown
        assert summary in shown
    for code in ExitCode:
        assert f"{int(code)} " in shown
        assert code.meaning in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_examples_json_and_its_chapter(
    notify: Notify, name: str
) -> None:
    ended = notify(name, "--help")

    assert ended.exit_code == 0
    assert f"Examples:\n    notify {name}" in ended.output or name == "emulator"
    assert "--json" in ended.output
    assert f"\n## {name}\n" in MANUAL.read_text("utf-8")


@pytest.mark.parametrize("group", [[], ["key"], ["routes"], ["template"]])
def test_a_group_alone_shows_its_help(notify: Notify, group: list[str]) -> None:
    alone = notify(*group)

    assert alone.exit_code == 0
    assert alone.stdout == notify(*group, "--help").stdout
    assert alone.stderr == ""


@pytest.mark.parametrize("name", ["create", "list", "revoke"])
def test_every_command_of_keys_has_examples(notify: Notify, name: str) -> None:
    assert f"Examples:\n    notify key {name}" in notify("key", name, "--help").output


def test_choices_that_are_missing_are_told_without_escapes(notify: Notify) -> None:
    told = notify("key", "create", "shop").stderr

    assert "\n  send,\n  read," in told
    assert "\\t" not in told


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_in_the_manual(name: str) -> None:
    command = main.get_command(click.Context(main), name)

    chapter = MANUAL.read_text("utf-8").partition(f"\n## {name}\n")[2]
    chapter = chapter.partition("\n## ")[0]
    assert command is not None
    for param in command.params:
        if isinstance(param, click.Option) and param.name not in ("config", "as_json"):
            assert f"`{param.opts[0]}" in chapter


def test_the_manual_has_the_exit_codes() -> None:
    manual = MANUAL.read_text("utf-8")

    for code in ExitCode:
        assert f"| {int(code)} | {code.meaning} |" in manual


def test_the_version_is_shown(notify: Notify) -> None:
    assert notify("--version").output.startswith("notify-core 0.")


def test_a_shell_completes_commands(notify: Notify) -> None:
    asked = {"COMP_WORDS": "notify ch", "COMP_CWORD": "1"}

    ended = notify(env={**asked, "_NOTIFY_COMPLETE": "bash_complete"})

    assert ended.output == "plain,check\n"


def test_another_program_can_call_it_as_any_click_command() -> None:
    with pytest.raises(click.UsageError):
        main(["nothing"], standalone_mode=False)


def test_a_mistyped_command_is_answered_with_the_nearest(notify: Notify) -> None:
    ended = notify("blance")

    assert ended.exit_code == 2
    assert "did you mean 'balance'?" in ended.stderr


def test_a_wrong_option_is_json_where_json_was_asked_for(notify: Notify) -> None:
    ended = notify("check", "--colour", "--json")

    error = json.loads(ended.stderr)["error"]
    assert (ended.exit_code, error["exit_code"]) == (2, 2)
    assert (error["kind"], error["problems"]) == ("usage", [])


def test_a_plugin_error_ends_with_3_and_names_the_plugin(
    notify: Notify, site: Path
) -> None:
    twin = site / "notify_twin-1.dist-info"
    twin.mkdir()
    (twin / "METADATA").write_text("Metadata-Version: 2.1\nName: twin\nVersion: 1\n")
    (twin / "entry_points.txt").write_text("[notify_core]\nacme = notify_acme\n")

    ended = notify("providers")
    for file in (*twin.iterdir(), twin):
        file.rmdir() if file.is_dir() else file.unlink()

    assert ended.exit_code == 3
    assert "plugin 'acme': 2 installed distributions offer it" in ended.stderr


def test_a_selection_of_plugins_that_are_not_installed_is_refused(
    notify: Notify,
) -> None:
    selected = {"NOTIFY_PLUGINS": "acme,consol"}

    ended = notify("check", "--json", env=selected)
    helped = notify("check", "--help", env=selected)

    error = json.loads(ended.stderr)["error"]
    assert (ended.exit_code, helped.exit_code) == (3, 0)
    assert "NOTIFY_PLUGINS names 'consol', which is no inst" in error["message"]


def test_a_defect_is_called_one_without_its_text(notify: Notify) -> None:
    nothing: dict[str, str] = {}
    defect = click.Command("defect", callback=lambda: nothing["+8613800138000"])
    COMMANDS["defect"] = "For this test."
    module = type(sys)("notify_core.cli.defect")
    module.command = defect  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module

    ended = notify("defect")
    traced = notify("defect", env={"NOTIFY_DEBUG": "1"})
    del COMMANDS["defect"], sys.modules[module.__name__]

    assert ended.exit_code == 70
    assert "unexpected KeyError: this is a defect" in ended.stderr
    assert "13800138000" not in ended.stderr
    assert "Traceback" in traced.stderr


def test_colours_are_for_terminals_that_want_them(notify: Notify) -> None:
    plain = notify("check")
    coloured = notify("check", color=True)
    refused = notify("check", env={"NO_COLOR": "1"}, color=True)

    assert "\x1b[" not in plain.output
    assert "\x1b[32m" in coloured.output
    assert "\x1b[" not in refused.output


def test_a_terminal_without_the_characters_shows_others(
    start: Start, environ: dict[str, str]
) -> None:
    environ["PYTHONIOENCODING"] = "latin-1"

    shown, complaints = start("check").communicate(timeout=PATIENCE)

    assert (shown, complaints) == ("? notify.yaml can be used.\n", "")


def test_a_reader_that_goes_away_ends_it_silently(start: Start) -> None:
    readable, writable = os.pipe()
    os.close(readable)

    process = start("schema", stdout=writable)
    os.close(writable)
    _, complaints = process.communicate(timeout=PATIENCE)

    assert (process.returncode, complaints) == (ExitCode.BROKEN_PIPE, "")


@pytest.mark.parametrize("output", ["closed", "full"])
@pytest.mark.parametrize(
    "arguments",
    ["--help", "--version", "check --help", "check", "key list --help"],
)
def test_an_output_that_takes_nothing_ends_it_with_74(
    environ: dict[str, str], output: str, arguments: str
) -> None:
    command = f"{TO_NOBODY[output]} {sys.executable} -m notify_core {arguments}"

    ended = subprocess.run(  # noqa: S602 (our own command, closed as a shell does it)
        command, shell=True, env=environ, capture_output=True, text=True, check=False
    )

    assert ended.returncode == ExitCode.OUTPUT_FAILED
    assert ended.stderr.startswith("notify: the output could not be written: ")
    assert "\n" not in ended.stderr.strip()


@pytest.mark.parametrize("module", ["click", "importlib.metadata", "pluggy"])
def test_ctrl_c_while_it_begins_ends_it_without_a_trace(
    start: Start, environ: dict[str, str], tmp_path: Path, module: str
) -> None:
    hit = tmp_path / "sitecustomize.py"
    hit.write_text(CTRL_C_AT_IMPORT.replace("MODULE", module))
    environ["PYTHONPATH"] = f"{tmp_path}{os.pathsep}{environ['PYTHONPATH']}"

    process = start("check")
    shown, complaints = process.communicate(timeout=60)

    assert process.returncode == ExitCode.INTERRUPTED
    assert (shown, complaints.strip()) == ("", "notify: interrupted")


def test_ctrl_c_says_whether_the_message_may_have_left(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as vendor:
        url = f"http://127.0.0.1:{vendor.getsockname()[1]}"
        Path("notify.yaml").write_text(SILENT_VENDOR.replace("URL", url))
        process = start("send", "+8613800138000", "--text", "Hello")
        connection, _ = vendor.accept()
        connection.recv(1)

        process.send_signal(signal.SIGINT)
        shown, complaints = process.communicate(timeout=PATIENCE)
        connection.close()

    assert process.returncode == ExitCode.INTERRUPTED
    assert shown.startswith("submit_unknown (interrupted)")
    assert complaints.strip() == "notify: interrupted"
