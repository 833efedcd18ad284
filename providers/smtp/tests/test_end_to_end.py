"""A notifier and the emulator: what a program that uses both sees."""

from typing import Any

import pytest
from notify_smtp.emulator import create_emulator

from notify_core import InvalidMessage, Message, Notifier
from notify_core.model.channel import Channel
from notify_core.model.message import Content
from notify_core.model.outcome import Reason
from notify_core.model.status import Status

CODE = Message(
    to="Jane@EXAMPLE.org",
    channel=Channel.EMAIL,
    template="login",
    params={"code": "2546"},
)
LETTER = Message(
    to="jane@example.org",
    channel=Channel.EMAIL,
    content=Content(text="Shipped.", subject="Order 7", html="<p>Shipped.</p>"),
)


@pytest.fixture
async def emulator():
    """Start a mail server that catches mails."""
    options = {"accounts": [{"username": "mailer", "password": "hidden-word"}]}
    async with create_emulator({"smtp_port": 0, **options}) as emulator:
        yield emulator


@pytest.fixture
def notifier(emulator, monkeypatch):
    """Make a notifier whose only provider is the emulator."""
    monkeypatch.setenv("SMTP_PASSWORD", "hidden-word")

    def make(**settings: Any) -> Notifier:
        usual = {
            "host": "127.0.0.1",
            "port": emulator.smtp_port,
            "security": "none",
            "sender": "Example <no-reply@example.com>",
            "username": "mailer",
            "password": {"env": "SMTP_PASSWORD"},
        }
        params = {"type": "object", "properties": {"code": {"type": "string"}}}
        template = {"kind": "otp", "params": params, "text": "Your code is {{ code }}."}
        provider = {"type": "smtp", "settings": {**usual, **settings}}
        return Notifier.from_config(
            {
                "version": 1,
                "providers": {"mail": provider},
                "pools": {"all": {"strategy": "ordered", "members": ["mail"]}},
                "policies": {"once": {"deadline": "20s", "max_attempts": 1}},
                "templates": {"login": template},
                "routes": {"name": "root", "pool": "all", "policy": "once"},
            }
        )

    return make


async def test_a_template_and_a_letter_arrive_and_are_final(notifier, emulator):
    async with notifier(subject="Your code") as sender:
        results = [await sender.send(CODE), await sender.send(LETTER)]

    code, letter = emulator.messages
    assert [(r.status, r.final) for r in results] == [(Status.ACCEPTED, True)] * 2
    assert (code.to, code.text) == (
        "Jane@example.org",
        "Your code\n\nYour code is 2546.",
    )
    assert code.reference == f"{results[0].id}@example.com"
    assert letter.text == "Order 7\n\nShipped."


async def test_a_template_without_a_subject_says_what_to_do(notifier, emulator):
    async with notifier() as sender:
        refused = await sender.send(CODE)

    [why] = refused.excluded
    assert (refused.status, refused.reason) == (Status.REJECTED, Reason.NO_PROVIDER)
    assert "has no subject" in why.why
    assert emulator.received == 0


async def test_a_message_brings_its_subject_as_an_option(notifier, emulator):
    message = Message(
        to="jane@example.org",
        channel=Channel.EMAIL,
        template="login",
        params={"code": "2546"},
        extra={"smtp": {"subject": "Ihr Code für heute"}},
    )
    async with notifier() as sender:
        await sender.send(message)

    assert emulator.messages[0].text.startswith("Ihr Code für heute\n")


async def test_another_option_is_no_message(notifier):
    message = Message(
        to="jane@example.org",
        channel=Channel.EMAIL,
        content=Content(text="x"),
        extra={"smtp": {"bcc": "mallory@example.net"}},
    )
    async with notifier() as sender:
        with pytest.raises(InvalidMessage, match="is unknown; there are: subject"):
            await sender.send(message)


async def test_a_lost_answer_is_unknown_and_is_not_sent_again(notifier, emulator):
    emulator.fault(do={"close": "after"})

    async with notifier() as sender:
        result = await sender.send(LETTER)

    assert result.status is Status.SUBMIT_UNKNOWN
    assert len(result.attempts) == len(emulator.messages) == 1


async def test_what_is_recorded_shows_no_address_and_no_password(notifier, emulator):
    emulator.fault(do={"raw": {"body": "550 5.1.1 <jane@example.org>: unknown\r\n"}})

    async with notifier(password={"env": "SMTP_PASSWORD"}) as sender:
        result = await sender.send(LETTER)

    shown = repr(result)
    assert result.reason is Reason.RECIPIENT_INVALID
    assert "j***@example.org" in shown
    assert "jane@example.org" not in shown
    assert "hidden-word" not in shown
