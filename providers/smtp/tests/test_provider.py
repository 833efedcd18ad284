"""One mail on its way to a mail server."""

import asyncio

import pytest

from notify_core.model.outcome import Outcome, Reason
from notify_core.transmission import Timeouts

CONNECT_FAILED = (Outcome.REJECTED, Reason.CONNECT_FAILED)
NO_RESPONSE = (Outcome.UNKNOWN, Reason.NO_RESPONSE)
BEFORE = ["GREETING", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"]


def verdict(answer):
    return answer.outcome, answer.reason


async def test_a_real_mail_server_takes_the_mail(mail_server, account, submission):
    answer = await account(mail_server.port).submit(
        submission(subject="Your code", html="<p>Your code is <b>2546</b>.</p>")
    )

    mail = mail_server.only()
    assert verdict(answer) == (Outcome.ACCEPTED, Reason.NONE)
    assert (answer.code, answer.text) == (
        "250",
        "CONTENT: 250 2.0.0 Ok: queued as 12345",
    )
    assert (mail.sender, mail.recipients) == (
        "no-reply@example.com",
        ["jane@example.org"],
    )
    assert mail.message["Subject"] == "Your code"
    assert mail.message.get_body(("plain",)).get_content() == "Your code is 2546.\n"
    html = mail.message.get_body(("html",)).get_content()
    assert html == "<p>Your code is <b>2546</b>.</p>\n"


async def test_the_commands_are_those_of_one_mail(scripted, account, submission):
    await account(scripted.port).submit(submission())

    assert scripted.said == [
        "GREETING",
        "EHLO [127.0.0.1]",
        f"MAIL FROM:<no-reply@example.com> SIZE={len(scripted.contents[0]) - 3}",
        "RCPT TO:<jane@example.org>",
        "DATA",
        "CONTENT",
    ]


async def test_the_account_says_the_name_that_it_was_given(
    scripted, account, submission
):
    await account(scripted.port, client_name="app.example.com").submit(submission())

    assert "EHLO app.example.com" in scripted.said


async def test_a_server_without_size_is_told_none(scripted, account, submission):
    scripted.answers(EHLO="250 mx.test")

    answer = await account(scripted.port).submit(submission())

    assert answer.outcome is Outcome.ACCEPTED
    assert "MAIL FROM:<no-reply@example.com>" in scripted.said


async def test_a_line_that_begins_with_a_dot_arrives_with_one(
    mail_server, account, submission
):
    text = "First.\n.\n..\n.hidden\nLast."

    await account(mail_server.port).submit(submission(text=text))

    assert mail_server.only().message.get_content() == f"{text}\n"


async def test_writing_begins_after_the_server_asked_for_the_mail_and_not_before(
    scripted, account, submission
):
    given = submission()
    seen = []
    scripted.watch = lambda step: seen.append((step, given.wire.begun))

    await account(scripted.port).submit(given)

    assert [step for step, begun in seen if not begun] == [
        "GREETING",
        "EHLO",
        "MAIL",
        "RCPT",
        "DATA",
    ]
    assert [step for step, begun in seen if begun] == ["CONTENT"]


# What breaks.


@pytest.mark.parametrize(
    "end", ["!close", "!reset", "!stall", "!close 25", "HTTP/1.1 400 Bad Request"]
)
@pytest.mark.parametrize("step", [*BEFORE, "CONTENT"])
async def test_a_broken_connection_is_unknown_after_the_mail_and_not_sent_before(
    step, end, scripted, account, submission, login
):
    scripted.answers(**{step: end})
    brief = 0.1 if end == "!stall" else 5
    timeouts = Timeouts(connect=5 if step == "CONTENT" else brief, read=brief)
    given = submission(timeouts=timeouts)

    answer = await account(scripted.port, **login).submit(given)

    assert verdict(answer) == (NO_RESPONSE if step == "CONTENT" else CONNECT_FAILED)
    assert given.wire.begun == (step == "CONTENT")
    assert len(scripted.contents) == (step == "CONTENT")
    assert scripted.connections <= 1


async def test_nobody_listens(account, submission):
    given = submission()

    answer = await account(9).submit(given)

    assert verdict(answer) == CONNECT_FAILED
    assert answer.text == "the connection failed: Connection refused"
    assert not given.wire.begun


async def test_a_name_that_does_not_resolve(account, submission, unresolved):
    answer = await account(25, host="mail.invalid").submit(submission())

    assert verdict(answer) == CONNECT_FAILED
    assert answer.text == "the host's name does not resolve"


async def test_a_server_that_takes_its_time_before_the_mail_is_not_connected(
    scripted, account, submission
):
    scripted.answers(DATA="!stall")
    timeouts = Timeouts(connect=0.1, read=5)

    answer = await account(scripted.port).submit(submission(timeouts=timeouts))

    assert verdict(answer) == CONNECT_FAILED
    assert answer.text == "the mail not transmitted within 0.1 s"


async def test_a_server_that_takes_its_time_after_the_mail_leaves_it_unknown(
    scripted, account, submission
):
    scripted.answers(CONTENT="!stall")
    timeouts = Timeouts(connect=5, read=0.1)

    answer = await account(scripted.port).submit(submission(timeouts=timeouts))

    assert verdict(answer) == NO_RESPONSE
    assert answer.text == "no reply to the mail within 0.1 s"


@pytest.mark.parametrize("step", [*BEFORE, "CONTENT"])
async def test_cancelled_anywhere_the_connection_is_closed_and_the_wire_tells(
    step, scripted, account, submission, login
):
    scripted.answers(**{step: "!stall"})
    given = submission()
    provider = account(scripted.port, **login)

    task = asyncio.create_task(provider.submit(given))
    await scripted.reached(step)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    await scripted.left()
    assert given.wire.begun == (step == "CONTENT")


async def test_a_reply_that_no_server_gives_to_a_mail_leaves_it_unknown(
    scripted, account, submission
):
    scripted.answers(CONTENT="354 Go on")

    answer = await account(scripted.port).submit(submission())

    assert verdict(answer) == NO_RESPONSE


# What is refused.


@pytest.mark.parametrize(
    ("step", "reply", "verdict"),
    [
        ("GREETING", "554 No SMTP service here", ("GREETING 5yz", "access_denied")),
        ("GREETING", "421 4.3.2 Shutting down", ("4yz", "provider_error")),
        ("EHLO", "550 Go away", ("EHLO 5yz", "access_denied")),
        ("AUTH", "535 5.7.8 Credentials invalid", ("5.7.8", "auth_failed")),
        ("AUTH", "454 4.7.0 Temporary failure", ("4yz", "provider_error")),
        ("MAIL", "550 5.7.1 Not your address", ("MAIL 5.7.1", "sender_rejected")),
        ("MAIL", "552 Too big", ("MAIL 552", "content_invalid")),
        ("MAIL", "530 5.7.0 Authentication required", ("530", "auth_failed")),
        ("RCPT", "550 5.1.1 No such user", ("5.1.1", "recipient_invalid")),
        ("RCPT", "550 No such user here", ("RCPT 550", "recipient_invalid")),
        ("RCPT", "450 4.7.1 Greylisted", ("4yz", "provider_error")),
        ("RCPT", "550 5.9.9 Who knows", ("RCPT 550", "recipient_invalid")),
        ("RCPT", "554 5.7.1 Relay denied", ("RCPT 5.7.1", "destination_unsupported")),
        ("DATA", "554 No valid recipients", ("554", "unmapped")),
        ("CONTENT", "554 5.7.1 Spam", ("CONTENT 5.7.1", "content_rejected")),
        ("CONTENT", "451 4.3.0 Try again", ("4yz", "provider_error")),
        ("CONTENT", "552 5.3.4 Too big", ("5.3.4", "content_invalid")),
        ("CONTENT", "571 5.9.9 Who knows", ("5.9.9", "unmapped")),
        ("CONTENT", "571 4.1.1 Of another class", ("571", "unmapped")),
        ("CONTENT", "471", ("4yz", "provider_error")),
    ],
)
async def test_a_refusal_is_one_at_every_step_after_the_mail_too(
    step, reply, verdict, scripted, account, submission, login
):
    scripted.answers(**{step: reply})
    given = submission()

    answer = await account(scripted.port, **login).submit(given)

    assert answer.outcome is Outcome.REJECTED
    assert (answer.code, answer.reason) == verdict
    assert answer.text == f"{step}: {reply}"
    assert given.wire.begun == (step == "CONTENT")


async def test_a_long_reply_is_one_line(scripted, account, submission):
    scripted.answers(
        RCPT="551-5.7.1 Forwarding to remote hosts disabled\r\n"
        "551 5.7.1 Select another host"
    )

    answer = await account(scripted.port).submit(submission())

    assert answer.text == (
        "RCPT: 551 5.7.1 Forwarding to remote hosts disabled 5.7.1 Select another host"
    )


async def test_words_that_are_no_utf8_can_be_stored(scripted, account, submission):
    scripted.answers(RCPT="550 5.1.1 kein Empf\udce4nger")

    answer = await account(scripted.port).submit(submission())

    assert answer.text == "RCPT: 550 5.1.1 kein Empf\ufffdnger"


# Other addresses than ASCII.


@pytest.mark.parametrize(
    "people",
    [
        {"to": "用户@例子.公司"},
        {"sender": "Böse <grüße@example.com>", "to": "jane@example.org"},
        {"sender": "a@grüße.example", "to": "jane@example.org"},
    ],
)
async def test_an_address_beyond_ascii_goes_to_a_server_that_takes_it(
    people, mail_server, account, submission
):
    answer = await account(mail_server.port).submit(submission(**people))

    mail = mail_server.only()
    assert answer.outcome is Outcome.ACCEPTED
    assert mail.recipients == [people["to"]]
    assert {"SMTPUTF8", "BODY=8BITMIME"} < set(mail.options)
    assert f"To: {people['to']}\r\n".encode() in mail.source


async def test_an_address_beyond_ascii_is_not_sent_to_a_server_that_takes_none(
    open_mail_server, account, submission
):
    server = await open_mail_server(enable_SMTPUTF8=False)
    given = submission(to="用户@例子.公司")

    answer = await account(server.port).submit(given)

    assert verdict(answer) == (Outcome.REJECTED, Reason.UNSUPPORTED)
    assert "ASCII" in answer.text
    assert not given.wire.begun
    assert server.mails == []


async def test_a_name_beyond_ascii_goes_to_every_server(
    open_mail_server, account, submission
):
    server = await open_mail_server(enable_SMTPUTF8=False)

    await account(server.port, sender="示例公司 <a@example.com>").submit(submission())

    [sender] = server.only().message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("示例公司", "a@example.com")
