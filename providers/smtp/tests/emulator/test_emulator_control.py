"""Scripted faults, magic recipients, the page and the settings."""

import asyncio
import time

import pytest
from notify_smtp.emulator import create_emulator
from notify_smtp.provider_type import SMTP

from notify_core.model.outcome import Outcome, Reason
from notify_core.transmission import Timeouts


@pytest.fixture
def provider(desk, account):
    """Make an account at the emulator."""
    return account(desk.emulator.smtp_port)


@pytest.mark.parametrize(
    ("do", "outcome", "reason", "kept"),
    [
        ({"code": "550 5.1.1"}, Outcome.REJECTED, Reason.RECIPIENT_INVALID, 0),
        ({"code": "451"}, Outcome.REJECTED, Reason.PROVIDER_ERROR, 0),
        ({"code": "250 2.0.0"}, Outcome.ACCEPTED, Reason.NONE, 1),
        ({"close": "before"}, Outcome.UNKNOWN, Reason.NO_RESPONSE, 0),
        ({"close": "after"}, Outcome.UNKNOWN, Reason.NO_RESPONSE, 1),
        ({"raw": {"body": "nonsense\r\n"}}, Outcome.UNKNOWN, Reason.NO_RESPONSE, 0),
        (
            {"raw": {"body": "25", "wire": True, "process": True}},
            Outcome.UNKNOWN,
            Reason.NO_RESPONSE,
            1,
        ),
        ({"delay": 0.01}, Outcome.ACCEPTED, Reason.NONE, 1),
    ],
)
async def test_a_scripted_fault_meets_one_mail(
    do, outcome, reason, kept, desk, provider, submission
):
    desk.emulator.fault(match={"next": 1}, do=do)

    first = await provider.submit(submission())
    second = await provider.submit(submission())

    assert (first.outcome, first.reason) == (outcome, reason)
    assert second.outcome is Outcome.ACCEPTED
    assert len(desk.emulator.messages) == kept + 1


async def test_a_code_that_no_mail_server_has_cannot_be_scripted(desk):
    with pytest.raises(ValueError, match="codes look like"):
        desk.emulator.fault(do={"code": "5.1.1"})


@pytest.mark.parametrize(
    ("to", "outcome", "code", "kept"),
    [
        ("550-5.1.1@example.org", Outcome.REJECTED, "5.1.1", 0),
        ("451@example.org", Outcome.REJECTED, "4yz", 0),
        ("dropped@example.org", Outcome.UNKNOWN, None, 0),
        ("lost@example.org", Outcome.UNKNOWN, None, 1),
        ("250@example.org", Outcome.ACCEPTED, "250", 1),
        ("550-4.1.1@example.org", Outcome.REJECTED, "CONTENT 550", 0),
    ],
)
async def test_a_magic_recipient_has_always_the_same_outcome(
    to, outcome, code, kept, desk, provider, submission
):
    answers = [await provider.submit(submission(to=to)) for _ in range(2)]

    assert [(a.outcome, a.code) for a in answers] == [(outcome, code)] * 2
    assert len(desk.emulator.messages) == 2 * kept


async def test_a_slow_recipient_is_slow(open_desk, account, submission):
    desk = await open_desk(stall=30)
    provider = account(desk.emulator.smtp_port)
    brief = Timeouts(connect=5, read=0.1)

    answer = await provider.submit(submission(to="slow@example.org", timeouts=brief))

    assert answer.outcome is Outcome.UNKNOWN
    assert len(desk.emulator.messages) == 1


# The page.


async def test_mails_are_read_on_the_page(desk, provider, submission):
    await provider.submit(
        submission(subject="Your <code>", html="<script>alert(1)</script><b>2546</b>")
    )
    [arrival] = desk.emulator.messages

    page = await desk.get("/")
    source = await desk.get(f"/mails/{arrival.id}")
    async with desk.session.get(
        f"{desk.emulator.url}/mails/{arrival.id}/html"
    ) as response:
        html, policy = (
            await response.text(),
            response.headers["Content-Security-Policy"],
        )

    assert "jane@example.org" in page
    assert "Your &lt;code&gt;" in page
    assert "2546" in page
    assert source.startswith("From: Example <no-reply@example.com>\r\n")
    assert html == "<script>alert(1)</script><b>2546</b>"
    assert policy.startswith("sandbox; default-src 'none'")


