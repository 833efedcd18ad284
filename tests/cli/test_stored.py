"""The commands that act on the outbox, over a real SQLite file."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from notify_core.model.channel import Kind
from notify_core.model.outcome import Reason
from notify_core.model.status import Status
from notify_core.outbox.inbound import Inbound
from notify_core.outbox.record import Record
from notify_core.outbox.sqlite import SqliteOutbox
from notify_core.secret import Secret
from notify_core.testing.outbox.replying import reply
from notify_core.testing.outbox.subject import (
    OTHER_PHONE,
    attempt,
    ended,
    message,
    parked,
    record,
    rejected,
    unknown,
)
from tests.cli.conftest import CONFIG, TOKEN, Notify

DURABLE = """
outbox: {url: "sqlite:///notify.db"}
privacy: {hash_key: {env: FIRST_TOKEN}}
"""
HOUR = timedelta(hours=1)
NOW = datetime.now(UTC).replace(microsecond=0)
NUMBER = "+8613800138000"

Keep = Callable[..., None]


@pytest.fixture
def keep(notify: Notify) -> Keep:
    """Put records into the outbox of the configuration."""
    Path("notify.yaml").write_text(CONFIG + DURABLE, "utf-8")

    def put(*records: Record) -> None:
        asyncio.run(_kept(records))

    return put


async def _kept(records: tuple[Record, ...]) -> None:
    outbox = SqliteOutbox("notify.db", Secret(TOKEN))
    for given in records:
        await outbox.add(given)
    await outbox.park(parked(recipient=NUMBER))
    await outbox.aclose()


def now(**fields: Any) -> Record:
    """Return the record of a message that was accepted a moment ago."""
    usual: dict[str, Any] = {"accepted_at": NOW, "deadline": NOW + HOUR}
    return record(**usual | fields)


def over(*attempts: Any, **fields: Any) -> Record:
    """Return the record of one about which nothing more is done."""
    done = ended(*attempts, accepted_at=NOW, deadline=NOW + HOUR, final=True)
    return attrs.evolve(done, **fields)


def waiting(**fields: Any) -> Record:
    """Return the record of one that is to go in an hour."""
    return now(planned=Status.DEFERRED, due_at=NOW + HOUR, **fields)


# inbound


@pytest.fixture
def told(keep: Keep) -> None:
    """Put two replies into the outbox of the configuration."""
    keep()
    other = {"sender": OTHER_PHONE.address, "provider": "b"}
    early = NOW - 3 * HOUR
    asyncio.run(
        _told(
            reply("Early", received_at=early, **other), reply("Late", received_at=NOW)
        )
    )


async def _told(*replies: Inbound) -> None:
    outbox = SqliteOutbox("notify.db", Secret(TOKEN))
    for given in replies:
        assert await outbox.keep_inbound(given)
    await outbox.aclose()


@pytest.mark.usefixtures("told")
def test_replies_are_listed_with_masked_senders_and_without_their_text(
    notify: Notify,
) -> None:
    listed, said = notify("inbound"), notify("inbound", "--text")

    assert listed.exit_code == said.exit_code == 0
    assert "+86138****8000" in listed.output
    assert NUMBER not in listed.output + said.output
    assert "Late" not in listed.output
    assert said.output.index("Late") < said.output.index("Early")


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    "options",
    [("--provider", "b"), ("--from", OTHER_PHONE.address), ("--cursor", "")],
    ids=lambda options: options[0],
)
def test_a_list_of_replies_is_filtered_and_goes_on_at_its_cursor(
    notify: Notify, options: tuple[str, str]
) -> None:
    first = json.loads(notify("inbound", "--limit", "1", "--json").stdout)
    name, value = options

    listed = notify("inbound", name, value or first["cursor"], "--text", "--json")

    document = json.loads(listed.stdout)
    assert [one["text"] for one in document["inbound"]] == ["Early"]
    assert document["cursor"] is None
    assert f"--cursor {first['cursor']}" in notify("inbound", "--limit", "1").output


@pytest.mark.usefixtures("told")
def test_replies_may_be_none_and_a_cursor_wrong(notify: Notify) -> None:
    none = notify("inbound", "--provider", "c")
    wrong = notify("inbound", "--cursor", "x")

    assert (none.exit_code, none.output) == (0, "  none\n")
    assert wrong.exit_code == 2
    assert "the cursor is none that a page gave" in wrong.output


# list and dead-letters


def test_messages_are_listed_with_masked_addresses(notify: Notify, keep: Keep) -> None:
    given = over(rejected(reason=Reason.AUTH_FAILED))
    keep(given)

    listed = notify("list")

    assert listed.exit_code == 0
    assert f"  {given.message.id}  " in listed.output
    assert "+86138****8000" in listed.output
    assert "rejected auth_failed" in listed.output
    assert NUMBER not in listed.output


def test_a_list_is_filtered(notify: Notify, keep: Keep) -> None:
    wanted = over(attempt(), kind=Kind.MARKETING, recipient=OTHER_PHONE)
    keep(wanted, over(attempt()), now(kind=Kind.MARKETING))
    options = ("--status", "accepted", "--kind", "marketing", "--since", "2h")

    listed = notify("list", *options, "--to", OTHER_PHONE.address, "--json")

    document = json.loads(listed.stdout)
    assert [m["id"] for m in document["messages"]] == [wanted.message.id]
    assert document["cursor"] is None


def test_a_long_list_goes_on_at_its_cursor(notify: Notify, keep: Keep) -> None:
    given = [now(), now(), now()]
    keep(*given)

    first = json.loads(notify("list", "--limit", "2", "--json").stdout)
    rest = notify("list", "--cursor", first["cursor"])

    assert f"--cursor {first['cursor']}" in notify("list", "--limit", "2").output
    assert given[0].message.id in rest.output
    assert given[1].message.id not in rest.output


@pytest.mark.parametrize(
    ("option", "told"),
    [
        (("--cursor", "x"), "the cursor is none that a page gave"),
        (("--to", "nobody"), "no phone number"),
        (("--since", "yesterday"), "write 2026-01-31T08:00:00+08:00, or 2h"),
        (("--until", "2026-01-31"), "write 2026-01-31T08:00:00+08:00, or 2h"),
    ],
)
def test_a_wrong_filter_ends_a_list_with_2(
    notify: Notify, keep: Keep, option: tuple[str, str], told: str
) -> None:
    keep()

    listed = notify("list", *option)

    assert listed.exit_code == 2
    assert told in listed.stderr


def test_dead_letters_are_listed_with_their_reason(notify: Notify, keep: Keep) -> None:
    dead = over(unknown(reason=Reason.NO_RESPONSE))
    keep(dead, over(attempt()), over(planned=Status.CANCELED, reason=Reason.CANCELED))

    listed = notify("dead-letters")
    document = json.loads(notify("dead-letters", "--json").stdout)

    assert dead.message.id in listed.output
    assert notify("dead-letters", "--channel", "webhook").output == "  none\n"
    assert [(m["id"], m["dead"]) for m in document["messages"]] == [
        (dead.message.id, "no_response")
    ]


def test_an_empty_list_says_so(notify: Notify, keep: Keep) -> None:
    keep()

    assert notify("dead-letters").output == "  none\n"


# status


def test_a_message_is_shown_and_ends_as_its_sending_would(
    notify: Notify, keep: Keep
) -> None:
    lost, done = over(unknown(reason=Reason.NO_RESPONSE)), over(attempt())
    keep(lost, done)

    shown = notify("status", lost.message.id)

    assert shown.exit_code == 5
    assert "submit_unknown (no_response)" in shown.output
    assert notify("status", done.message.id, "--json").exit_code == 0


def test_an_unknown_message_ends_with_1(notify: Notify, keep: Keep) -> None:
    keep()

    for command in ("status", "cancel"):
        told = notify(command, "nothing")
        assert told.exit_code == 1
        assert "nothing is known of a message 'nothing'" in told.stderr


def test_the_outbox_tells_how_it_stands(notify: Notify, keep: Keep) -> None:
    late = now(accepted_at=NOW - HOUR)
    keep(late, waiting(), waiting())

    shown = notify("status")
    document = json.loads(notify("status", "--json").stdout)

    assert "  deferred  2\n" in shown.output
    assert document["messages"] == {"created": 1, "deferred": 2}
    assert document["oldest_age"] >= HOUR.total_seconds()
    assert document["paused"] == []


# cancel


def test_a_message_that_waits_is_withdrawn(notify: Notify, keep: Keep) -> None:
    given = waiting()
    keep(given)

    told = notify("cancel", given.message.id, "--json")

    assert told.exit_code == 0
    assert json.loads(told.stdout)["status"] == "canceled"


def test_what_was_sent_is_not_withdrawn(notify: Notify, keep: Keep) -> None:
    given = over(attempt())
    keep(given)

    told = notify("cancel", given.message.id)

    assert told.exit_code == 1
    assert "accepted" in told.output


# replay


def test_a_dead_letter_is_sent_again(notify: Notify, keep: Keep) -> None:
    said = message(template="login-code")
    dead = over(rejected(reason=Reason.AUTH_FAILED), message=said)
    keep(dead)

    told = notify("replay", dead.message.id, "--json")

    assert told.exit_code == 0
    replayed = json.loads(told.stdout)
    assert (replayed["status"], replayed["final"]) == ("created", False)
    assert replayed["id"] in notify("list", "--status", "created").output


def test_an_erased_message_is_not_sent_again(notify: Notify, keep: Keep) -> None:
    said = message(template="login-code")
    dead = over(rejected(), message=said, kind=Kind.OTP)
    keep(dead)

    told = notify("replay", dead.message.id)

    assert told.exit_code == 4
    assert "erased" in told.stderr


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (over(attempt()), "a provider took it"),
        (waiting(), "it is still to be sent"),
        (over(unknown(reason=Reason.NO_RESPONSE)), "it may have been sent"),
    ],
)
def test_what_did_not_end_unsent_is_not_replayed_and_ends_with_1(
    notify: Notify, keep: Keep, given: Record, why: str
) -> None:
    keep(given)

    told = notify("replay", given.message.id)
    document = json.loads(notify("replay", given.message.id, "--json").stdout)

    assert told.exit_code == 1
    assert told.output.startswith(f"It was not replayed: {why}.\n")
    assert document["id"] == given.message.id


def test_a_forgotten_message_is_not_replayed(notify: Notify, keep: Keep) -> None:
    sent, held = over(attempt()), waiting()
    keep(sent, held)
    notify("forget", NUMBER)

    told = [notify("replay", given.message.id) for given in (sent, held)]

    assert [ended.exit_code for ended in told] == [1, 4]
    assert "was not replayed" in told[0].output
    assert "was erased" in told[1].output


# pause and resume


def test_a_provider_is_left_alone_until_it_is_resumed(
    notify: Notify, keep: Keep
) -> None:
    keep()

    paused = notify("pause", "first", "--why", "their maintenance")
    shown = notify("status")
    resumed = notify("resume", "first", "--json")
    again = notify("resume", "first")

    assert "first is paused" in paused.output
    assert "their maintenance" in shown.output
    assert json.loads(resumed.stdout) == {"provider": "first", "paused": False}
    assert again.exit_code == 1
    assert "nobody has paused a provider 'first'" in again.output


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("pause", "a"), 2, "--why"),
        (("pause", "a", "--why", " "), 2, "says nothing"),
        (("pause", "nobody", "--why", "x"), 3, "no provider 'nobody'; "),
    ],
)
def test_a_provider_is_paused_by_its_name_and_with_a_reason(
    notify: Notify, keep: Keep, arguments: tuple[str, ...], code: int, told: str
) -> None:
    keep()

    ended = notify(*arguments)

    assert ended.exit_code == code
    assert told in ended.output


# forget


def test_a_forgotten_person_is_nowhere_in_the_file(notify: Notify, keep: Keep) -> None:
    said = message(metadata={"name": "Jane"}, params={"code": "987654"})
    gone, late = over(attempt(), message=said), waiting()
    other = message(to=OTHER_PHONE.address)
    keep(gone, late, over(attempt(), recipient=OTHER_PHONE, message=other))

    told = notify("forget", NUMBER)

    assert (told.exit_code, told.output) == (0, "erased; messages: 2\n")
    files = b"".join(path.read_bytes() for path in Path().glob("notify.db*"))
    for secret in (NUMBER, "987654", "Jane"):
        assert secret.encode() not in files
    assert "canceled" in notify("status", late.message.id).output
    listed = json.loads(notify("list", "--json").stdout)["messages"]
    assert sorted(m["to"] for m in listed) == ["+86139****9000", "erased", "erased"]


def test_who_is_no_address_cannot_be_forgotten(notify: Notify, keep: Keep) -> None:
    keep()

    told = notify("forget", "jane")

    assert told.exit_code == 2
    assert "no phone number" in told.stderr


def test_an_e_mail_address_is_told_its_channel(notify: Notify, keep: Keep) -> None:
    keep()

    forgotten = notify("forget", "jane@example.com")
    sent = notify("send", "jane@example.com", "--template", "login-code")

    assert (forgotten.exit_code, sent.exit_code) == (2, 4)
    for told in (forgotten, sent):
        assert "needs the channel email, `--channel email`" in told.stderr
        assert "jane" not in told.stderr


# Any of them.


@pytest.mark.parametrize(
    "command",
    [("list",), ("status",), ("cancel", "x"), ("replay", "x"), ("forget", NUMBER)],
)
def test_an_outbox_in_memory_has_nothing_to_show(
    notify: Notify, command: tuple[str, ...]
) -> None:
    told = notify(*command)

    assert told.exit_code == 3
    assert "is in memory" in told.stderr
