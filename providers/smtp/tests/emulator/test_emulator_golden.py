"""The dialogues that the RFCs print, with the emulator on the server's side."""

import base64

import pytest

UNKNOWN = ["Green@foo.com", "nosuchuser@dbc.mtview.ca.us"]


@pytest.mark.parametrize(
    "name",
    ["rfc5321_d1_typical.txt", "rfc5321_d2_aborted.txt", "rfc5321_d3_relayed.txt"],
)
async def test_the_emulator_answers_as_the_rfcs_server(name, dialogue, open_desk, mail):
    desk = await open_desk(unknown=UNKNOWN)
    line = await desk.line()
    _, *turns = dialogue(name)

    for said, expected in zip(turns[::2], turns[1::2], strict=True):
        # The mails of D.1 are only hinted at.
        content = mail.decode() + ".\r\n" if said[-1] == "." else said[0] + "\r\n"
        line.writer.write(content.encode())
        reply = await line.reply()
        assert reply[-1][:4] == expected[-1][:4]
        if said[0].startswith("EHLO"):
            assert "250-8BITMIME" in reply
            assert any(offered[4:].startswith("SIZE") for offered in reply)


async def test_enhanced_status_codes_are_those_of_rfc_2034(dialogue, open_desk):
    desk = await open_desk(unknown=UNKNOWN)
    line = await desk.line()
    _, *turns = dialogue("rfc2034_6_enhanced.txt")
    # The RFC's server does not relay, and takes a mail that is not printed.
    ours = {
        said[0]: told[-1] for said, told in zip(turns[::2], turns[1::2], strict=True)
    }
    del ours["RCPT TO:<remoteuser@isi.edu>"], ours["."], ours["DATA"]

    for said, told in ours.items():
        reply = await line.reply() if not said else await line.say(said)
        if said.startswith("EHLO"):
            assert reply.startswith("250 ")
        else:
            assert reply.split(" ")[:2] == told.split(" ")[:2]


# Who logs in.

ACCOUNTS = [
    {"username": "test", "password": "1234"},
    {"username": "tim", "password": "tanstaaftanstaaf"},
    {"username": "Kurt", "password": "xipj3plmq"},
]


@pytest.mark.parametrize(
    "initial",
    [
        # RFC 4954, 4.1.
        "dGVzdAB0ZXN0ADEyMzQ=",
        # RFC 4616, 4: <NUL>tim<NUL>tanstaaftanstaaf, Ursel<NUL>Kurt<NUL>xipj3plmq.
        base64.b64encode(b"\0tim\0tanstaaftanstaaf").decode(),
        base64.b64encode(b"Ursel\0Kurt\0xipj3plmq").decode(),
    ],
)
async def test_the_rfcs_users_can_log_in_with_and_without_being_asked(
    initial, open_desk
):
    desk = await open_desk(accounts=ACCOUNTS)
    at_once, asked = await desk.line(), await desk.line()

    assert await at_once.say("EHLO a", f"AUTH PLAIN {initial}") == (
        "235 2.7.0 Authentication Succeeded"
    )
    assert await asked.say("EHLO a", "AUTH PLAIN") == "334 "
    assert (await asked.say(initial))[:9] == "235 2.7.0"
