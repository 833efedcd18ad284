"""The mail as it is transmitted: an envelope and a MIME message."""

from __future__ import annotations

from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8

import attrs

from notify_core.model.masking import masked_email
from notify_core.provider import Settings, Submission
from notify_smtp.mailbox import Mailbox, parse_mailbox

#: Bodies are encoded to ASCII: no server has to offer 8BITMIME for them.
_ASCII = SMTP.clone(cte_type="7bit")
_UTF8 = SMTPUTF8.clone(cte_type="7bit")


@attrs.frozen(kw_only=True)
class Mail:
    """One mail, ready to be transmitted."""

    #: The address in MAIL FROM.
    sender: str = attrs.field(repr=masked_email)
    #: The address in RCPT TO.
    recipient: str = attrs.field(repr=masked_email)
    #: Header and bodies; every line ends with CRLF.
    content: bytes = attrs.field(repr=False)

    @property
    def needs_utf8(self) -> bool:
        """Whether only a server with SMTPUTF8 (RFC 6531) can take it."""
        return not (self.sender + self.recipient).isascii()


def sender_of(settings: Settings, submission: Submission) -> Mailbox:
    """Return who writes: the message's sender, else the account's.

    Raises:
        ValueError: It is no address.
    """
    return parse_mailbox(submission.sender or settings["sender"])


def subject_of(settings: Settings, submission: Submission) -> str | None:
    """Return the subject: the message's option, its content's, else the account's."""
    content = submission.content
    written = content.subject if content else None
    subject: str | None = submission.extra.get("subject") or written
    return subject or settings.get("subject")


def html_of(submission: Submission) -> str | None:
    """Return the HTML alternative; None when there is none."""
    return (submission.content.html if submission.content else None) or None


def compose(settings: Settings, submission: Submission, now: datetime) -> Mail:
    """Return the mail that says *submission*, which was not refused before.

    Raises:
        ValueError: A header would hold another header.
    """
    mailbox = sender_of(settings, submission)
    sender = _address(mailbox.name, mailbox.address)
    recipient = _address("", submission.recipient.address)
    is_ascii = (sender.addr_spec + recipient.addr_spec).isascii()
    message = EmailMessage(_ASCII if is_ascii else _UTF8)
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = subject_of(settings, submission)
    message["Date"] = now
    message["Message-ID"] = f"<{submission.reference}@{mailbox.domain}>"
    # RFC 3834: nobody's holiday notice answers it.
    message["Auto-Submitted"] = "auto-generated"
    _fill(message, submission.text or "", html_of(submission))
    return Mail(
        sender=sender.addr_spec,
        recipient=recipient.addr_spec,
        content=_serialised(message),
    )


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(name, local, domain)


def _fill(message: EmailMessage, text: str, html: str | None) -> None:
    if html is None:
        message.set_content(text)
    elif not text.strip():
        message.set_content(html, subtype="html")
    else:
        message.set_content(text)
        message.add_alternative(html, subtype="html")


def _serialised(message: EmailMessage) -> bytes:
    """Return the bytes, if they have the headers that were set and no other."""
    try:
        content = message.as_bytes()
    except MessageError as error:  # newer Pythons look for themselves
        raise ValueError("a header would hold another header") from error
    head = content.partition(b"\r\n\r\n")[0]
    lines = [line for line in head.split(b"\r\n") if line[:1] not in (b" ", b"\t")]
    names = [line.partition(b":")[0].decode("ascii", "replace") for line in lines]
    if names != message.keys():
        raise ValueError("a header would hold another header")
    return content
