"""What a developer sees of a message."""

import io
import logging
import sys

import pytest
from jsonschema import Draft202012Validator

from notify_core.http import HttpClient, new_session
from notify_core.model.channel import Channel, Kind
from notify_core.model.message import Content
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.recipient import Email, Phone
from notify_core.plugins import Plugins
from notify_core.provider import Account, ReceiptMode, Submission, TextMode

PHONE = Phone("+8613800138000", "86", "CN")


@pytest.fixture
def console():
    return Plugins().provider_types["console"]


@pytest.fixture
async def provider(console):
    async with new_session() as session:

        def make(target="stdout", *, show_recipient=False):
            settings = {"target": target, "show_recipient": show_recipient}
            account = Account(
                name="screen", settings=settings, http=HttpClient(session), now=None
            )
            return console.create(account)

        yield make


def submission(**given):
    facts = {
        "message": "01K",
        "reference": "01K",
        "recipient": PHONE,
        "channel": Channel.SMS,
        "kind": Kind.OTP,
        "text": "您的验证码是：2546。",
    }
    return Submission(**facts | given)


@pytest.mark.parametrize("target", ["stdout", "stderr"])
async def test_the_text_is_printed_and_the_number_masked(provider, capsys, target):
    answer = await provider(target).submit(submission())

    assert answer.outcome is Outcome.ACCEPTED
    out, err = capsys.readouterr()
    printed, other = (out, err) if target == "stdout" else (err, out)
    assert printed == "sms to +86138****8000 (otp)\n  您的验证码是：2546。\n"
    assert other == ""


async def test_the_whole_number_is_printed_when_the_setting_says_so(provider, capsys):
    await provider(show_recipient=True).submit(submission())

    assert capsys.readouterr().out.startswith("sms to +8613800138000 (otp)\n")


async def test_the_log_carries_the_text_and_a_masked_number(provider, caplog, capsys):
    caplog.set_level(logging.INFO, logger="notify_console")

    answer = await provider("log").submit(submission())

    assert answer.outcome is Outcome.ACCEPTED
    assert caplog.messages == ["sms to +86138****8000 (otp)\n  您的验证码是：2546。"]
    assert capsys.readouterr().out == ""


async def test_an_email_shows_its_subject_and_that_there_is_html(provider, capsys):
    content = Content(text="Hello\nJane", subject="Welcome", html="<p>Hello</p>")

    await provider().submit(
        submission(
            channel=Channel.EMAIL,
            kind=Kind.NOTICE,
            recipient=Email("jane@example.com"),
            sender="shop@example.com",
            text=content.text,
            content=content,
        )
    )

    assert capsys.readouterr().out.splitlines() == [
        "email to j***@example.com from shop@example.com (notice)",
        "  Subject: Welcome",
        "  Hello",
        "  Jane",
        "  (and an HTML alternative of 12 characters)",
    ]


async def test_a_text_cannot_steer_the_terminal(provider, capsys):
    await provider().submit(submission(text="a\x1b[2Jb\x07"))

    assert capsys.readouterr().out.endswith("  a\\x1b[2Jb\\x07\n")


async def test_a_stream_of_another_encoding_gets_escapes(provider, monkeypatch):
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))

    answer = await provider().submit(submission(text="码 \ud83d"))

    assert answer.outcome is Outcome.ACCEPTED
    assert written.getvalue().endswith(b"  \\u7801 \\ud83d\n")


async def test_a_closed_stream_is_a_refusal(provider, monkeypatch):
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)

    answer = await provider().submit(submission())

    assert answer.outcome is Outcome.REJECTED
    assert answer.reason is Reason.PROVIDER_ERROR
    assert answer.text == "stdout cannot be written: ValueError"


async def test_a_message_without_text_shows_who_and_what(provider, capsys):
    await provider().submit(submission(text=None))

    assert capsys.readouterr().out == "sms to +86138****8000 (otp)\n"


async def test_what_is_shown_counts_as_written(provider):
    shown = submission()

    await provider("log").submit(shown)

    assert shown.wire.begun


def test_it_takes_any_text_on_any_channel_and_tells_nothing_afterwards(console):
    can = console.capabilities

    assert can.channels == set(Channel)
    assert (can.text, can.templates) == (TextMode.FREE, False)
    assert (can.receipts, can.balance) == (ReceiptMode.NONE, False)
    assert console.account_key({"target": "log"}) == "console:log"


@pytest.mark.parametrize(
    ("settings", "fits"),
    [
        ({}, True),
        ({"target": "stderr", "show_recipient": True}, True),
        ({"target": "log", "show_recipient": False}, True),
        ({"target": "log", "show_recipient": True}, False),
        ({"target": "file"}, False),
        ({"show_recipient": "yes"}, False),
        ({"colour": True}, False),
    ],
)
def test_the_settings_schema_takes_what_is_documented(console, settings, fits):
    schema = console.settings_schema
    Draft202012Validator.check_schema(schema)

    assert Draft202012Validator(schema).is_valid(settings) is fits
