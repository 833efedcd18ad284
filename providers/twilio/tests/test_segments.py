"""How many segments Twilio bills."""

import pytest
from notify_twilio.provider_type import TWILIO


@pytest.mark.parametrize(
    ("text", "segments"),
    [(None, 1), ("x" * 160, 1), ("x" * 161, 2), ("字" * 70, 1), ("字" * 71, 2)],
)
def test_segments_are_counted_as_twilio_documents(settings, submission, text, segments):
    assert TWILIO.segments(settings(), submission(text=text)) == segments
