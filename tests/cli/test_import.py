"""`notify import`, as a user runs it."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import signal
import sqlite3
import subprocess
import termios
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import CONFIG, PATIENCE, Notify, Start

NUMBER = "+8613800138{:03}"


@pytest.fixture(autouse=True)
def config(environ: dict[str, str]) -> None:
    """A configuration with an outbox in a file."""
    durable = "outbox: {url: 'sqlite:///n.db'}\nprivacy: {hash_key: {env: FIRST_TOKEN}}"
    Path("notify.yaml").write_text(CONFIG + durable, "utf-8")


def people(rows: Iterable[str], header: str = "to,params.code") -> str:
    """Write a file of rows and return its name."""
    Path("people.csv").write_text("\n".join([header, *rows, ""]), "utf-8")
    return "people.csv"


def codes(many: int) -> list[str]:
    """Return rows to a number each."""
    return [f"{NUMBER.format(n)},1234" for n in range(many)]


def recorded() -> int:
    """Return how many messages are in the outbox."""
    with sqlite3.connect("n.db") as database:
        (many,) = database.execute("SELECT count(*) FROM messages").fetchone()
    database.close()
    return int(many)


def rejected(path: str = "people.csv.rejected.ndjson") -> dict[int, Any]:
    """Return what is said of rejected rows, by line."""
    told = map(json.loads, Path(path).read_text("utf-8").splitlines())
    return {row["line"]: row for row in told}


TEMPLATE = "--template", "login-code"


def test_rows_become_messages_that_wait_for_a_worker(notify: Notify) -> None:
    ended = notify("import", people(codes(25)), *TEMPLATE, "--batch", "10")

    assert ended.exit_code == 0, ended.output
    assert "25 rows" in ended.output
    assert recorded() == 25
    assert not Path("people.csv.rejected.ndjson").exists()


def test_a_second_run_records_nothing_twice(notify: Notify) -> None:
    notify("import", people(codes(25)), *TEMPLATE)

    again = notify("import", "people.csv", *TEMPLATE, "--json")

    told = json.loads(again.stdout)
    assert (again.exit_code, told["taken"], told["repeated"]) == (0, 0, 25)
    assert recorded() == 25


def test_the_same_rows_under_another_name_are_other_messages(notify: Notify) -> None:
    notify("import", people(codes(2)), *TEMPLATE, "--name", "monday")

    notify("import", "people.csv", *TEMPLATE, "--name", "tuesday")
    notify("import", "people.csv", *TEMPLATE, "--name", "monday")

    assert recorded() == 4


def test_with_a_name_a_corrected_file_takes_what_was_rejected(notify: Notify) -> None:
    notify("import", people(["nobody,1", *codes(2)]), *TEMPLATE, "--name", "x")

    people([f"{NUMBER.format(900)},1234", *codes(2)])
    again = notify("import", "people.csv", *TEMPLATE, "--name", "x", "--json")

    told = json.loads(again.stdout)
    assert (told["taken"], told["repeated"], told["invalid"]) == (1, 2, 0)


def test_under_one_name_a_row_of_other_content_is_told_and_not_sent(
    notify: Notify,
) -> None:
    notify("import", people(codes(2)), *TEMPLATE, "--name", "x")

    people([*codes(1), f"{NUMBER.format(900)},1234"])
    again = notify("import", "people.csv", *TEMPLATE, "--name", "x")

    assert again.exit_code == 1
    assert "used again for other content" in rejected()[3]["problems"][0]["message"]
    assert recorded() == 2


def test_bad_rows_never_stop_the_good_ones(notify: Notify) -> None:
    rows = [*codes(2), "nobody,1234", f"{NUMBER.format(9)},letters", "1,2,3"]

    ended = notify("import", people(rows), *TEMPLATE, "--json")

    told = json.loads(ended.stdout)
    assert (ended.exit_code, told["taken"], told["invalid"]) == (1, 2, 3)
    assert told["rejects"] == "people.csv.rejected.ndjson"
    pointers = {n: r["problems"][0]["pointer"] for n, r in rejected().items()}
    assert pointers == {4: "/to", 5: "/params/code", 6: ""}
    assert recorded() == 2


def test_neither_numbers_nor_codes_are_shown_or_written(notify: Notify) -> None:
    rows = ["+861380013800012345,246810", f"{NUMBER.format(9)},2468101214"]

    ended = notify("import", people(rows), *TEMPLATE, "--rejects", "r.ndjson")

    shown = ended.output + Path("r.ndjson").read_text("utf-8")
    for secret in ("+861380013800012345", NUMBER.format(9), "246810"):
        assert secret not in shown


def test_a_rejected_file_of_an_earlier_run_is_gone_when_all_went_well(
    notify: Notify,
) -> None:
    notify("import", people(["nobody,1"]), *TEMPLATE)

    ended = notify("import", people(codes(1)), *TEMPLATE)

    assert ended.exit_code == 0
    assert not Path("people.csv.rejected.ndjson").exists()


def test_what_a_policy_refuses_is_told_with_its_reason(notify: Notify) -> None:
    text = Path("notify.yaml").read_text("utf-8")
    policy = "policies: {p: {sandbox: {allow: ['+8613800138000']}}}\n"
    routes = "routes: {pool: first, policy: p}"
    Path("notify.yaml").write_text(
        text.replace("routes: {pool: first}", policy + routes)
    )

    ended = notify("import", people(codes(2)), *TEMPLATE, "--json")

    told = json.loads(ended.stdout)
    assert (ended.exit_code, told["taken"]) == (1, 1)
    assert told["ended"] == {"suppressed (policy_sandbox)": 1}
    assert rejected()[3]["reason"] == "policy_sandbox"


def test_options_hold_for_rows_that_say_nothing_else(notify: Notify) -> None:
    rows = [
        {"to": "a@b.example", "content": {"text": "Hi"}},
        {"to": "+8613800138000", "channel": "sms", "content": {"text": "Hi"}},
        {"to": "a@b.example", "content": {"text": "x"}, "labels": {"b": "2"}},
    ]
    Path("m.ndjson").write_text("\n".join(map(json.dumps, rows)))
    options = (
        *("--channel", "email", "--kind", "marketing", "--sender", "Ann"),
        *("--locale", "en", "--importance", "high", "--route", "root"),
        *("--label", "a=1", "--metadata", "m=3", "--validity", "5m"),
        *("--not-before", "2026-01-31T08:00:00+08:00"),
    )

    ended = notify("import", "m.ndjson", *options)

    assert ended.exit_code == 0, ended.output
    with sqlite3.connect("n.db") as database:
        told = database.execute("SELECT facts FROM messages").fetchall()
    database.close()
    messages = [json.loads(facts)["message"] for (facts,) in told]
    # What has its default, as the channel `sms`, is left out of what is stored.
    assert [m.get("channel") for m in messages] == ["email", None, "email"]
    assert messages[2]["labels"] == {"a": "1", "b": "2"}
    for message in messages:
        assert message["kind"] == "marketing"
        assert (message["sender"], message["locale"]) == ("Ann", "en")
        assert (message["importance"], message["route"]) == ("high", "root")
        assert message["metadata"] == {"m": "3"}
        assert message["validity"] == "5m"
        assert message["not_before"].startswith("2026-01-31")


def test_one_row_is_one_row(notify: Notify) -> None:
    ended = notify("import", people(codes(1)), *TEMPLATE)

    assert ended.output.startswith("1 row\n")


def test_columns_are_mapped(notify: Notify) -> None:
    file = people([f"{NUMBER.format(1)},1234,x"], "phone,code,notes")
    maps = ("--map", "phone=to", "--map", "code=params.code", "--map", "notes=")

    ended = notify("import", file, *TEMPLATE, *maps)

    assert ended.exit_code == 0, ended.output
    assert recorded() == 1


def test_standard_input_is_read_under_a_name(notify: Notify) -> None:
    rows = "to,params.code\n" + "\n".join([*codes(3), "nobody,1"])
    arguments = ("import", "-", "--format", "csv", "--name", "sale", *TEMPLATE)

    first = notify(*arguments, input=rows)
    again = notify(*arguments, "--json", input=rows)

    assert first.exit_code == 1
    assert json.loads(again.stdout)["repeated"] == 3
    assert list(rejected("sale.rejected.ndjson")) == [5]
    assert recorded() == 3


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("-", "--format", "csv"), "standard input needs --name"),
        (("people.txt",), "say how rows are written"),
        (("people.csv", "--map", "phone=too"), "did you mean 'to'?"),
        (("people.csv", "--map", "a=to", "--map", "a=to"), "given twice"),
        (("people.csv", "--map", "phone"), "write it as column=field"),
        (("people.csv", "--name", "a b"), "--name has 1 to 64"),
        (("people.csv", "--rejects", "people.csv"), "names the file that is imported"),
        (("people.csv", "--batch", "0"), "not in the range"),
    ],
)
def test_options_that_do_not_fit_end_it_with_2(
    notify: Notify, arguments: tuple[str, ...], told: str
) -> None:
    people(codes(1))
    Path("people.txt").touch()

    ended = notify("import", *arguments)

    assert ended.exit_code == 2
    assert told in ended.stderr
    assert Path("people.csv").stat().st_size


@pytest.mark.parametrize(
    ("option", "told"),
    [
        (("--template", "login-cod"), "did you mean 'login-code'?"),
        (("--route", "rot"), "did you mean 'root'?"),
        (("--not-before", "x"), "not_before "),
        (("--validity", "x"), "validity "),
    ],
)
@pytest.mark.parametrize("more", [(), ("--dry-run", "--rejects", "r.ndjson")])
def test_an_option_that_fits_no_row_is_refused_before_the_file_is_touched(
    notify: Notify, option: tuple[str, str], told: str, more: tuple[str, ...]
) -> None:
    Path("r.ndjson").write_text("of an earlier run")

    ended = notify("import", "-", "--format", "csv", "--name", "r", *option, *more)

    assert ended.exit_code == 4
    assert told in ended.stderr
    assert Path("r.ndjson").read_text() == "of an earlier run"
    assert not Path("r.rejected.ndjson").exists()
    assert not Path("n.db").exists()


def test_a_configuration_with_a_fault_leaves_the_rejects_file_alone(
    notify: Notify,
) -> None:
    Path("notify.yaml").write_text("version: 2", "utf-8")
    Path("people.csv.rejected.ndjson").write_text("of an earlier run")

    ended = notify("import", people(codes(1)), *TEMPLATE)

    assert ended.exit_code == 3
    assert Path("people.csv.rejected.ndjson").read_text() == "of an earlier run"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"to\n+86138\xff\n", "people.csv is not UTF-8, line 2"),
        (b"phone\n1\n", "no column fills 'to'"),
        (b"", "not even a header"),
    ],
)
def test_a_broken_file_is_told_before_anything(
    notify: Notify, content: bytes, told: str
) -> None:
    Path("people.csv").write_bytes(content)

    ended = notify("import", "people.csv", *TEMPLATE)

    assert ended.exit_code == 1
    assert told in ended.stderr
    assert not Path("n.db").exists()


def test_an_outbox_in_memory_is_refused_with_a_remedy(notify: Notify) -> None:
    Path("notify.yaml").write_text(CONFIG, "utf-8")

    ended = notify("import", people(codes(1)), *TEMPLATE)

    assert ended.exit_code == 3
    assert "outbox: {url: sqlite:///notify.db}" in ended.stderr


def test_rejects_that_cannot_be_written_are_told_before_anything(
    notify: Notify,
) -> None:
    ended = notify("import", people(codes(1)), *TEMPLATE, "--rejects", "no/where")

    assert ended.exit_code == 1
    assert "name another --rejects FILE" in ended.stderr
    assert not Path("n.db").exists()


def test_a_dry_run_counts_and_records_nothing(notify: Notify) -> None:
    text = Path("notify.yaml").read_text("utf-8")
    price = "type: fake\n    price: {per_segment: '0.045', currency: CNY}"
    Path("notify.yaml").write_text(text.replace("type: fake", price))
    rows = [*codes(3), "nobody,1234"]

    ended = notify("import", people(rows), *TEMPLATE, "--dry-run", "--json")

    told = json.loads(ended.stdout)
    assert (ended.exit_code, told["rows"], told["invalid"]) == (1, 4, 1)
    assert told["problems"][0]["line"] == 5
    assert told["kinds"]["otp"] == {
        "rows": 3,
        "eligible": 3,
        "deferred": 0,
        "left_out": {},
        "segments": 3,
        "cost": {"CNY": "0.135"},
        "providers": {"first": 3},
    }
    assert recorded() == 0
    assert not Path("people.csv.rejected.ndjson").exists()


def test_a_dry_run_tells_people_the_first_problems(notify: Notify) -> None:
    rows = [*codes(1), *(["nobody,1234"] * 12)]

    ended = notify("import", people(rows), *TEMPLATE, "--dry-run", "--rejects", "r")

    assert "otp: 1 of 1 can be sent; 1 segment\n" in ended.output
    assert "line 3: to " in ended.output
    assert ended.output.count("  line ") == 10
    assert len(rejected("r")) == 12


def test_killed_in_the_middle_and_run_again_every_row_is_recorded_once(
    notify: Notify, start: Start
) -> None:
    rows = [f"+86138{n:08},1234" for n in range(3000)]
    begun = start("import", people(rows), *TEMPLATE, "--batch", "100")
    _until_some_are_recorded()
    begun.kill()
    begun.communicate()
    first = recorded()

    ended = notify("import", "people.csv", *TEMPLATE, "--json")

    told = json.loads(ended.stdout)
    assert (told["taken"], told["repeated"]) == (3000 - first, first)
    assert recorded() == 3000


def test_ctrl_c_ends_it_after_the_batch_and_says_how_to_go_on(start: Start) -> None:
    rows = [f"+86138{n:08},1234" for n in range(20_000)]
    begun = start("import", people(rows), *TEMPLATE, "--batch", "100")
    _until_some_are_recorded()

    begun.send_signal(signal.SIGINT)
    shown, _ = begun.communicate(timeout=PATIENCE)

    assert begun.returncode == 130
    assert "run the same command again to go on" in shown
    assert recorded() % 100 == 0


def test_ctrl_c_ends_a_wait_for_a_pipe_at_once(start: Start) -> None:
    arguments = ("import", "-", "--format", "csv", "--name", "x", *TEMPLATE)
    begun = start(*arguments, "--batch", "1", stdin=subprocess.PIPE)
    assert begun.stdin is not None
    begun.stdin.write("to,params.code\n" + codes(1)[0] + "\n")
    begun.stdin.flush()
    _until_some_are_recorded()

    begun.send_signal(signal.SIGINT)
    begun.wait(timeout=PATIENCE)

    begun.communicate()
    assert begun.returncode == 130


def test_ctrl_c_ends_a_wait_for_a_header(start: Start) -> None:
    arguments = ("import", "-", "--format", "csv", "--name", "x", *TEMPLATE)
    begun = start(*arguments, stdin=subprocess.PIPE)
    assert begun.stdin is not None
    begun.stdin.write("to,para")
    begun.stdin.flush()
    _until_all_is_read(begun.stdin.fileno())

    begun.send_signal(signal.SIGINT)
    begun.wait(timeout=PATIENCE)

    begun.communicate()
    assert begun.returncode == 130


def _until_all_is_read(pipe: int) -> None:
    left = bytes(4)
    while left := fcntl.ioctl(pipe, termios.FIONREAD, left):
        if not any(left):
            return
        time.sleep(0.005)


def _until_some_are_recorded() -> None:
    while True:
        try:
            if recorded():
                return
        except sqlite3.Error:
            pass
        time.sleep(0.005)


def test_a_terminal_sees_how_far_it_has_come(start: Start) -> None:
    ours, theirs = pty.openpty()
    begun = start(
        "import", people(codes(50)), *TEMPLATE, "--batch", "10", stderr=theirs
    )
    begun.communicate(timeout=PATIENCE)
    os.close(theirs)

    shown = b""
    with suppress(OSError):  # the other end is closed
        while part := os.read(ours, 4096):
            shown += part
    os.close(ours)

    for words in (b"50 rows", b"/s", b"100%"):
        assert words in shown


def test_a_pipe_sees_no_progress(start: Start) -> None:
    begun = start("import", people(codes(50)), *TEMPLATE)

    _, errors = begun.communicate(timeout=PATIENCE)

    assert (begun.returncode, errors) == (0, "")