async def test_a_mail_of_html_alone_shows_its_source(desk, provider, submission):
    await provider.submit(submission(text="", html="<b>2546</b>"))

    assert desk.emulator.messages[0].text.endswith("\n\n<b>2546</b>")


async def test_a_mail_that_is_not_there_is_not_found(desk):
    async with desk.session.get(f"{desk.emulator.url}/mails/1") as response:
        assert response.status == 404


async def test_reset_forgets_mails_and_faults(desk, provider, submission):
    await provider.submit(submission())
    serial = desk.emulator.messages[0].id
    desk.emulator.fault(do={"code": "451"})

    await desk.emulator.reset()
    answer = await provider.submit(submission())

    assert answer.outcome is Outcome.ACCEPTED
    assert len(desk.emulator.messages) == 1
    async with desk.session.get(f"{desk.emulator.url}/mails/{serial}") as response:
        assert response.status == 404


async def test_no_more_mails_are_kept_than_asked_for(open_desk, account, submission):
    desk = await open_desk(keep=2)
    provider = account(desk.emulator.smtp_port)

    for _ in range(3):
        await provider.submit(submission())

    serials = [arrival.id for arrival in desk.emulator.messages]
    assert len(serials) == 2
    assert await desk.get(f"/mails/{serials[0]}")
    async with desk.session.get(f"{desk.emulator.url}/mails/0000000001") as response:
        assert response.status == 404


# Its life and its settings.


async def test_stopping_ends_every_dialogue_at_once(desk, line):
    began = time.monotonic()

    await desk.emulator.stop()

    assert await line.reader.read() == b""
    assert time.monotonic() - began < 1


async def test_it_has_no_port_before_it_is_started():
    emulator = create_emulator({})

    with pytest.raises(RuntimeError, match="before start"):
        _ = emulator.smtp_port
    await emulator.stop()


async def test_a_port_that_is_taken_is_named_and_nothing_stays_open(desk):
    taken = create_emulator({"smtp_port": desk.emulator.smtp_port})

    with pytest.raises(OSError, match="smtp_port"):
        await taken.start()

    with pytest.raises(RuntimeError, match="before start"):
        _ = taken.url


def test_the_provider_type_has_the_emulator():
    emulator = SMTP.make_emulator({"smtp_port": 0, "keep": 5})

    assert emulator.settings.keep == 5


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"smtp_port": -1}, "smtp_port"),
        ({"smtp_port": "25"}, "whole number"),
        ({"security": "ssl"}, "none, starttls, tls"),
        ({"security": "tls"}, "certificate and key"),
        ({"certificate": "a", "key": "b"}, "certificate and key"),
        ({"security": "tls", "certificate": "a", "key": "b"}, "certificate and key"),
        ({"accounts": [{"username": "a"}]}, "missing key password"),
        (
            {"accounts": [{"username": "a", "password": "b"}] * 2},
            "each its own username",
        ),
        ({"keep": 0}, "keep"),
        ({"idle": 0}, "idle"),
        ({"hosts": []}, "unknown key hosts"),
    ],
)
def test_bad_settings_are_refused_with_their_place(options, fault):
    with pytest.raises(ValueError, match=fault):
        create_emulator(options)


async def test_no_password_and_no_address_is_in_a_repr_or_a_log(
    open_desk, caplog, mail
):
    caplog.set_level("DEBUG")
    desk = await open_desk(accounts=[{"username": "u", "password": "hidden-word"}])
    line = await desk.line()
    await line.say("EHLO a", "AUTH PLAIN AHUAaGlkZGVuLXdvcmQ=")
    await line.send(mail)
    await asyncio.sleep(0)

    shown = f"{desk.emulator.settings!r} {caplog.text} {desk.emulator.messages!r}"
    assert "hidden-word" not in shown
    assert "jane@example.org" not in shown
