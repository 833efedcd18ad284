"""What the emulator takes and refuses, line by line."""

import pytest

PLAIN = "AUTH PLAIN AHRlc3QAMTIzNA=="
ACCOUNT = {"username": "test", "password": "1234"}


async def test_a_mail_is_taken_and_kept(desk, line):
    reply = await line.send()

    [arrival] = desk.emulator.messages
    assert reply == f"250 2.0.0 Ok: queued as {arrival.id}"
    assert (arrival.to, arrival.sender) == ("jane@example.org", "a@example.com")
    assert arrival.text == ("The Next Meeting of the Board\n\nBill:\nThe code is 2546.")
    assert (arrival.reference, arrival.channel) == ("01ABC@bar.com", "email")
    assert arrival.login_code == "2546"


async def test_dots_that_were_added_are_taken_away(desk, line, mail):
    await line.send(mail + b"..\r\n...\r\n.x\r\n")

    assert desk.emulator.messages[0].text.endswith("\n.\n..\nx")


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        (["MAIL FROM:<a@example.com>"], "503 5.5.1"),
        (["EHLO"], "501 5.5.4"),
        (["HELO"], "501 5.5.4"),
        (["HELO a", "MAIL FROM:<a@example.com>"], "250 2.1.0"),
        (["EHLO a", "RCPT TO:<a@example.com>"], "503 5.5.1"),
        (["EHLO a", "DATA"], "503 5.5.1"),
        (["EHLO a", "MAIL FROM:<a@example.com>", "DATA"], "503 5.5.1"),
        (["EHLO a", "MAIL FROM:<a@b.example>", "MAIL FROM:<a@b.example>"], "503 5.5.1"),
        (["EHLO a", "MAIL FROM:a@example.com"], "501 5.5.4"),
        (["EHLO a", "MAIL TO:<a@example.com>"], "501 5.5.4"),
        (["EHLO a", "MAIL FROM:<a@example.com> RET=HDRS"], "555 5.5.4"),
        (["EHLO a", "MAIL FROM:<a@example.com> SIZE=10000001"], "552 5.3.4"),
        (["EHLO a", "MAIL FROM:<a@example.com> SIZE=100 body=8bitmime"], "250 2.1.0"),
        (["EHLO a", "MAIL FROM:<ü@example.com>"], "553 5.6.7"),
        (["EHLO a", "MAIL FROM:<ü@example.com> SMTPUTF8"], "250 2.1.0"),
        (["EHLO a", "MAIL FROM:<a@b.example>", "RCPT TO:<a@b c>"], "501 5.5.4"),
        (["EHLO a", "MAIL FROM:<a@b.example>", "RCPT FROM:<a@b.example>"], "501 5.5.4"),
        (["EHLO a", "MAIL FROM:<a@b.example>", "RCPT TO:<a@b.c> NOTIFY=NEVER"], "555"),
        (["EHLO a", "MAIL FROM:<a@b.example>", "RCPT TO:<ü@b.example>"], "553 5.6.7"),
        (
            ["EHLO a", "MAIL FROM:<a@b.example> SMTPUTF8", "RCPT TO:<ü@b.c>"],
            "250 2.1.5",
        ),
        (["EHLO a", "MAIL FROM:<a@b.example>", "RCPT TO:<a@b.c>", "DATA x"], "501"),
        (["EHLO a", "MAIL FROM:<a@b.example>", "RSET", "RCPT TO:<a@b.c>"], "503"),
        (["EHLO a", "MAIL FROM:<a@b.example>", "EHLO a", "RCPT TO:<a@b.c>"], "503"),
        (["RSET"], "250 2.0.0"),
        (["RSET x"], "501 5.5.4"),
        (["NOOP"], "250 2.0.0"),
        (["noop"], "250 2.0.0"),
        (["VRFY jane"], "252 2.5.0"),
        (["QUIT x"], "501 5.5.4"),
        (["QUIT"], "221 2.0.0"),
        (["STARTTLS"], "503 5.5.1"),
        (["EHLO a", PLAIN], "503 5.5.1"),
        (["GET / HTTP/1.1"], "500 5.5.2"),
        (["NOOP " + "x" * 600], "500 5.5.2"),
        (["NOOP " + "x" * 600_000, "NOOP"], "250 2.0.0"),
    ],
)
async def test_commands_are_answered_as_the_rfcs_have_it(said, reply, line):
    assert (await line.say(*said)).startswith(reply)


async def test_a_server_without_smtputf8_says_so(open_desk):
    desk = await open_desk(smtputf8=False)
    line = await desk.line()

    await line.say("NOOP")
    assert (await line.say("EHLO a", "MAIL FROM:<ü@b.c> SMTPUTF8")).startswith("555")


