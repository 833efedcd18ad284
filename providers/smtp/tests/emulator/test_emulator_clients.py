"""Other people's clients, and ours, with the emulator."""

import smtplib
from email.message import EmailMessage

import pytest

from notify_core.model.outcome import Outcome
from notify_core.secret import Secret

PASSWORD = "a-password-of-the-tests"  # noqa: S105 (nobody's)


@pytest.fixture
def certificate(authority, tmp_path):
    """Return the files of a certificate for loopback."""
    leaf = authority.issue_cert("127.0.0.1")
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_bytes(b"".join(part.bytes() for part in leaf.cert_chain_pems))
    leaf.private_key_pem.write_to_path(key)
    return {"certificate": str(chain), "key": str(key)}


def letter():
    message = EmailMessage()
    message["From"], message["To"] = "Zoë <a@example.com>", "jane@example.org"
    message["Subject"], message["Date"] = "Grüße", "Thu, 01 Jan 2026 12:00:00 +0000"
    message.set_content("Your code is 2546.\n.\n")
    message.add_alternative("<p>Your code is <b>2546</b>.</p>", subtype="html")
    return message


async def test_the_standard_librarys_client_sends_a_mail(desk):
    await desk.by_smtplib(lambda client: client.send_message(letter()))

    [arrival] = desk.emulator.messages
    assert arrival.text == "Grüße\n\nYour code is 2546.\n."


async def test_the_standard_librarys_client_logs_in(open_desk):
    desk = await open_desk(accounts=[{"username": "mailer", "password": PASSWORD}])

    def work(client):
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("mailer", "wrong")
        client.login("mailer", PASSWORD)
        return client.send_message(letter())

    assert await desk.by_smtplib(work) == {}
    assert desk.emulator.messages[0].account == "mailer"


async def test_the_standard_librarys_client_encrypts(open_desk, certificate):
    desk = await open_desk(security="starttls", **certificate)

    def work(client):
        client.ehlo()
        with pytest.raises(smtplib.SMTPSenderRefused, match="STARTTLS"):
            client.sendmail("a@example.com", "b@example.com", b"")
        client.rset()
        client.starttls()
        return client.send_message(letter())

    assert await desk.by_smtplib(work) == {}
    assert len(desk.emulator.messages) == 1


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
async def test_our_account_sends_with_every_security(
    security, open_desk, certificate, ca, account, submission
):
    files = {} if security == "none" else certificate
    desk = await open_desk(
        security=security,
        accounts=[{"username": "mailer", "password": PASSWORD}],
        **files,
    )
    provider = account(
        desk.emulator.smtp_port,
        security=security,
        username="mailer",
        password=Secret(PASSWORD),
        **({} if security == "none" else {"ca": ca}),
    )

    answers = [
        await provider.submit(submission(subject="您的验证码", html="<p>2546</p>"))
        for _ in range(2)
    ]

    assert {answer.outcome for answer in answers} == {Outcome.ACCEPTED}
    assert desk.emulator.messages[0].text == "您的验证码\n\nYour code is 2546."
    assert desk.emulator.messages[0].reference.endswith("@example.com")


async def test_a_client_that_does_not_trust_the_certificate_leaves(
    open_desk, certificate, account, submission
):
    desk = await open_desk(security="starttls", **certificate)
    provider = account(desk.emulator.smtp_port, security="starttls")

    answer = await provider.submit(submission())

    assert answer.text == "no trusted TLS connection"
    assert desk.emulator.messages == []


async def test_starttls_is_taken_once_and_without_arguments(open_desk, certificate):
    desk = await open_desk(security="starttls", **certificate)
    line = await desk.line()

    assert (await line.say("EHLO a", "STARTTLS x")).startswith("501")

    def work(client):
        client.starttls()
        client.ehlo()
        return client.docmd("STARTTLS")[0], client.has_extn("starttls")

    assert await desk.by_smtplib(work) == (503, False)
