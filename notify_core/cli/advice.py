"""What to do next, where a reason lets that be said."""

from __future__ import annotations

from notify_core.model.outcome import Reason
from notify_core.model.result import Result

_LOOK_FIRST = (
    "It may have been sent: look at the vendor's console before you send it again."
)
_CHECK_KEY = "Check the key in the provider's settings, and this machine's clock."
_OTHER_TEXT = "Change the text; the vendor does not take this one."
_FILE_IT = (
    "Compare the text with what is filed at the vendor, character by character, "
    "or give the template a binding."
)
_REPORT_CODE = (
    "Look the vendor's code up in its documentation, and report it, so that the "
    "provider's table learns it."
)

_NEXT = {
    Reason.CONNECT_FAILED: (
        "Nothing left this machine: check base_url, DNS and the firewall."
    ),
    Reason.NO_RESPONSE: _LOOK_FIRST,
    Reason.SERVER_ERROR: _LOOK_FIRST,
    Reason.INTERRUPTED: _LOOK_FIRST,
    Reason.PROVIDER_ERROR: "Try again; the vendor says that it did not take it.",
    Reason.THROTTLED: "Send more slowly, or add a provider to the pool.",
    Reason.RECIPIENT_RATE_LIMITED: "The vendor's cap for this recipient is reached.",
    Reason.QUOTA_EXHAUSTED: "The account's quota is used up: raise it at the vendor.",
    Reason.INSUFFICIENT_BALANCE: "Charge the account; `notify balance` shows it.",
    Reason.AUTH_FAILED: _CHECK_KEY,
    Reason.ACCESS_DENIED: (
        "Put this machine's address on the vendor's list, and see whether the "
        "account is frozen."
    ),
    Reason.SENDER_REJECTED: "Have the sender approved in the vendor's console.",
    Reason.TEMPLATE_REJECTED: _FILE_IT,
    Reason.TEMPLATE_PARAMS_INVALID: "Check the parameters against the vendor's limits.",
    Reason.CONTENT_REJECTED: _OTHER_TEXT,
    Reason.CONTENT_INVALID: _OTHER_TEXT,
    Reason.RECIPIENT_INVALID: "Check the number.",
    Reason.RECIPIENT_BLOCKED: "Release the recipient in the vendor's console.",
    Reason.RECIPIENT_OPTED_OUT: "The person said stop: do not send again.",
    Reason.INVALID_REQUEST: "The provider's plugin built a bad request: report it.",
    Reason.UNMAPPED: _REPORT_CODE,
    Reason.NO_PROVIDER: "No provider of the route can take it: see why at each.",
    Reason.DEADLINE_EXCEEDED: "Raise the policy's deadline, or try again.",
    Reason.EXPIRED: "It was not taken within its validity: send a fresh one.",
    Reason.POLICY_DUPLICATE: "The same was said a moment ago: nothing is to be done.",
    Reason.POLICY_BLOCKED: "The recipient is on a list: `notify routes explain` tells.",
    Reason.POLICY_RATE_LIMITED: "A limit of the configuration is reached: wait.",
    Reason.POLICY_QUIET_HOURS: "Nothing is sent at this hour: send it later.",
    Reason.POLICY_CONTENT: "Change the text; the configuration does not allow it.",
    Reason.POLICY_SANDBOX: (
        "Only listed recipients get messages: see `sandbox` in the policy set."
    ),
}


def advice(result: Result) -> str | None:
    """Return what to do next; None when nothing is to be done or known."""
    if result.ok or result.reason is None:
        return None
    said = _NEXT.get(result.reason)
    if result.retry_at is not None:
        when = result.retry_at.isoformat(sep=" ", timespec="seconds")
        return " ".join(filter(None, [said, f"It may be tried again at {when}."]))
    return said
