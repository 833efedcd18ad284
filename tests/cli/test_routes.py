from __future__ import annotations

import json
from pathlib import Path

import pytest

from notify_core.cli.routes import command
from tests.cli.conftest import Notify

NUMBER = "+8613800138000"
#: The pool of codes, drawn.
ALL = "all (weighted: both (ordered: first, second) x4, second)"
CONFIG = """
version: 1
defaults: {region: CN, timezone: Asia/Shanghai}
outbox: {url: "sqlite:///notify.db"}
privacy: {hash_key: {env: FIRST_TOKEN}}
providers:
  first: {type: fake}
  second: {type: fake}
pools:
  all: {strategy: weighted, members: [{use: both, weight: 4}, second]}
  both: {members: [first, second]}
policies:
  quiet: {quiet_hours: {from: "22:00", to: "08:00"}}
templates:
  code:
    kind: otp
    params: {type: object, properties: {code: {type: string}}, required: [code]}
    text: "Your code is {{ code }}."
  bill:
    kind: notice
    params: {type: object, properties: {days: {type: integer}}, required: [days]}
    text: "{{ days }} days left."
routes:
  pool: first
  policy: quiet
  routes:
    - name: codes
      match: {kind: otp}
      pool: all
      policy: null
      routes:
        - {name: abroad, match: {country: {not: CN}}, free_text: true}
        - {name: person, match: {recipient: "+8613900139000"}, pool: second}
    - {name: tenant, match: {labels.tenant: {in: [a1, a2], prefix: a}}, by_name: false}
"""
TESTS = """
tests:
  - name: notices wait
    at: "2026-01-01T23:30:00+08:00"
    given: {to: "+8613800138000", content: {text: Hello.}}
    expect: {status: deferred}
  - name: codes do not
    at: "2026-01-01T23:30:00+08:00"
    given: {to: "+8613800138000", template: code, params: {code: "1234"}}
    expect: {status: STATUS}
"""


@pytest.fixture
def routed(notify: Notify) -> Notify:
    """A command line in a folder whose configuration has a tree of routes."""
    Path("notify.yaml").write_text(CONFIG, "utf-8")
    return notify


def test_the_tree_is_drawn(routed: Notify) -> None:
    ended = routed("routes", "show")

    assert ended.exit_code == 0
    assert ended.output.splitlines() == [
        "root  everything",
        "    to first, policy quiet",
        "├─ codes  kind otp",
        f"│      to {ALL}, policy default",
        "│  ├─ abroad  country not CN",
        f"│  │      to {ALL}, policy default, free texts",
        "│  └─ person  recipient +86139****9000",
        "│         to second, policy default",
        "└─ tenant  labels.tenant one of a1, a2 and a…",
        "       to first, policy quiet, not by name",
        "Below a route the first that matches wins.",
    ]


def test_the_tree_is_json(routed: Notify) -> None:
    told = json.loads(routed("routes", "show", "--json").stdout)

    assert [route["name"] for route in told["routes"]] == [
        *("root", "codes", "abroad", "person", "tenant")
    ]
    assert told["routes"][3] == {
        "name": "person",
        "parent": "codes",
        "depth": 2,
        "match": {"recipient": "+86139****9000"},
        "pool": "second",
        "strategy": "ordered",
        "providers": ["second"],
        "policy": "default",
        "free_text": False,
        "by_name": True,
        "origins": {"pool": "person", "policy": "codes"},
        "picture": "second",
    }


def test_the_way_of_a_message_is_explained(routed: Notify) -> None:
    ended = routed(
        *("routes", "explain", "--to", NUMBER, "--text", "Hello."),
        *("--label", "tenant=b1", "--at", "2026-01-01T23:30:00+08:00"),
    )

    assert ended.exit_code == 0
    lines = ended.output.splitlines()
    assert lines[:6] == [
        "Message  sms, notice, to +86138****8000, at 2026-01-01T23:30:00+08:00",
        "Way",
        "  root",
        "    not codes: kind has to be otp, and it is notice",
        "    not tenant: labels.tenant has to be one of a1, a2, and it is b1",
        "Settings of route root",
    ]
    until = "2026-01-02T08:00:00+08:00"
    assert f"Verdict  defer until {until} (policy_quiet_hours)" in lines


