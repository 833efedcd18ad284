"""What the replies of mail servers mean.

Sources, by their numbers: RFC 5321 (4.2.3 reply codes, 4.3.2 which command gets
which), RFC 3463 (enhanced status codes), RFC 1870 (552 for the size), RFC 4954
(authentication), RFC 5248 (registry of enhanced codes; 5.7.10, 5.7.13), RFC 6531
(5.6.7, 5.6.9), RFC 7372 (5.7.20 to 5.7.26), RFC 7504 (521, 556), RFC 7505 (5.1.10,
5.7.27); X.7.28 is in the IANA registry "SMTP Enhanced Status Codes".

One reply is looked up as `RCPT 5.1.1`, `5.1.1`, `RCPT 550`, `550`, `RCPT 5yz`, `5yz`,
the first that is in the table. `CONTENT` is the answer to the mail itself, after the
final dot. RFC 5321, 4.2: a code that is not known counts by its first digit.
"""

from __future__ import annotations

from collections.abc import Mapping

from notify_core.model.outcome import Reason, Scope
from notify_core.provider import Code


def _every(reason: Reason, texts: Mapping[str, str]) -> dict[str, Code]:
    return {code: Code(reason=reason, text=text) for code, text in texts.items()}


def _every_sender(texts: Mapping[str, str]) -> dict[str, Code]:
    """Say of codes that the account may not use this sender at all."""
    return {
        code: Code(reason=Reason.SENDER_REJECTED, scope=Scope.UNIT, text=text)
        for code, text in texts.items()
    }


_MAILBOX = "Requested action not taken: mailbox unavailable"
_STORAGE = "Requested mail action aborted: exceeded storage allocation"
_NAME = "Requested action not taken: mailbox name not allowed"
_REFUSED = "Delivery not authorized, message refused"

CODES: Mapping[str, Code] = {
    **_every(
        Reason.NONE,
        {
            "250": "Requested mail action okay, completed",
            "2yz": "Positive Completion reply",
        },
    ),
    # RFC 5321, 4.2.5: the server must not deliver it later; the client tries again.
    **_every(Reason.PROVIDER_ERROR, {"4yz": "Transient Negative Completion reply"}),
    **_every(Reason.THROTTLED, {"4.7.28": "Mail flood detected"}),
    # Who logs in.
    **_every(
        Reason.AUTH_FAILED,
        {
            "AUTH 5yz": "Permanent Negative Completion reply",
            "432": "A password transition is needed",
            "523": "Encryption Needed",
            "530": "Authentication required",
            "534": "Authentication mechanism is too weak",
            "535": "Authentication credentials invalid",
            "538": "Encryption required for requested authentication mechanism",
            "5.5.6": "Authentication Exchange line is too long",
            "5.7.8": "Authentication credentials invalid",
            "5.7.9": "Authentication mechanism is too weak",
            "5.7.10": "Encryption Needed",
            "5.7.11": "Encryption required for requested authentication mechanism",
        },
    ),
    **_every(
        Reason.ACCESS_DENIED,
        {
            "GREETING 5yz": "No SMTP service here",
            "EHLO 5yz": "Permanent Negative Completion reply",
            "521": "Host does not accept mail",
            "525": "User Account Disabled",
            "5.7.13": "User Account Disabled",
            "5.7.25": "Reverse DNS validation failed",
        },
    ),
    # Who writes.
    **_every_sender(
        {
            "MAIL 550": _MAILBOX,
            "MAIL 553": _NAME,
            "MAIL 5.7.1": _REFUSED,
            "5.1.7": "Bad sender's mailbox address syntax",
            "5.1.8": "Bad sender's system address",
            "5.7.20": "No passing DKIM signature found",
            "5.7.21": "No acceptable DKIM signature found",
            "5.7.22": "No valid author-matched DKIM signature found",
            "5.7.23": "SPF validation failed",
            "5.7.24": "SPF validation error",
            "5.7.26": "Multiple authentication checks failed",
            "5.7.27": "Sender address has null MX",
        }
    ),
    # Who is written to.
    **_every(
        Reason.RECIPIENT_INVALID,
        {
            "RCPT 501": "Syntax error in parameters or arguments",
            "RCPT 550": _MAILBOX,
            "RCPT 551": "User not local; please try <forward-path>",
            "RCPT 553": _NAME,
            "556": "Domain does not accept mail",
            "5.1.1": "Bad destination mailbox address",
            "5.1.2": "Bad destination system address",
            "5.1.3": "Bad destination mailbox address syntax",
            "5.1.4": "Destination mailbox address ambiguous",
            "5.1.6": "Destination mailbox has moved, No forwarding address",
            "5.1.10": "Recipient address has null MX",
        },
    ),
    **_every(
        Reason.RECIPIENT_UNREACHABLE,
        {
            "RCPT 552": _STORAGE,
            "5.2.1": "Mailbox disabled, not accepting messages",
            "5.2.2": "Mailbox full",
        },
    ),
    **_every(
        Reason.DESTINATION_UNSUPPORTED,
        {
            "RCPT 5.7.1": _REFUSED,
            "5.4.4": "Unable to route",
            "5.7.2": "Mailing list expansion prohibited",
        },
    ),
    # What is written.
    **_every(
        Reason.CONTENT_REJECTED,
        {
            "CONTENT 550": _MAILBOX,
            "CONTENT 554": "Transaction failed",
            "CONTENT 5.7.1": _REFUSED,
            "5.7.28": "Mail flood detected",
        },
    ),
    **_every(
        Reason.CONTENT_INVALID,
        {
            "MAIL 552": _STORAGE,
            "CONTENT 552": _STORAGE,
            "5.2.3": "Message length exceeds administrative limit",
            "5.3.4": "Message too big for system",
            "5.6.0": "Other or undefined media error",
            "5.6.1": "Media not supported",
            "5.6.2": "Conversion required and prohibited",
            "5.6.3": "Conversion required but not supported",
            "5.6.5": "Conversion Failed",
        },
    ),
    # What the server cannot do, or did not understand.
    **_every(
        Reason.PROVIDER_ERROR,
        {
            "5.3.2": "System not accepting network messages",
            "5.3.5": "System incorrectly configured",
        },
    ),
    **_every(
        Reason.UNSUPPORTED,
        {
            "5.3.3": "System not capable of selected features",
            "5.6.7": "Non-ASCII addresses not permitted for that sender/recipient",
            "5.6.9": (
                "UTF-8 header message cannot be transferred to one or more"
                " recipients, so the message must be rejected"
            ),
        },
    ),
    **_every(
        Reason.INVALID_REQUEST,
        {
            "500": "Syntax error, command unrecognized",
            "501": "Syntax error in parameters or arguments",
            "502": "Command not implemented",
            "503": "Bad sequence of commands",
            "504": "Command parameter not implemented",
            "555": "MAIL FROM/RCPT TO parameters not recognized or not implemented",
            "5.5.1": "Invalid command",
            "5.5.2": "Syntax error",
            "5.5.4": "Invalid command arguments",
            "5.5.5": "Wrong protocol version",
        },
    ),
}