async def test_an_unknown_recipient_is_refused_and_remembered(open_desk):
    desk = await open_desk(unknown=["Nobody@example.org"])
    line = await desk.line()

    reply = await line.say(
        "EHLO a", "MAIL FROM:<a@example.com>", "RCPT TO:<nobody@example.org>"
    )

    [refused] = desk.emulator.submissions
    assert reply.startswith("550 5.1.1")
    assert (refused.to, refused.code) == ("nobody@example.org", "550 5.1.1")
    assert (desk.emulator.received, desk.emulator.accepted) == (1, 0)


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        (b"Subject: x\r\nFrom: a@b.c\r\n\r\nx\r\n", "No Date (RFC 5322, 3.6)"),
        (b"Date: x\r\n\r\nx\r\n", "No From (RFC 5322, 3.6)"),
        (
            b"From: a@b.c\r\nDate: x\r\nfrom: a@b.c\r\n\r\nx\r\n",
            "More than one From (RFC 5322, 3.6)",
        ),
        (b"From: a@b.c\r\nDate: x\r\n\r\na\nb\r\n", "Lone CR or LF"),
        (b"From: a@b.c\r\nDate: x\r\n\r\na\rb\r\n", "Lone CR or LF"),
        (
            b"From: a@b.c\r\nDate: x\r\n\r\n" + b"x" * 999 + b"\r\n",
            "Line too long (RFC 5322, 2.1.1)",
        ),
    ],
)
async def test_a_mail_that_is_none_is_refused(source, fault, desk, line):
    assert await line.send(source) == f"550 5.6.0 {fault}"
    assert desk.emulator.messages == []


async def test_a_mail_that_is_too_big_is_refused_and_forgotten(open_desk, mail):
    desk = await open_desk(max_size=len(mail))
    line = await desk.line()

    assert (await line.send(mail))[:3] == "250"
    assert await line.send(mail + b"x\r\n" * 100_000) == (
        "552 5.3.4 Message too big for system"
    )


async def test_refused_words_are_refused_and_the_rest_is_not(open_desk, mail):
    desk = await open_desk(refused_words=["casino"])
    line = await desk.line()

    assert (await line.send(mail + b"casino\r\n")).startswith("550 5.7.1")
    assert (await line.send(mail)).startswith("250")


async def test_a_silent_client_is_left(open_desk):
    desk = await open_desk(idle=0.05)
    line = await desk.line()

    assert (await line.reply())[-1].startswith("421 4.4.2")
    assert await line.is_closed()


async def test_what_is_no_text_ends_the_connection(line):
    line.writer.write(b"\xff\xfe\r\n")

    assert (await line.reply())[-1].startswith("500 5.5.2")
    assert await line.is_closed()


async def test_a_line_without_an_end_ends_the_connection(desk, mail):
    during_commands, during_mail = await desk.line(), await desk.line()
    await during_mail.say("EHLO a", "MAIL FROM:<a@b.c>", "RCPT TO:<a@b.c>", "DATA")

    for line in (during_commands, during_mail):
        line.writer.write(b"x" * 1_200_000)
        assert (await line.reply())[-1].startswith("500 5.5.2")


async def test_a_client_that_leaves_in_the_middle_leaves_nothing(desk, line, mail):
    await line.say("EHLO a", "MAIL FROM:<a@b.c>", "RCPT TO:<a@b.c>", "DATA")
    line.writer.write(mail)
    line.writer.close()
    await line.writer.wait_closed()

    other = await desk.line()
    assert (await other.say("NOOP"))[:3] == "250"
    assert desk.emulator.messages == []


# Who logs in.


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        (["EHLO a", "MAIL FROM:<a@example.com>"], "530 5.7.0"),
        (["EHLO a", PLAIN], "235 2.7.0"),
        ([PLAIN], "503 5.5.1"),
        (["EHLO a", PLAIN, PLAIN], "503 5.5.1"),
        (["EHLO a", PLAIN, "MAIL FROM:<a@example.com>"], "250 2.1.0"),
        (["EHLO a", PLAIN, "MAIL FROM:<b@example.com>"], "550 5.7.1"),
        (["EHLO a", "AUTH PLAIN AHRlc3QAMTIzNQ=="], "535 5.7.8"),
        (["EHLO a", "AUTH PLAIN AG5vYm9keQAxMjM0"], "535 5.7.8"),
        (["EHLO a", "AUTH PLAIN test"], "501 5.5.2"),
        (["EHLO a", "AUTH PLAIN dGVzdA=="], "501 5.5.2"),
        (["EHLO a", "AUTH PLAIN", "*"], "501 5.5.2"),
        (["EHLO a", "AUTH LOGIN"], "334 VXNlcm5hbWU6"),
        (["EHLO a", "AUTH LOGIN dGVzdA=="], "334 UGFzc3dvcmQ6"),
        (["EHLO a", "AUTH LOGIN", "dGVzdA==", "MTIzNA=="], "235 2.7.0"),
        (["EHLO a", "auth login", "dGVzdA==", "MTIzNQ=="], "535 5.7.8"),
        (["EHLO a", "AUTH CRAM-MD5"], "504 5.5.4"),
    ],
)
async def test_who_has_an_account_has_to_use_it(said, reply, open_desk):
    desk = await open_desk(accounts=[{**ACCOUNT, "senders": ["a@example.com"]}])
    line = await desk.line()

    assert (await line.say(*said)).startswith(reply)


async def test_the_account_is_known_of_every_mail(open_desk):
    desk = await open_desk(accounts=[ACCOUNT])
    line = await desk.line()
    await line.say("EHLO a", PLAIN)

    await line.send()

    assert desk.emulator.messages[0].account == "test"
