from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import PATIENCE, TOKEN, Notify, Start, configure

NUMBER = "+8613800138000"
CODE = "--template", "login-code", "--param", "code=246810"


def test_an_accepted_message_is_shown_with_its_attempt(notify: Notify) -> None:
    ended = notify("send", NUMBER, *CODE)

    assert ended.exit_code == 0
    assert ended.output.startswith("accepted  message ")
    assert "1. first  accepted  id first-1" in ended.output


def test_the_json_of_a_sending_is_a_result_and_nothing_else(notify: Notify) -> None:
    ended = notify("send", NUMBER, *CODE, "--json")

    result = json.loads(ended.stdout)
    assert (result["status"], result["route"]) == ("accepted", "root")
    assert result["attempts"][0]["provider"] == "first"
    assert ended.stderr == ""


def test_neither_number_nor_code_nor_key_is_shown(notify: Notify) -> None:
    shown = notify("send", NUMBER, *CODE).output
    shown += notify("send", NUMBER, *CODE, "--json").output

    for secret in (NUMBER, NUMBER[1:], NUMBER[3:], "246810", TOKEN):
        assert secret not in shown


def test_a_refusal_ends_with_1_and_says_why_and_what_to_do(notify: Notify) -> None:
    configure(only="recipient_blocked")

    ended = notify("send", NUMBER, "--text", "Hello")

    assert ended.exit_code == 1
    assert "rejected (recipient_blocked)" in ended.output
    assert "scripted recipient_blocked" in ended.output
    assert "Release the recipient in the vendor's console." in ended.output


def test_a_lost_answer_ends_with_5_and_warns_of_sending_again(notify: Notify) -> None:
    configure(only="no_response")

    ended = notify("send", NUMBER, "--text", "Hello")

    assert ended.exit_code == 5
    assert "submit_unknown (no_response)" in ended.output
    assert "before you send it again" in ended.output


def test_every_attempt_is_shown(notify: Notify) -> None:
    configure(one="insufficient_balance", two="none")

    ended = notify("send", NUMBER, "--text", "Hello")

    assert ended.exit_code == 0
    assert "1. one  rejected  insufficient_balance" in ended.output
    assert "2. two  accepted" in ended.output


def test_providers_that_were_left_out_are_shown_with_why(notify: Notify) -> None:
    Path("notify.yaml").write_text(
        "version: 1\n"
        "providers:\n"
        "  web: {type: acme, settings: "
        "{base_url: 'http://127.0.0.1:9', key: {env: FIRST_TOKEN}}}\n"
        "routes: {pool: web}\n"
    )

    ended = notify("send", "jane@example.com", "--channel", "email", "--text", "Hi")

    assert ended.exit_code == 1
    assert "rejected (no_provider)" in ended.output
    assert "web: left out, channel email is not served" in ended.output


def test_the_options_become_the_message(notify: Notify) -> None:
    options = (
        *("--kind", "otp", "--locale", "en", "--importance", "high"),
        *("--route", "root", "--label", "tenant=a=b", "--metadata", "order=7"),
        *("--idempotency-key", "k", "--validity", "5m", "--sender", "ACME"),
        *("--extra", '{"fake": {}}', "--channel", "sms"),
    )

    ended = notify("send", NUMBER, *CODE, *options)

    assert ended.exit_code == 0, ended.output


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        (("--extra", '{"fake": {"colour": 1}}'), "extra.fake"),
        (("--validity", "soon"), "validity is no duration"),
        (("--route", "nowhere"), "route no route 'nowhere'"),
        (("--kind", "marketing"), "kind is marketing"),
        (("--sender", ""), "sender is empty"),
        (("--idempotency-key", "k" * 256), "idempotency_key has 256 characters"),
    ],
)
def test_an_option_that_does_not_fit_is_named(
    notify: Notify, options: tuple[str, ...], fault: str
) -> None:
    ended = notify("send", NUMBER, *CODE, *options)

    assert ended.exit_code == 4
    assert fault in ended.stderr


def test_every_fault_of_a_message_is_told_at_once(notify: Notify) -> None:
    ended = notify("send", "not a number", "--template", "nothing-like-it")

    assert ended.exit_code == 4
    assert "to " in ended.stderr
    assert "template no template 'nothing-like-it'" in ended.stderr
    assert "nothing was sent" in ended.stderr


