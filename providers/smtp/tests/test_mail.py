"""The mail as it is transmitted."""

from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notify_smtp.mail import compose
from notify_smtp.refusals import refusal

from notify_core.model.channel import Channel, Kind
from notify_core.model.message import Content
from notify_core.model.recipient import Email
from notify_core.provider import Submission

SETTINGS = {"sender": "Example <no-reply@example.com>", "subject": "From the account"}
NAMES = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
]


@pytest.fixture
def composed(submission, now):
    """Compose a mail; what stands in `settings` is the account's."""

    def compose_one(settings=(), **facts):
        return compose({**SETTINGS, **dict(settings)}, submission(**facts), now)

    return compose_one


def parsed(mail):
    return message_from_bytes(mail.content, policy=policy.default)


def test_a_plain_mail_is_the_golden_one(composed, golden):
    mail = composed(subject="Your code")

    assert mail.content == golden("plain.eml").replace(b"\n", b"\r\n")


def test_every_line_ends_with_crlf_and_is_ascii_whatever_was_written(composed):
    text = "您的验证码\rone\ntwo\r\nthree " + "x" * 2000

    content = composed(text=text, html=f"<p>{text}</p>", subject="您" * 300).content

    assert content.isascii()
    assert content.endswith(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in content.split(b"\r\n"))
    assert max(map(len, content.split(b"\r\n"))) <= 998


def test_text_and_html_are_alternatives_of_which_the_last_is_the_best(composed):
    message = parsed(composed(html="<p>Code</p>"))

    kinds = [part.get_content_type() for part in message.iter_parts()]
    assert message.get_content_type() == "multipart/alternative"
    assert kinds == ["text/plain", "text/html"]


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"text": "Code"}, "text/plain"),
        ({"text": "Code", "content": None}, "text/plain"),
        ({"text": "", "html": "<p>Code</p>"}, "text/html"),
        ({"text": " \n", "html": "<p>Code</p>"}, "text/html"),
        ({"text": "Code", "html": ""}, "text/plain"),
    ],
)
def test_one_body_alone_is_no_alternative(facts, kind, composed):
    message = parsed(composed(**facts))

    assert message.get_content_type() == kind
    assert "Code" in message.get_content()


@pytest.mark.parametrize(
    ("facts", "subject"),
    [
        ({"subject": "Content's", "extra": {"subject": "Option's"}}, "Option's"),
        ({"subject": "Content's"}, "Content's"),
        ({"content": None, "extra": {"subject": "Option's"}}, "Option's"),
        ({"content": None}, "From the account"),
        ({}, "From the account"),
    ],
)
def test_the_subject_is_the_most_particular_one(facts, subject, composed):
    assert parsed(composed(**facts))["Subject"] == subject


@pytest.mark.parametrize(
    ("sender", "name", "address"),
    [
        (None, "Example", "no-reply@example.com"),
        ("shop@example.org", "", "shop@example.org"),
        ("The Shop <shop@EXAMPLE.org>", "The Shop", "shop@example.org"),
        ('"Example, Inc." <shop@example.org>', "Example, Inc.", "shop@example.org"),
        ("示例 <shop@example.org>", "示例", "shop@example.org"),
    ],
)
def test_the_sender_is_the_messages_else_the_accounts(sender, name, address, composed):
    mail = composed(sender=sender)

    [shown] = parsed(mail)["From"].addresses
    assert (shown.display_name, shown.addr_spec) == (name, address)
    assert mail.sender == address


def test_the_message_id_is_our_reference_at_the_senders_domain(composed):
    mail = composed(reference="01ABC", sender="shop@" + "a" * 60 + ".example.org")

    assert f"Message-ID: <01ABC@{'a' * 60}.example.org>\r\n".encode() in mail.content


def test_only_other_addresses_than_ascii_need_a_server_with_smtputf8(composed):
    assert not composed(subject="您", text="您").needs_utf8
    assert composed(to="用户@example.org").needs_utf8
    assert composed(sender="a@例子.公司").needs_utf8


# Nobody writes a header but the provider.

EVIL = "=?utf-8?q?=0d=0aBcc=3A_mallory=40example.net?="


@pytest.mark.parametrize(
    "facts",
    [
        {"subject": EVIL},
        {"subject": f"{EVIL} {'x' * 90}"},
        {"to": f"{EVIL.replace('_', '')}@example.org"},
        {"sender": f"{EVIL} <a@example.com>"},
        {"extra": {"subject": EVIL}},
        {"subject": "Hello\r\nBcc: mallory@example.net"},
        {"subject": "Hello\nBcc: mallory@example.net"},
        {"subject": "Hello\r\n\r\nAnother text"},
        {"sender": "a@example.com\r\nBcc: mallory@example.net"},
        {"sender": "A\r\nBcc: mallory@example.net <a@example.com>"},
    ],
)
def test_a_header_in_a_header_is_refused_and_would_not_be_written(
    facts, submission, now
):
    given = submission(**facts)

    assert refusal(SETTINGS, given)
    try:
        content = compose(SETTINGS, given, now).content
    except ValueError:
        return
    # Pythons that were mended write it as a text.
    assert message_from_bytes(content).keys() == NAMES


_ADDRESSES = st.builds(
    "{}@{}.example".format,
    st.text("abc.=?_-!#$%&'*+/^`{|}~[]ü您", min_size=1, max_size=64),
    st.text("abc0-ü您", min_size=1, max_size=20),
)


@given(
    subject=st.text(st.characters(), min_size=1, max_size=200)
    | st.from_regex(r"(?s).*=\?utf-8\?[qb]\?.*\?=.*", fullmatch=True),
    to=_ADDRESSES,
    name=st.text(st.characters(exclude_characters="<>"), max_size=100),
    text=st.text(max_size=200),
    html=st.none() | st.text(max_size=200),
)
def test_whatever_is_not_refused_has_the_headers_that_it_should_have(
    now, subject, to, name, text, html
):
    submission = Submission(
        message="01ABC",
        reference="01ABC",
        recipient=Email(to),
        channel=Channel.EMAIL,
        kind=Kind.NOTICE,
        text=text,
        content=Content(text=text, subject=subject, html=html),
        sender=f"{name} <a@example.com>",
    )
    if refusal(SETTINGS, submission):
        return

    mail = compose(SETTINGS, submission, now)

    message = message_from_bytes(mail.content)
    assert set(message.keys()) <= set(NAMES)
    assert len(message.keys()) == len(set(message.keys()))
    assert b"\n.\r\n" not in mail.content[: mail.content.index(b"\r\n\r\n")]
    assert max(map(len, mail.content.split(b"\r\n"))) <= 998
