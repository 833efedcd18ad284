from __future__ import annotations

import json
from pathlib import Path

import pytest

from notify_core.cli.template import command
from tests.cli.conftest import TOKEN, Notify

MORE = """
template_files: [templates/*.yaml]
"""
BILL = """
bill:
  kind: notice
  default_locale: zh-CN
  params:
    type: object
    properties: {days: {type: integer}}
    required: [days]
    additionalProperties: false
  text: {zh-CN: "还有{{ days }}天。", en: "%s {{ days }} days left."}
  subject: {zh-CN: 账单, en: Bill}
  html: "<p>{{ days }}</p>"
"""
PRICE = 'settings: {token: {env: FIRST_TOKEN}}\n    price: {per_segment: "0.05", '
PRICE += "currency: CNY}"


@pytest.fixture
def shop(notify: Notify) -> Notify:
    """A command line in a folder whose configuration has templates beside it."""
    Path("templates").mkdir()
    Path("templates/bills.yaml").write_text(BILL % ("x" * 160), "utf-8")
    text = Path("notify.yaml").read_text("utf-8")
    text = text.replace("settings: {token: {env: FIRST_TOKEN}}", PRICE)
    Path("notify.yaml").write_text(text + MORE, "utf-8")
    return notify


def test_every_template_is_listed_with_who_sends_it(shop: Notify) -> None:
    ended = shop("template", "list")

    assert ended.exit_code == 0
    assert ended.output.splitlines() == [
        "login-code  otp",
        "    params: code",
        "    sent by: first",
        "bill  notice, zh-CN, en",
        "    params: days",
        "    sent by: first",
    ]


def test_the_list_is_json(shop: Notify) -> None:
    told = json.loads(shop("template", "list", "--json").stdout)

    assert told["templates"][1] == {
        "name": "bill",
        "kind": "notice",
        "params": ["days"],
        "locales": ["zh-CN", "en"],
        "providers": [{"provider": "first", "binding": None}],
    }


def test_a_configuration_without_templates_says_so(notify: Notify) -> None:
    text = Path("notify.yaml").read_text("utf-8").split("templates:")[0]
    Path("notify.yaml").write_text(text, "utf-8")

    assert notify("template", "list").output == "notify.yaml has no templates.\n"


def test_a_template_is_shown_as_it_reads_and_what_it_would_cost(shop: Notify) -> None:
    ended = shop("template", "render", "login-code", "--param", "code=1234")

    assert ended.exit_code == 0
    assert ended.output.splitlines() == [
        "login-code  otp, to +86131****6789",
        "  text: Your code is 1234.",
        "  18 characters, GSM-7, 1 segment",
        "Providers",
        "  first  the text  1 segment, 0.05 CNY",
    ]
    assert TOKEN not in ended.output


def test_the_language_and_other_params_can_be_given(shop: Notify) -> None:
    given = ("bill", "--params", '{"days": 3}', "--locale", "en-GB", "--json")

    told = json.loads(shop("template", "render", *given).stdout)

    assert told["locale"] == "en"
    assert told["text"].endswith("x 3 days left.")
    assert (told["subject"], told["html"]) == ("Bill", "<p>3</p>")
    assert (told["characters"], told["encoding"], told["segments"]) == (
        173,
        "gsm-7",
        2,
    )
    [offer] = told["providers"]
    assert offer["billed"] == {
        "segments": 2,
        "encoding": "gsm-7",
        "cost": "0.10",
        "currency": "CNY",
    }


