from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import ACME, Notify

Script = dict[str, Any]
Change = Callable[[Callable[[Script], None]], None]


@pytest.fixture
def change(
    environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Change]:
    """Install a copy of the plugin whose demo is another one."""
    copy = tmp_path / "copy"
    shutil.copytree(ACME, copy)
    monkeypatch.syspath_prepend(copy)
    sys.modules.pop("notify_acme", None)
    messages = copy / "notify_acme" / "demo" / "messages.json"

    def write(alter: Callable[[Script], None]) -> None:
        script = json.loads(messages.read_text())
        alter(script)
        messages.write_text(json.dumps(script))

    yield write
    sys.modules.pop("notify_acme", None)


def test_a_demo_shows_every_promised_line(notify: Notify) -> None:
    ended = notify("demo")

    assert ended.exit_code == 0
    assert "✓  status          accepted" in ended.output
    assert "✓  on the handset  Hello" in ended.output
    assert "✓  0  notify_unsettled_messages" in ended.output
    assert "All 4 promised lines were shown" in ended.output


def test_the_account_of_a_demo_is_one_json_document(notify: Notify) -> None:
    document = json.loads(notify("demo", "acme", "--json").stdout)

    assert (document["type"], document["ok"]) == ("acme", True)
    assert [len(step["lines"]) for step in document["steps"]] == [2, 1, 1]


def test_a_demo_shows_neither_number_nor_key_and_puts_the_environment_back(
    notify: Notify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_DEMO_URL", "http://mine.example")

    ended = notify("demo")

    assert "13800138000" not in ended.output
    assert "s3cret" not in ended.output
    assert "NOTIFY_DEMO_KEY" not in os.environ
    assert os.environ["NOTIFY_DEMO_URL"] == "http://mine.example"


def test_a_broken_promise_ends_with_1_and_is_named(
    change: Change, notify: Notify
) -> None:
    def promise_more(script: Script) -> None:
        script["steps"][0]["promises"][0]["wanted"] = "delivered"

    change(promise_more)

    ended = notify("demo")

    assert ended.exit_code == 1
    assert "✗  status          accepted, promised was delivered" in ended.output
    assert "1 of 4 promised lines are missing:" in ended.output
    assert "step 1, status: promised was delivered" in ended.output


def test_a_promise_about_what_is_not_there_is_broken(
    change: Change, notify: Notify
) -> None:
    def promise_more(script: Script) -> None:
        script["steps"][2]["promises"][0]["at"] = "/notify_flights_total"

    change(promise_more)

    ended = notify("demo", "--json")

    document = json.loads(ended.stdout)
    assert (ended.exit_code, document["ok"]) == (1, False)
    assert document["steps"][2]["lines"][0]["shown"] == "nothing"


def test_a_fault_of_the_vendor_is_part_of_a_script(
    change: Change, notify: Notify
) -> None:
    def break_the_answer(script: Script) -> None:
        script["steps"] = script["steps"][:1]
        script["steps"][0]["send"]["fault"] = {"close": "before"}
        script["steps"][0]["promises"] = [
            {"line": "status", "at": "/status", "wanted": "submit_unknown"},
            {"line": "handset", "at": "/arrived", "wanted": None},
        ]

    change(break_the_answer)

    ended = notify("demo")

    assert ended.exit_code == 0
    assert "✓  handset  nothing" in ended.output


def test_a_configuration_is_shown_without_its_secrets(
    change: Change, notify: Notify
) -> None:
    def show_it(script: Script) -> None:
        settings = "/providers/acme/settings"
        step = {
            "title": "Configuration",
            "configuration": {},
            "promises": [
                {"line": "type", "at": "/providers/acme/type", "wanted": "acme"},
                {"line": "key", "at": f"{settings}/key", "wanted": "***"},
            ],
        }
        script["steps"] = [step]

    change(show_it)

    assert notify("demo").exit_code == 0


def test_a_step_that_fails_breaks_its_promises_and_says_why(
    change: Change, notify: Notify
) -> None:
    def ask_for_a_balance(script: Script) -> None:
        step = {
            "title": "The balance",
            "balance": {"provider": "acme"},
            "promises": [{"line": "left", "at": "/amount", "wanted": "1"}],
        }
        script["steps"].append(step)

    change(ask_for_a_balance)

    ended = notify("demo")

    assert ended.exit_code == 1
    assert "failed: provider 'acme' does not support a balance" in ended.output


def test_a_message_that_is_invalid_breaks_the_promises_of_its_step(
    change: Change, notify: Notify
) -> None:
    def mistype(script: Script) -> None:
        script["steps"][0]["send"]["message"]["to"] = "12"

    change(mistype)

    ended = notify("demo")

    assert ended.exit_code == 1
    assert "failed: to " in ended.output


def no_action(script: Script) -> None:
    del script["steps"][0]["send"]


def two_actions(script: Script) -> None:
    script["steps"][0]["metrics"] = {}


def unknown_key(script: Script) -> None:
    script["steps"][0]["colour"] = "red"


def no_promise(script: Script) -> None:
    script["steps"][0]["promises"] = []


@pytest.mark.parametrize(
    ("alter", "fault"),
    [
        (no_action, "give exactly one action"),
        (two_actions, "give exactly one action"),
        (unknown_key, "unknown key colour"),
        (no_promise, "promises"),
    ],
)
def test_a_script_that_cannot_be_played_ends_with_3(
    change: Change, notify: Notify, alter: Callable[[Script], None], fault: str
) -> None:
    change(alter)

    ended = notify("demo")

    assert ended.exit_code == 3
    assert fault in ended.stderr
    assert "Traceback" not in ended.output


@pytest.mark.parametrize(
    ("arguments", "code", "fault"),
    [
        (("fake",), 3, "provider type 'fake' has no demo"),
        (("acne",), 3, "did you mean 'acme'?"),
    ],
)
def test_a_type_without_demo_is_told(
    notify: Notify, arguments: tuple[str, ...], code: int, fault: str
) -> None:
    ended = notify("demo", *arguments)

    assert ended.exit_code == code
    assert fault in ended.stderr


def test_without_a_type_that_has_a_demo_one_must_be_named(
    notify: Notify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_PLUGINS", "")

    ended = notify("demo")

    assert ended.exit_code == 2
    assert "name a provider type; there are none" in ended.stderr
