"""What an account cannot take, told before anything is sent; and what it bills."""

import pytest
from notify_aliyun.provider_type import ALIYUN

from notify_core.model.recipient import Phone
from notify_core.provider import BoundTemplate

HONG_KONG = Phone("+85291234567", "852", "HK")
NEW_YORK = Phone("+12125550100", "1", "US")
MIAMI = Phone("+13055550100", "1", "US")


def test_a_message_that_fits_is_taken(settings, submission):
    for recipient in (HONG_KONG, NEW_YORK):
        assert ALIYUN.refuses(settings(), submission(recipient=recipient)) is None


def test_a_number_that_the_vendor_would_read_as_another_is_refused(
    settings, submission
):
    why = ALIYUN.refuses(settings(), submission(recipient=MIAMI))

    assert "as a number of mainland China" in why
    assert "3055550100" not in why


def test_a_message_without_any_signature_is_refused(settings, submission):
    nameless = settings(sign_name="")

    assert "set `sign_name`" in ALIYUN.refuses(nameless, submission())
    assert ALIYUN.refuses(nameless, submission(sender="阿里云")) is None


def test_half_a_character_is_refused_by_the_name_of_its_variable(settings, submission):
    template = BoundTemplate(id="SMS_1", params=(("name", "x"), ("code", "1\ud800")))

    why = ALIYUN.refuses(settings(), submission(template=template))

    assert "variable 'code' has half a character" in why


@pytest.mark.parametrize(
    ("recipient", "text", "parts"),
    [
        (None, "x" * 65, 1),  # 【阿里云】 takes five
        (None, "x" * 66, 2),
        (None, "x" * 129, 2),
        (None, "x" * 130, 3),
        (HONG_KONG, "x" * 65, 1),
        (HONG_KONG, "x" * 66, 2),
        (None, None, 1),
    ],
)
def test_parts_are_counted_as_the_vendor_bills(
    settings, submission, recipient, text, parts
):
    given = {"recipient": recipient} if recipient else {}

    assert ALIYUN.segments(settings(), submission(text=text, **given)) == parts


@pytest.mark.parametrize(
    ("text", "parts"), [("x" * 150, 1), ("x" * 151, 2), ("x" * 149 + "€", 2)]
)
def test_plain_english_abroad_has_longer_parts(settings, submission, text, parts):
    # [Acme] is six characters, and its brackets count twice.
    message = submission(text=text + "~", sender="Acme", recipient=HONG_KONG)

    assert ALIYUN.segments(settings(), message) == parts
