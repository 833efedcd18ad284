"""What an account refuses before anything is sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notify_twilio.provider_type import TWILIO

from notify_core.model.channel import Channel, Kind
from notify_core.model.recipient import Phone
from notify_core.provider import Submission


@pytest.fixture
def ask(settings, submission):
    """Ask whether an account of these settings takes a text."""
    return lambda text="Hi", **given: TWILIO.refuses(
        settings(**given), submission(text=text)
    )


@pytest.mark.parametrize("text", ["Hi", "您好 👋", "x" * 1600, "a\x00b"])
def test_what_may_be_right_is_left_to_the_vendor(ask, text):
    assert ask(text) is None


@pytest.mark.parametrize("text", ["", " \n", None])
def test_an_empty_text_is_refused(ask, text):
    assert "the text is empty" in ask(text)


def test_a_text_that_twilio_never_takes_is_refused(ask):
    assert "has 1601 characters, Twilio takes 1600" in ask("x" * 1601)


def test_half_a_character_is_refused_before_it_breaks_the_request(ask):
    assert "lone surrogate) at character 3" in ask("ab\ud83d")


def test_somebody_has_to_be_the_sender(ask):
    assert "there is no sender: set `sender`" in ask(sender=None)


def test_a_message_may_name_the_sender(settings, submission):
    assert TWILIO.refuses(settings(sender=None), submission(sender="ACME")) is None


@given(ending=st.text(max_size=9))
def test_a_refusal_never_shows_the_text(ending):
    submission = Submission(
        message="m",
        reference="m",
        recipient=Phone("+14155552671", "1", "US"),
        channel=Channel.SMS,
        kind=Kind.OTP,
        text=f"{'secret' * 300}{ending}",
        sender="ACME",
    )

    refused = TWILIO.refuses({}, submission)

    assert refused
    assert "secret" not in refused
