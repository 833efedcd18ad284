"""What Twilio's codes mean, in answers and in status callbacks.

Source: the error dictionary, https://www.twilio.com/docs/api/errors/<code> for each
code, and its machine-readable form, twilio-error-codes.json beside it. The texts are
the dictionary's titles. Twilio adds codes and splits old ones: what is missing here
is `unmapped` and keeps its code.

Not here, since their HTTP status decides: 20500, 20503. Not here, since no attempt can
end so: codes of calls, media, WhatsApp and of incoming messages.
"""

from __future__ import annotations

from collections.abc import Mapping

from notify_core.model.outcome import Reason, Scope
from notify_core.provider import Code

#: Acceptance has no code of Twilio's own: it is the HTTP status.
ACCEPTED = "201"
#: A status callback's code for a message whose `ValidityPeriod` ended in the queue.
EXPIRED = "30036"


def _account(text: str, advice: str | None = None) -> Code:
    return Code(reason=Reason.ACCESS_DENIED, text=text, advice=advice)


def _sender(text: str, advice: str | None = None) -> Code:
    """Return the meaning of a code that holds for whatever the sender sends."""
    return Code(
        reason=Reason.SENDER_REJECTED, scope=Scope.UNIT, text=text, advice=advice
    )


def _sender_here(text: str) -> Code:
    """Return the meaning of a code that may depend on the destination."""
    return Code(reason=Reason.SENDER_REJECTED, text=text)


def _of(reason: Reason, text: str, advice: str | None = None) -> Code:
    return Code(reason=reason, text=text, advice=advice)


