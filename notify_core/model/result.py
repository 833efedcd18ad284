"""What became of a message."""

from __future__ import annotations

from datetime import datetime

import attrs

from notify_core.errors import MessageNotSent, OutcomeUnknown
from notify_core.model.attempt import Attempt
from notify_core.model.outcome import Reason
from notify_core.model.status import Status

_OK = frozenset({Status.ACCEPTED, Status.SENT, Status.DELIVERED})
_PENDING = frozenset({Status.CREATED, Status.DEFERRED, Status.SUBMITTING})


@attrs.frozen(kw_only=True)
class Exclusion:
    """A provider that was not eligible, and why."""

    #: Name of the configured provider.
    provider: str
    #: Why it could not take the message.
    why: str


@attrs.frozen(kw_only=True)
class Result:
    """What became of a message, as far as is known now."""

    #: The message's id.
    id: str
    #: Where it stands.
    status: Status
    #: Nothing more is done; only a late receipt can still raise the status.
    final: bool
    #: Why it stands there; None when there is nothing to explain.
    reason: Reason | None = None
    #: For people: what the policy said that deferred, dropped or refused it.
    why: str = ""
    #: The route that it took.
    route: str = ""
    #: Every attempt, in order.
    attempts: tuple[Attempt, ...] = ()
    #: When it is tried again (`deferred`), or when the vendor says that it may be
    #: (`rejected`); with time zone.
    retry_at: datetime | None = None
    #: Billable parts of the accepted attempt, as the provider counts; 0 when none was.
    segments: int = 0
    #: Providers that could not take it, each with why.
    excluded: tuple[Exclusion, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether a provider has it: accepted, sent or delivered."""
        return self.status in _OK

    def explain(self) -> str:
        """Return one line that says what happened and where, for logs and errors."""
        tried = "; ".join(_line(attempt) for attempt in self.attempts)
        left_out = "; ".join(f"{e.provider}: {e.why}" for e in self.excluded)
        why = f" ({self.reason})" if self.reason else ""
        details = " · ".join(part for part in (self.why, tried, left_out) if part)
        return f"message {self.id} is {self.status}{why}" + (
            f": {details}" if details else ""
        )

    def raise_for_status(self) -> None:
        """Raise unless the message was taken or is still on its way.

        Raises:
            OutcomeUnknown: It may have been sent.
            MessageNotSent: It was not sent and will not be.
        """
        if self.ok or self.status in _PENDING:
            return
        if self.status in (Status.SUBMIT_UNKNOWN, Status.RECEIPT_TIMEOUT):
            raise OutcomeUnknown(self)
        raise MessageNotSent(self)


def _line(attempt: Attempt) -> str:
    code = f" {attempt.code}" if attempt.code else ""
    text = f" {attempt.text}" if attempt.text else ""
    outcome = attempt.outcome or attempt.state
    return f"{attempt.provider} {outcome} {attempt.reason}{code}{text}"