def test_an_explanation_is_json_without_the_code(routed: Notify) -> None:
    ended = routed(
        *("routes", "explain", "--to", "13800138000", "--template", "code"),
        *("--param", "code=73915", "--importance", "high", "--locale", "zh-CN"),
        *("--channel", "sms", "--kind", "otp", "--validity", "5m", "--json"),
    )

    told = json.loads(ended.stdout)
    assert ended.exit_code == 0
    assert told["route"] == "codes"
    assert told["to"] == "+86138****8000"
    assert [offer["provider"] for offer in told["providers"]] == ["first", "second"]
    assert "73915" not in ended.output


def test_params_of_other_types_are_given_as_json(routed: Notify) -> None:
    arguments = ("routes", "explain", "--to", NUMBER, "--template", "bill")

    as_text = routed(*arguments, "--param", "days=3")
    as_json = routed(*arguments, "--params", '{"days": 3}')

    assert as_text.exit_code == 4
    assert "params.days" in as_text.output
    assert as_json.exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--params", "{"), "--params is no JSON"),
        (("--params", "[1]"), "--params is one JSON object"),
        (("--params", "{}", "--param", "a=1"), "stands without --param"),
        (("--at", "tonight"), "--at is not a time with zone"),
        (("--at", "2026-01-01T23:30:00"), "--at is not a time with zone"),
        (("--at", "9999-12-31T23:30:00Z"), "--at is not of the years 1970 to 2999"),
        (("--at", "0001-01-01T00:00:00+14:00"), "--at is not of the years"),
        (("--label", "a=1", "--label", "a=2"), "--label a is given twice"),
    ],
)
def test_a_wrong_command_line_is_told(
    routed: Notify, arguments: tuple[str, ...], told: str
) -> None:
    ended = routed("routes", "explain", "--to", NUMBER, "--text", "Hi.", *arguments)

    assert ended.exit_code == 2
    assert told in ended.stderr


def test_a_route_that_no_message_may_name_is_told(routed: Notify) -> None:
    ended = routed(
        "routes", "explain", "--to", NUMBER, "--text", "Hi.", "--route", "tenant"
    )

    assert ended.exit_code == 4
    assert "by_name: false" in ended.output


def write_tests(status: str) -> None:
    Path("notify.yaml").write_text(CONFIG + TESTS.replace("STATUS", status), "utf-8")


def test_tests_that_come_true_end_well(routed: Notify) -> None:
    write_tests("accepted")

    ended = routed("routes", "test")

    assert ended.exit_code == 0
    assert ended.output.startswith("✓ 2 tests of notify.yaml came true in 0.")


def test_a_test_that_fails_says_what_came_and_the_way(routed: Notify) -> None:
    write_tests("rejected")

    ended = routed("routes", "test", "notify.yaml")

    assert ended.exit_code == 1
    lines = ended.output.splitlines()
    assert lines[:3] == [
        "✗ codes do not  notify.yaml:41",
        "  status: expected rejected, got accepted",
        "  tried: first accepted",
    ]
    assert "      not abroad: country has to be not CN, and it is CN" in lines
    assert lines[-1].startswith("✗ 1 of 2 tests of notify.yaml failed in 0.")


def test_failures_are_json(routed: Notify) -> None:
    write_tests("rejected")

    ended = routed("routes", "test", "--json")

    told = json.loads(ended.stdout)
    assert ended.exit_code == 1
    assert (told["ok"], told["tests"]) == (False, 2)
    (failure,) = told["failures"]
    assert failure["test"] == "codes do not"
    assert failure["problem"]["line"] == 41
    assert failure["differences"] == [
        {"name": "status", "expected": "rejected", "got": "accepted"}
    ]
    assert failure["result"]["status"] == "accepted"
    assert failure["explanation"]["route"] == "codes"


def test_a_file_without_tests_says_so(routed: Notify) -> None:
    ended = routed("routes", "test")

    assert ended.exit_code == 0
    assert ended.output == "notify.yaml has no tests.\n"


def test_a_test_that_names_what_there_is_not_is_an_error(routed: Notify) -> None:
    wrong = TESTS.replace("STATUS", "accepted") + "    when: {frist: none}\n"
    Path("notify.yaml").write_text(CONFIG + wrong, "utf-8")

    ended = routed("routes", "test")

    assert ended.exit_code == 3
    assert "tests.1.when.frist is no provider; did you mean 'first'?" in ended.stderr


def test_every_option_of_the_commands_is_in_the_manual() -> None:
    manual = (Path(__file__).parents[2] / "docs/command-line.md").read_text("utf-8")
    chapter = manual.partition("\n## routes\n")[2].partition("\n## ")[0]

    for subcommand in command.commands.values():
        for param in subcommand.params:
            if param.name not in ("config", "as_json", "file"):
                assert f"`{param.opts[0]}" in chapter