CODES: Mapping[str, Code] = {
    ACCEPTED: _of(Reason.NONE, "Created"),
    # The account.
    "10001": _account("Account is not active"),
    "10002": _account("Trial accounts do not support the feature you tried to use"),
    "20003": _of(
        Reason.AUTH_FAILED,
        "Permission Denied",
        "check the account SID with its auth token, or the API key",
    ),
    "20005": _account("Account not active", "it may be out of funds"),
    "20006": _account("Access Denied"),
    "20008": _account("Test Credentials"),
    "20010": _account("Action disabled for account"),
    "20403": _account("403 Forbidden"),
    "70051": _account("Authorization Failed", "check what the API key may do"),
    "30002": _account("Account suspended"),
    "63038": _of(Reason.QUOTA_EXHAUSTED, "Account exceeded the daily messages limit"),
    # The pace.
    "20429": _of(Reason.THROTTLED, "Too Many Requests"),
    "21611": _of(
        Reason.THROTTLED,
        "This 'From' number has exceeded the maximum number of queued messages",
    ),
    "30001": _of(Reason.THROTTLED, "Queue overflow"),
    "30022": _of(Reason.THROTTLED, "US A2P 10DLC - Rate Limits Exceeded"),
    "30023": _of(Reason.QUOTA_EXHAUSTED, "US A2P 10DLC - Daily Message Cap Reached"),
    "30027": _of(
        Reason.QUOTA_EXHAUSTED, "US A2P 10DLC - T-Mobile Daily Message Limit Reached"
    ),
    # The request.
    "20001": _of(Reason.INVALID_REQUEST, "Unknown parameters"),
    "20004": _of(Reason.INVALID_REQUEST, "Method not allowed"),
    "20404": _of(Reason.INVALID_REQUEST, "Not Found", "check account_sid and base_url"),
    "20422": _of(Reason.INVALID_REQUEST, "Invalid Parameter"),
    "20423": _of(Reason.INVALID_REQUEST, "Invalid SID"),
    "20426": _of(Reason.INVALID_REQUEST, "Upgrade Required"),
    "21603": _of(
        Reason.INVALID_REQUEST,
        "A 'From' or 'MessagingServiceSid' parameter is required to send a message",
    ),
    "21604": _of(
        Reason.INVALID_REQUEST,
        "The destination 'To' phone number is required to send an SMS",
    ),
    "21609": _of(
        Reason.INVALID_REQUEST,
        "Invalid 'StatusCallback'",
        "check webhook.public_url: Twilio must be able to reach it",
    ),
    "21624": _of(Reason.INVALID_REQUEST, "Invalid validity period value"),
    # The recipient.
    "21211": _of(Reason.RECIPIENT_INVALID, "Invalid 'To' Phone Number"),
    "21214": _of(Reason.RECIPIENT_UNREACHABLE, "'To' phone number cannot be reached"),
    "21217": _of(Reason.RECIPIENT_INVALID, "Phone number does not appear to be valid"),
    "21265": _of(Reason.RECIPIENT_INVALID, "'To' number cannot be a Short Code"),
    "21266": _of(
        Reason.RECIPIENT_INVALID, "'To' and 'From' numbers cannot be the same"
    ),
    "21610": _of(
        Reason.RECIPIENT_OPTED_OUT, "Attempt to send to unsubscribed recipient"
    ),
    "21614": _of(Reason.RECIPIENT_INVALID, "'To' number is not a valid mobile number"),
    "21635": _of(Reason.RECIPIENT_INVALID, "'To' number cannot be a landline"),
    "30003": _of(Reason.RECIPIENT_UNREACHABLE, "Unreachable destination handset"),
    "30004": _of(Reason.RECIPIENT_BLOCKED, "Message blocked"),
    "30005": _of(Reason.RECIPIENT_INVALID, "Unknown destination handset"),
    "30006": _of(Reason.RECIPIENT_UNREACHABLE, "Landline or unreachable carrier"),
    # The protection against SMS pumping blocks a number for 15 to 30 minutes.
    "30450": _of(Reason.RECIPIENT_BLOCKED, "Message delivery blocked"),
    # The destination.
    "21408": _of(
        Reason.DESTINATION_UNSUPPORTED,
        "Permission to send an SMS has not been enabled for the region indicated by"
        " the 'To' number",
    ),
    "21608": _of(
        Reason.DESTINATION_UNSUPPORTED,
        "The 'to' phone number provided is not yet verified for this account.",
        "a trial account sends to verified numbers only",
    ),
    "21612": _of(
        Reason.DESTINATION_UNSUPPORTED,
        "The 'To' phone number is not currently reachable via SMS",
    ),
    # The sender.
    "21212": _sender("Invalid From Number (caller ID)"),
    "21601": _sender("Phone number is not a valid SMS-capable inbound phone number"),
    "21606": _sender_here(
        "The 'From' phone number provided is not a valid message-capable Twilio phone"
        " number for this destination."
    ),
    "21607": _sender(
        "The 'from' phone number must be the sandbox phone number for trial accounts."
    ),
    "21616": _sender("The 'From' number matches multiple numbers for your account"),
    "21657": _sender_here("The Sender ID is invalid"),
    "21659": _sender_here(
        "'From' is not a Twilio phone number or Short Code country mismatch"
    ),
    "21660": _sender("Mismatch between the 'From' number and the account"),
    "21661": _sender("'From' number is not SMS-capable"),
    "21701": _sender("The Messaging Service does not exist"),
    "21702": _sender("The Messaging Service is not available to send new messages"),
    "21703": _sender_here(
        "The Messaging Service does not have a phone number available to send a message"
    ),
    "21704": _sender("The Messaging Service contains no phone numbers"),
    "21705": _sender("The Messaging Service is invalid"),
    "21709": _sender(
        "Alpha Sender ID is Invalid or Not Authorized for this Messaging Service"
    ),
    "21711": _sender(
        "Phone Number, Shortcode, or AlphaSender is not associated to the specified"
        " Messaging Service."
    ),
    "30018": _sender_here("Destination carrier requires sender ID pre-registration"),
    "30024": _sender_here("Numeric Sender ID Not Provisioned on Carrier"),
    "30032": _sender("Toll-Free Number Has Not Been Verified"),
    "30033": _sender("US A2P 10DLC - Campaign Suspended"),
    "30034": _sender_here("US A2P 10DLC - Message from an Unregistered Number"),
    "30035": _sender_here(
        "US A2P 10DLC - Message from a number still being configured"
    ),
    "30042": _sender(
        "The Sender ID is blocked as generic or it contains special characters"
    ),
    # The text.
    "21602": _of(Reason.CONTENT_INVALID, "Message body is required"),
    "21617": _of(
        Reason.CONTENT_INVALID,
        "The concatenated message body exceeds the 1600 character limit",
    ),
    "21618": _of(Reason.CONTENT_REJECTED, "The message body cannot be sent"),
    "21619": _of(
        Reason.CONTENT_INVALID, "A Message Body, Media URL or Content SID is required"
    ),
    "30007": _of(Reason.CONTENT_REJECTED, "Message filtered"),
    "30019": _of(Reason.CONTENT_INVALID, "Content size exceeds carrier limit"),
    # On the way.
    "30008": _of(Reason.CARRIER_REJECTED, "Unknown error"),
    "30017": _of(Reason.CARRIER_REJECTED, "Carrier network congestion"),
    "30410": _of(Reason.CARRIER_REJECTED, "Provider Timeout Error"),
}
