"""How an attempt ended, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from types import MappingProxyType

import attrs


class Outcome(StrEnum):
    """How one attempt ended."""

    #: The provider said that it took the message.
    ACCEPTED = "accepted"
    #: The provider did not take the message, or never saw it.
    REJECTED = "rejected"
    #: The request may have been processed; nobody knows yet.
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why an attempt or a message ended as it did. A public, closed set."""

    #: Accepted; there is nothing to explain.
    NONE = "none"
    #: No byte of the request left.
    CONNECT_FAILED = "connect_failed"
    #: The request was written and no usable answer came.
    NO_RESPONSE = "no_response"
    #: The server failed in a way that leaves open whether it processed the request.
    SERVER_ERROR = "server_error"
    #: We stopped (cancelled, killed) after writing began.
    INTERRUPTED = "interrupted"
    #: The provider states that it did not accept the message.
    PROVIDER_ERROR = "provider_error"
    #: Our request rate is too high for the provider.
    THROTTLED = "throttled"
    #: The provider's own cap for this recipient.
    RECIPIENT_RATE_LIMITED = "recipient_rate_limited"
    #: The account's cap for a window of time.
    QUOTA_EXHAUSTED = "quota_exhausted"
    #: The account is out of credit.
    INSUFFICIENT_BALANCE = "insufficient_balance"
    #: Wrong key or signature, or a clock that is off.
    AUTH_FAILED = "auth_failed"
    #: The account may not be used from here: address list, frozen account.
    ACCESS_DENIED = "access_denied"
    #: The sender is not filed or not approved, or the text does not match it.
    SENDER_REJECTED = "sender_rejected"
    #: The template is not filed or not approved, or the text does not match it.
    TEMPLATE_REJECTED = "template_rejected"
    #: A template variable is missing or too long.
    TEMPLATE_PARAMS_INVALID = "template_params_invalid"
    #: Sensitive words or spam.
    CONTENT_REJECTED = "content_rejected"
    #: Empty, too long, or characters that cannot be sent.
    CONTENT_INVALID = "content_invalid"
    #: A malformed or unallocated address.
    RECIPIENT_INVALID = "recipient_invalid"
    #: The vendor's blacklist holds the recipient.
    RECIPIENT_BLOCKED = "recipient_blocked"
    #: The person said stop.
    RECIPIENT_OPTED_OUT = "recipient_opted_out"
    #: A receipt: the handset could not be reached.
    RECIPIENT_UNREACHABLE = "recipient_unreachable"
    #: A receipt: the carrier refused the message.
    CARRIER_REJECTED = "carrier_rejected"
    #: The provider does not serve the destination.
    DESTINATION_UNSUPPORTED = "destination_unsupported"
    #: The provider cannot express this message.
    UNSUPPORTED = "unsupported"
    #: The provider recognised our reference: it has the message already.
    DUPLICATE_REQUEST = "duplicate_request"
    #: Our plugin built a request that the vendor calls malformed.
    INVALID_REQUEST = "invalid_request"
    #: An explicit refusal with a code that no table knows.
    UNMAPPED = "unmapped"
    #: No provider was eligible.
    NO_PROVIDER = "no_provider"
    #: The message's validity passed.
    EXPIRED = "expired"
    #: The deadline passed.
    DEADLINE_EXCEEDED = "deadline_exceeded"
    #: The caller cancelled before anything was written.
    CANCELED = "canceled"
    #: A policy: the same was said to the same recipient a moment ago.
    POLICY_DUPLICATE = "policy_duplicate"
    #: A policy: the recipient is on a list of those that get nothing.
    POLICY_BLOCKED = "policy_blocked"
    #: A policy: a limit is reached.
    POLICY_RATE_LIMITED = "policy_rate_limited"
    #: A policy: not at this time of day.
    POLICY_QUIET_HOURS = "policy_quiet_hours"
    #: A policy: not with this text.
    POLICY_CONTENT = "policy_content"
    #: A policy: not to this recipient while things are tried out.
    POLICY_SANDBOX = "policy_sandbox"


#: What a policy says of a message; no attempt ends so.
POLICY_REASONS = frozenset(r for r in Reason if r.startswith("policy_"))


class Disposition(StrEnum):
    """What to do after an attempt."""

    #: Nothing more: asking again, or asking another provider, does not help.
    STOP = "stop"
    #: The same provider again, after a pause.
    RETRY = "retry"
    #: The next provider of the plan.
    FAILOVER = "failover"
    #: The account is at fault: the next provider, and somebody is told.
    ACCOUNT = "account"
    #: Find out what happened before anything else is tried.
    SETTLE = "settle"