def test_the_faults_of_a_message_are_json_too(notify: Notify) -> None:
    ended = notify("send", "12", *CODE, "--json")

    error = json.loads(ended.stderr)["error"]
    assert (error["kind"], error["exit_code"]) == ("invalid_message", 4)
    assert [problem["pointer"] for problem in error["problems"]] == ["/to"]
    assert ended.stdout == ""


def test_a_message_is_read_from_standard_input(notify: Notify) -> None:
    message = {"to": NUMBER, "template": "login-code", "params": {"code": "1234"}}

    ended = notify("send", "--message", "-", input=json.dumps(message))

    assert ended.exit_code == 0


def test_a_message_is_read_from_a_file(notify: Notify) -> None:
    Path("message.json").write_text('{"to": "+8613800138000", "colour": "red"}')

    ended = notify("send", "--message", "message.json")

    assert ended.exit_code == 4
    assert "colour is unknown" in ended.stderr


def test_parameters_may_be_one_object_of_json(notify: Notify) -> None:
    template = NUMBER, "--template", "login-code"

    sent = notify("send", *template, "--params", '{"code": "246810"}')
    refused = notify("send", *template, "--params", '{"code": 246810}')

    assert sent.exit_code == 0
    assert refused.exit_code == 4
    assert "params.code is number, not string: put it in quotes" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (("--text", "Hello"), "say to whom"),
        ((NUMBER, "--message", "-"), "leave out TO"),
        (("--message", "-", "--text", "Hello"), "leave out --text"),
        (("--message", "missing.json"), "missing.json"),
        ((NUMBER, *CODE, "--extra", "{"), "--extra is no JSON"),
        ((NUMBER, *CODE, "--params", "{}"), "stands without --param"),
        ((NUMBER, "--param", "code"), "write it as name=value"),
        ((NUMBER, *CODE, "--param", "code=1"), "--param code is given twice"),
        ((NUMBER, *CODE, "--extra", '{"a": 1, "a": 2}'), "name 'a' twice"),
        ((NUMBER, "--kind", "joke"), "'joke' is not one of"),
        ((NUMBER, "--timeout", "0"), "0.0 is not in the range"),
        ((NUMBER, "--timeout", "5"), "--timeout is for --wait: add --wait delivered"),
    ],
)
def test_a_wrong_command_line_ends_with_2(
    notify: Notify, arguments: tuple[str, ...], fault: str
) -> None:
    ended = notify("send", *arguments)

    assert ended.exit_code == 2
    assert fault in ended.stderr
    assert "Traceback" not in ended.output


def test_a_value_that_is_no_pair_is_not_shown(notify: Notify) -> None:
    ended = notify("send", NUMBER, "--template", "login-code", "--param", "246810")

    assert "246810" not in ended.output


def test_waiting_for_a_report_that_does_not_come_ends_with_6(notify: Notify) -> None:
    ended = notify("send", NUMBER, *CODE, "--wait", "delivered", "--timeout", "0.05")

    assert ended.exit_code == 6
    assert ended.output.startswith("accepted")


def test_what_a_provider_prints_stays_out_of_the_document(
    notify: Notify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOTIFY_PLUGINS")
    Path("notify.yaml").write_text(
        "version: 1\nproviders: {screen: {type: console}}\nroutes: {pool: screen}\n"
    )
    pytest.importorskip("notify_console")

    ended = notify("send", NUMBER, "--text", "Hello", "--json")

    assert json.loads(ended.stdout)["status"] in ("accepted", "sent", "delivered")
    assert "Hello" in ended.stderr


def test_a_message_that_says_a_thing_twice_is_refused(notify: Notify) -> None:
    twins = '{"to": "+8613800138000", "to": "+8613800138001"}'

    ended = notify("send", "--message", "-", input=twins)

    assert ended.exit_code == 4
    assert "has the name 'to' twice in one object" in ended.stderr
    assert "138001" not in ended.stderr


def test_a_missing_recipient_is_told_of_once(notify: Notify) -> None:
    error = json.loads(notify("send", "", *CODE, "--json").stderr)["error"]

    assert [problem["pointer"] for problem in error["problems"]] == ["/to"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="it is Linux's own")
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_output_that_fails_is_told_with_what_became_of_the_message(
    start: Start, form: tuple[str, ...]
) -> None:
    with Path("/dev/full").open("w") as full:
        process = start("send", NUMBER, *CODE, *form, stdout=full)
        _, complaints = process.communicate(timeout=PATIENCE)

    assert process.returncode == 74
    assert "the output could not be written: No space left on device" in complaints
    assert "is accepted: it was sent, do not send it again" in complaints
    assert "Traceback" not in complaints
