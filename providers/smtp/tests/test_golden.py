"""The dialogues that the RFCs print, with the account on the client's side.

RFC 5321, appendix D.1 to D.3, and RFC 2034, 6. What the client writes there as a mail
is not ours to write; everything else is compared word for word.
"""

import pytest

from notify_core.model.recipient import Email


@pytest.fixture
def replay(dialogue, scripted, account, submission):
    """Play the server of a dialogue to a mail for one of its recipients."""

    async def play(name, to):
        turns = list(dialogue(name))
        greeting, *rest = ["\r\n".join(turn) for turn in turns]
        replies = dict(zip(rest[::2], rest[1::2], strict=True))
        hello, mail = (line for line in replies if line.startswith(("EHLO", "MAIL")))
        rcpt = f"RCPT TO:<{to}>"
        scripted.answers(
            GREETING=greeting,
            EHLO=replies[hello],
            MAIL=replies[mail],
            RCPT=replies[rcpt],
            DATA=replies.get("DATA", "503 Not here"),
            CONTENT=next(
                (said for line, said in replies.items() if line[-1] == "."), ""
            ),
            QUIT=replies["QUIT"],
        )
        provider = account(
            scripted.port,
            client_name=hello.removeprefix("EHLO "),
            sender=mail.removeprefix("MAIL FROM:<").removesuffix(">"),
        )
        answer = await provider.submit(submission(recipient=Email(to)))
        await provider.aclose()
        said = [line.partition(" SIZE=")[0] for line in scripted.said[1:]]
        return answer, said, [hello, mail, rcpt]

    return play


@pytest.mark.parametrize(
    ("name", "to"),
    [
        ("rfc5321_d1_typical.txt", "Jones@foo.com"),
        ("rfc5321_d1_typical.txt", "Brown@foo.com"),
        ("rfc5321_d3_relayed.txt", "Jones@XYZ.COM"),
        ("rfc2034_6_enhanced.txt", "mrose@dbc.mtview.ca.us"),
    ],
)
async def test_the_account_says_what_the_rfcs_client_says(name, to, replay):
    answer, said, golden = await replay(name, to)

    assert answer.code == "250"
    assert said == [*golden, "DATA", "CONTENT", "QUIT"]


@pytest.mark.parametrize(
    ("name", "to", "code", "text"),
    [
        (
            "rfc5321_d1_typical.txt",
            "Green@foo.com",
            "RCPT 550",
            "RCPT: 550 No such user here",
        ),
        (
            "rfc5321_d2_aborted.txt",
            "Green@foo.com",
            "RCPT 550",
            "RCPT: 550 No such user here",
        ),
        (
            "rfc2034_6_enhanced.txt",
            "nosuchuser@dbc.mtview.ca.us",
            "5.1.1",
            'RCPT: 550 5.1.1 Mailbox "nosuchuser" does not exist',
        ),
        (
            "rfc2034_6_enhanced.txt",
            "remoteuser@isi.edu",
            "RCPT 5.7.1",
            (
                "RCPT: 551 5.7.1 Forwarding to remote hosts disabled"
                " 5.7.1 Select another host to act as your forwarder"
            ),
        ),
    ],
)
async def test_the_account_understands_what_the_rfcs_server_refuses(
    name, to, code, text, replay
):
    answer, said, golden = await replay(name, to)

    assert (answer.code, answer.text) == (code, text)
    assert said == [*golden, "QUIT"]