def test_a_provider_that_would_not_take_it_says_why(shop: Notify) -> None:
    Path("templates/none.yaml").write_text("none: {kind: otp}\n", "utf-8")

    ended = shop(
        "template", "render", "none", "--channel", "email", "--to", "a@b.example"
    )

    assert ended.exit_code == 0
    assert ended.output.splitlines() == [
        "none  otp, to a***@b.example",
        "Providers",
        "  first  the template has no text, and no binding with a template_id for it",
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["login-cod"], 3, "no template 'login-cod'; did you mean 'login-code'?"),
        (["login-code", "--provider", "frist"], 3, "did you mean 'first'?"),
        (["login-code"], 4, "params.code is missing"),
        (["login-code", "--param", "code=x"], 4, "does not satisfy pattern"),
        (["bill", "--param", "days=3"], 4, "is string, not integer"),
        (["bill", "--params", "{"], 2, "--params is no JSON"),
        (["bill", "--params", "[]"], 2, "--params is one JSON object"),
        (["bill", "--params", '{"a": 1, "a": 2}'], 2, "twice in one object"),
        (["bill", "--params", "{}", "--param", "a=b"], 2, "stands without --param"),
        (["bill", "--params", '{"days": 3}', "--to", "x"], 4, "is no phone number"),
        ([], 2, "Missing argument 'NAME'"),
    ],
)
def test_what_cannot_be_rendered_says_what_to_do(
    shop: Notify, arguments: list[str], code: int, told: str
) -> None:
    ended = shop("template", "render", *arguments)

    assert ended.exit_code == code
    assert told in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_text_that_cannot_be_filled_is_no_message(shop: Notify) -> None:
    odd = 'odd: {kind: otp, text: "{{ 1 / 0 }}"}\n'
    Path("templates/odd.yaml").write_text(odd, "utf-8")

    ended = shop("template", "render", "odd")

    assert ended.exit_code == 4
    assert "do not fit the template: text: it raises ZeroDivisionError" in ended.stderr


def test_without_a_region_the_example_is_one_of_another_country(shop: Notify) -> None:
    text = Path("notify.yaml").read_text("utf-8")
    Path("notify.yaml").write_text(text.replace("defaults: {region: CN}\n", ""))

    ended = shop("template", "render", "login-code", "--param", "code=1234")

    assert "to +1" in ended.output


def test_good_templates_are_said_to_be_good(shop: Notify) -> None:
    ended = shop("template", "check", "--strict")

    assert ended.exit_code == 0
    assert ended.output == "✓ the templates of notify.yaml can be used.\n"


def test_only_faults_of_templates_are_told(shop: Notify) -> None:
    text = Path("notify.yaml").read_text("utf-8")
    Path("notify.yaml").write_text(text + "colour: red\n", "utf-8")
    Path("templates/odd.yaml").write_text("odd:\n  kind: otp\n  txt: x\n", "utf-8")

    ended = shop("template", "check")

    assert ended.exit_code == 3
    assert ended.output == (
        "error    templates/odd.yaml:3:3 odd.txt is unknown; did you mean 'text'?\n"
    )


def test_a_warning_of_a_template_is_a_failure_only_with_strict(shop: Notify) -> None:
    Path("templates/odd.yaml").write_text("odd: {kind: otp}\n", "utf-8")

    relaxed, strict = shop("template", "check"), shop("template", "check", "--strict")

    assert "odd can be sent by no provider" in relaxed.output
    assert (relaxed.exit_code, strict.exit_code) == (0, 1)


def test_the_check_is_json_and_takes_the_file_once(shop: Notify) -> None:
    told = json.loads(shop("template", "check", "notify.yaml", "--json").stdout)
    twice = shop("template", "check", "notify.yaml", "--config", "notify.yaml")

    assert told.pop("notes") == []
    assert told == {"file": "notify.yaml", "ok": True, "errors": [], "warnings": []}
    assert twice.exit_code == 2


def test_the_group_lists_its_commands(notify: Notify) -> None:
    ended = notify("template", "--help")

    assert ended.exit_code == 0
    for name in ("list", "render", "check"):
        assert f"\n  {name} " in ended.output


def test_every_option_of_the_commands_is_in_the_manual() -> None:
    manual = (Path(__file__).parents[2] / "docs/command-line.md").read_text("utf-8")
    chapter = manual.partition("\n## template\n")[2].partition("\n## ")[0]
    common = {"--config", "--json"}

    options = {
        name
        for each in command.commands.values()
        for option in each.params
        for name in option.opts
        if name.startswith("--")
    }

    assert [name for name in options - common if f"`{name}" not in chapter] == []
