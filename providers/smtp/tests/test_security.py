"""Encryption that is never left out, and who logs in."""

import base64

import pytest

from notify_core.model.outcome import Outcome, Reason
from notify_core.secret import Secret
from notify_core.transmission import Timeouts

CONNECT_FAILED = (Outcome.REJECTED, Reason.CONNECT_FAILED)
AUTH_FAILED = (Outcome.REJECTED, Reason.AUTH_FAILED)


def verdict(answer):
    return answer.outcome, answer.reason


async def test_starttls_encrypts_before_anybody_logs_in(
    open_mail_server, certified, ca, account, submission, login
):
    server = await open_mail_server(
        tls_context=certified(), require_starttls=True, auth_required=True
    )
    provider = account(server.port, security="starttls", ca=ca, **login)

    answers = [await provider.submit(submission()) for _ in range(2)]

    assert [answer.outcome for answer in answers] == [Outcome.ACCEPTED] * 2
    assert [mail.is_encrypted for mail in server.mails] == [True, True]
    assert {mail.username for mail in server.mails} == {"mailer"}
    assert server.connections == 1


async def test_tls_encrypts_from_the_first_byte(
    open_mail_server, certified, ca, account, submission, login
):
    server = await open_mail_server(implicit_tls=certified(), auth_require_tls=False)
    provider = account(server.port, security="tls", ca=ca, **login)

    answers = [await provider.submit(submission()) for _ in range(2)]

    assert [answer.outcome for answer in answers] == [Outcome.ACCEPTED] * 2
    assert server.mails[0].is_encrypted
    assert server.mails[0].username == "mailer"
    assert server.connections == 1


async def test_a_server_without_starttls_gets_neither_password_nor_mail(
    scripted, account, submission, login
):
    provider = account(scripted.port, security="starttls", **login)

    answer = await provider.submit(submission())

    assert verdict(answer) == CONNECT_FAILED
    assert answer.text == "the server offers no STARTTLS, and nothing is sent without"
    assert scripted.said == ["GREETING", "EHLO [127.0.0.1]"]


@pytest.mark.parametrize("reply", ["454 TLS not available", "501 No", "554 5.7.0 No"])
async def test_a_server_that_refuses_starttls_gets_neither_password_nor_mail(
    reply, scripted, account, submission, login
):
    scripted.answers(EHLO="250-mx.test\r\n250 STARTTLS", STARTTLS=reply)
    provider = account(scripted.port, security="starttls", **login)

    answer = await provider.submit(submission())

    assert verdict(answer) == CONNECT_FAILED
    assert answer.text == f"the server refused STARTTLS: {reply[:3]}"
    assert scripted.said[-1] == "STARTTLS"


@pytest.mark.parametrize("end", ["220 Go ahead", "!close", "!reset", "!stall"])
async def test_a_server_that_does_not_encrypt_after_all_gets_nothing(
    end, scripted, account, submission, login
):
    scripted.answers(EHLO="250-mx.test\r\n250 STARTTLS", STARTTLS=end)
    provider = account(scripted.port, security="starttls", **login)

    brief = Timeouts(connect=0.2, read=0.2)
    answer = await provider.submit(submission(timeouts=brief))

    assert verdict(answer) == CONNECT_FAILED
    assert not [said for said in scripted.said if said.startswith(("AUTH", "MAIL"))]


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_that_nobody_vouches_for_is_refused(
    security, open_mail_server, certified, account, submission, login
):
    own = certified()
    server = await open_mail_server(
        **({"implicit_tls": own} if security == "tls" else {"tls_context": own})
    )

    answer = await account(server.port, security=security, **login).submit(submission())

    assert verdict(answer) == CONNECT_FAILED
    assert answer.text == "no trusted TLS connection"
    assert server.mails == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_for_another_host_is_refused(
    security, open_mail_server, certified, ca, account, submission
):
    own = certified("mail.example.com")
    server = await open_mail_server(
        **({"implicit_tls": own} if security == "tls" else {"tls_context": own})
    )

    answer = await account(server.port, security=security, ca=ca).submit(submission())

    assert verdict(answer) == CONNECT_FAILED
    assert answer.text == "no trusted TLS connection"


async def test_tls_with_a_server_that_speaks_plainly(scripted, account, submission):
    answer = await account(scripted.port, security="tls").submit(submission())

    assert verdict(answer) == CONNECT_FAILED
    assert answer.text == "no trusted TLS connection"


async def test_a_server_that_asks_for_the_mail_and_closes_at_once_does_not_get_it(
    open_scripted, certified, ca, account, submission
):
    server = await open_scripted(certified())
    server.answers(DATA="!close 354 Go ahead\r\n")
    given = submission()

    answer = await account(server.port, security="tls", ca=ca).submit(given)

    assert verdict(answer) == CONNECT_FAILED
    assert not given.wire.begun


# Who logs in.


def plain(*parts):
    return "AUTH PLAIN " + base64.b64encode("\0".join(parts).encode()).decode()


@pytest.mark.parametrize(
    ("username", "password", "said"),
    [
        # RFC 4616, 4: <NUL>tim<NUL>tanstaaftanstaaf
        ("tim", "tanstaaftanstaaf", "AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm"),
        # RFC 4954, 4.1, user test, password 1234: the RFC also names test as the one
        # to act for, which is left to the server here.
        ("test", "1234", "AUTH PLAIN AHRlc3QAMTIzNA=="),
        ("grüße", "秘密", plain("", "grüße", "秘密")),
    ],
)
async def test_the_password_is_said_as_the_rfcs_have_it(
    username, password, said, scripted, account, submission
):
    login = {"username": username, "password": Secret(password)}

    await account(scripted.port, **login).submit(submission())

    assert said in scripted.said


async def test_login_is_used_where_there_is_no_plain(
    open_mail_server, account, submission, login
):
    server = await open_mail_server(
        auth_require_tls=False, auth_exclude_mechanism=["PLAIN"]
    )

    await account(server.port, **login).submit(submission())

    assert server.only().username == "mailer"


async def test_a_wrong_password_is_tried_once(open_mail_server, account, submission):
    server = await open_mail_server(auth_require_tls=False)
    login = {"username": "mailer", "password": Secret("wrong")}

    answer = await account(server.port, **login).submit(submission())

    assert verdict(answer) == AUTH_FAILED
    assert answer.code == "5.7.8"
    assert (server.connections, server.mails) == (1, [])


async def test_a_server_where_nobody_can_log_in_as_we_do(
    scripted, account, submission, login
):
    scripted.answers(EHLO="250-mx.test\r\n250 AUTH GSSAPI CRAM-MD5")

    answer = await account(scripted.port, **login).submit(submission())

    assert verdict(answer) == AUTH_FAILED
    assert answer.text == "the server offers neither AUTH PLAIN nor AUTH LOGIN"
    assert "MAIL" not in str(scripted.said)


async def test_nobody_logs_in_without_a_user_name(scripted, account, submission):
    await account(scripted.port).submit(submission())

    assert not [said for said in scripted.said if said.startswith("AUTH")]