class Scope(StrEnum):
    """What a rejected sender or template says about further messages."""

    #: Only this message does not fit.
    MESSAGE = "message"
    #: The sender or template itself is unusable at this provider.
    UNIT = "unit"


@attrs.frozen(kw_only=True)
class Rule:
    """What the pipeline does about a reason."""

    #: The first thing to do.
    disposition: Disposition
    #: After a failover came back empty: the same provider may be asked again.
    retries: bool = False
    #: How many attempts of one message may end so before it stops; None: any.
    most: int | None = None
    #: A retry needs the provider's own time; without one the message stops.
    needs_retry_at: bool = False
    #: With RETRY: fail over when the pause does not fit before the deadline.
    fails_over: bool = False
    #: Fail over only to a provider that knows the template in another way.
    other_binding: bool = False


def _rules() -> dict[Reason, Rule]:
    stop = Rule(disposition=Disposition.STOP)
    settle = Rule(disposition=Disposition.SETTLE)
    account = Rule(disposition=Disposition.ACCOUNT)
    failover = Rule(disposition=Disposition.FAILOVER)
    failover_then_retry = Rule(disposition=Disposition.FAILOVER, retries=True)
    return dict.fromkeys(Reason, stop) | {
        Reason.CONNECT_FAILED: failover_then_retry,
        Reason.NO_RESPONSE: settle,
        Reason.SERVER_ERROR: settle,
        Reason.INTERRUPTED: settle,
        Reason.PROVIDER_ERROR: failover_then_retry,
        Reason.THROTTLED: Rule(
            disposition=Disposition.RETRY, fails_over=True, retries=True
        ),
        Reason.RECIPIENT_RATE_LIMITED: Rule(
            disposition=Disposition.RETRY, needs_retry_at=True
        ),
        Reason.QUOTA_EXHAUSTED: account,
        Reason.INSUFFICIENT_BALANCE: account,
        Reason.AUTH_FAILED: account,
        Reason.ACCESS_DENIED: account,
        Reason.SENDER_REJECTED: failover,
        Reason.TEMPLATE_REJECTED: failover,
        Reason.TEMPLATE_PARAMS_INVALID: Rule(
            disposition=Disposition.FAILOVER, other_binding=True
        ),
        Reason.DESTINATION_UNSUPPORTED: failover,
        Reason.UNSUPPORTED: failover,
        Reason.INVALID_REQUEST: failover,
        Reason.UNMAPPED: Rule(disposition=Disposition.FAILOVER, most=1),
    }


#: What the pipeline does about each reason. Plugins choose reasons, never rules.
RULES = _rules()
#: Reasons that may hold for one message or for all that use the sender or template.
_SCOPED = frozenset({Reason.SENDER_REJECTED, Reason.TEMPLATE_REJECTED})


#: Reasons that a receipt tells: the message had been taken, and did not arrive.
_FROM_RECEIPTS = frozenset({Reason.RECIPIENT_UNREACHABLE, Reason.CARRIER_REJECTED})
_NO_OVERRIDES: Mapping[Reason, Disposition] = MappingProxyType({})


def rule_for(
    reason: Reason,
    scope: Scope,
    overrides: Mapping[Reason, Disposition] = _NO_OVERRIDES,
) -> Rule:
    """Return what to do about an attempt that ended for *reason*.

    Args:
        reason: Of the attempt.
        scope: A sender or template unusable for all messages is the account's.
        overrides: What a policy set wants instead; it goes first.
    """
    wanted = overrides.get(reason)
    if wanted is not None:
        return _overridden(reason, wanted)
    if scope is Scope.UNIT and reason in _SCOPED:
        return Rule(disposition=Disposition.ACCOUNT)
    return RULES[reason]


@cache
def _overridden(reason: Reason, wanted: Disposition) -> Rule:
    usual = RULES[reason]
    if wanted is usual.disposition:
        return usual
    if wanted is Disposition.FAILOVER:
        # After a negative receipt one more provider is tried, not all of them.
        most = 1 if reason in _FROM_RECEIPTS else usual.most
        return Rule(disposition=wanted, retries=usual.retries, most=most)
    return Rule(disposition=wanted, retries=wanted is Disposition.RETRY)
