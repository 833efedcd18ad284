"""What an account refuses before anything is sent."""

import pytest
from notify_smtp.refusals import refusal

NO_SUBJECT = (
    "the message has no subject: give content.subject, extra.smtp.subject,"
    " or the provider's setting `subject`"
)
CONTROL = (
    "has a line break or another control at character {}:"
    " a header has none; leave it out"
)
WORD = "has an encoded word =?…?=: write the characters themselves"
UNSENDABLE = (
    "has a NUL or half a character (a lone surrogate) at character {}:"
    " it cannot be written; mend its source"
)


@pytest.fixture
def refused(submission):
    """Return why a message is refused; what stands in `settings` is the account's."""

    def ask(settings=(), **facts):
        usual = {"sender": "no-reply@example.com", "subject": "From the account"}
        return refusal({**usual, **dict(settings)}, submission(**facts))

    return ask


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"subject": "验证码 😀"},
        {"subject": "Is 1+1=2?"},
        {"text": "", "html": "<p>Code</p>"},
        {"text": "\t您的\r\n验证码"},
        {"content": None},
        {"sender": "示例 <a@example.com>"},
        {"settings": {"subject": None}, "subject": "Written"},
        {"settings": {"subject": None}, "extra": {"subject": "Written"}},
    ],
)
def test_what_can_be_sent_is_not_refused(facts, refused):
    assert refused(**facts) is None


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"settings": {"subject": None}}, NO_SUBJECT),
        ({"subject": "  "}, NO_SUBJECT),
        ({"subject": "Your\r\nBcc: x"}, f"the subject {CONTROL.format(5)}"),
        ({"subject": "Your\u2028code"}, f"the subject {CONTROL.format(5)}"),
        ({"subject": "\ud83d"}, f"the subject {CONTROL.format(1)}"),
        ({"subject": "=?utf-8?q?code?="}, f"the subject {WORD}"),
        ({"to": "=?utf-8?q?=0d?=@example.org"}, f"the recipient's address {WORD}"),
        ({"sender": "A\nB <a@example.com>"}, f"the sender {CONTROL.format(2)}"),
        (
            {"sender": "示例"},
            "the sender is no e-mail address: write it as jane@example.com",
        ),
        (
            {"sender": "A <a@example.com> <b@example.com>"},
            "the sender is no e-mail address: write it as jane@example.com",
        ),
        (
            {"text": ""},
            "the text is empty: give the message or its template a text",
        ),
        (
            {"text": " \n", "html": " "},
            "the text is empty: give the message or its template a text",
        ),
        ({"text": "Code\x00"}, f"the text {UNSENDABLE.format(5)}"),
        ({"html": "\udc00"}, f"the HTML {UNSENDABLE.format(1)}"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_the_place_and_the_remedy(
    facts, why, refused
):
    assert refused(**facts) == why
