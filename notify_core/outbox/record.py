"""A message with everything that is known about it: what the outbox keeps."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TypedDict, Unpack

import attrs

from notify_core.model.attempt import Attempt
from notify_core.model.channel import Kind
from notify_core.model.message import Content, Message
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.receipt import Heard
from notify_core.model.recipient import Recipient
from notify_core.model.result import Exclusion, Result
from notify_core.model.status import (
    POSSIBLY_DELIVERED,
    AttemptState,
    Status,
    message_status,
)

#: Stands where something was erased.
ERASED = "erased"


class Erased(StrEnum):
    """What is not kept any more of a message; each includes those before it."""

    NOTHING = "nothing"
    #: Params, texts, vendor options, vendors' words.
    CONTENT = "content"
    #: The address, labels, metadata, idempotency key.
    ADDRESS = "address"


class Times(TypedDict, total=False):
    """When a message must be sent by, why then, and when it is looked at again."""

    deadline: datetime
    deadline_reason: Reason
    settle_at: datetime | None


@attrs.frozen(kw_only=True, slots=False)
class Record:
    """A message with all that is known about it: facts, never a plan."""

    message: Message
    recipient: Recipient
    #: The message's own, or its template's.
    kind: Kind
    #: When it was accepted, with time zone.
    accepted_at: datetime
    #: When the last attempt must have ended.
    deadline: datetime
    #: Whether that is the message's validity (`expired`) or the policy set's deadline.
    deadline_reason: Reason
    #: Name of the route that it took.
    route: str
    #: The rendered text; None where a template has none of its own.
    text: str | None = attrs.field(default=None, repr=False)
    #: Rendered subject and HTML, or what the caller wrote; None: only a text.
    content: Content | None = attrs.field(default=None, repr=False)
    attempts: tuple[Attempt, ...] = ()
    #: The receipts that told something new, in the order in which they came.
    receipts: tuple[Heard, ...] = ()
    #: The work ahead, or how it ended that no attempt explains; see `message_status`.
    planned: Status | None = Status.CREATED
    #: Why it ended, where no attempt says so.
    reason: Reason | None = None
    #: For people: what the policy said that deferred, dropped or refused it.
    why: str = ""
    #: Nothing more is done about it.
    final: bool = False
    excluded: tuple[Exclusion, ...] = ()
    #: When a deferred or scheduled message is to go, with time zone.
    due_at: datetime | None = None
    #: When a message that something is still to be heard of is asked about again, or
    #: given up; with time zone.
    settle_at: datetime | None = None
    #: Name of the pool or provider that a policy put in place of the route's.
    instead: str | None = None
    #: Id of the message that was made of it when it was replayed.
    replayed_as: str | None = None
    #: What is not kept any more; with anything erased it cannot be sent again.
    erased: Erased = Erased.NOTHING

    #: Where the message stands, computed from the facts.
    status: Status = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        status = message_status([a.state for a in self.attempts], self.planned)
        object.__setattr__(self, "status", status)

    @property
    def is_closed(self) -> bool:
        """Whether no attempt lies ahead."""
        return self.planned not in _AHEAD

    @property
    def is_unsettled(self) -> bool:
        """Whether it may have been sent, and that is still being found out."""
        return not self.final and self.status is Status.SUBMIT_UNKNOWN

    @property
    def is_running(self) -> bool:
        """Whether it is to be sent, and now."""
        return self.planned in (Status.CREATED, Status.SUBMITTING)

    @property
    def work_at(self) -> datetime | None:
        """When a worker has to take it up; None: none has to."""
        if self.is_closed:
            return None if self.final else self.settle_at
        return self.due_at or self.accepted_at

    @property
    def shown_address(self) -> str:
        """The address as people may see it: masked, or that it was erased."""
        return ERASED if self.erased is Erased.ADDRESS else self.recipient.masked

    @property
    def gives_back(self) -> bool:
        """Whether it ended unsent, so that what it took from counters is free again."""
        return self.is_closed and not any(
            a.state in _MAY_BE_THERE for a in self.attempts
        )

    def attempt(self, number: int) -> Attempt:
        """Return the attempt of that number, counted from 1."""
        return self.attempts[number - 1]

    def moved(
        self,
        attempts: tuple[Attempt, ...],
        planned: Status | None,
        *,
        reason: Reason | None = None,
        final: bool = False,
        excluded: tuple[Exclusion, ...] | None = None,
    ) -> Record:
        """Return the record after a step.

        The facts that stay are copied at once: a tenth of the time of `attrs.evolve`.
        """
        moved = object.__new__(Record)
        facts = moved.__dict__
        facts.update(self.__dict__)
        facts["attempts"], facts["planned"] = attempts, planned
        facts["reason"], facts["final"] = reason, final
        if excluded is not None:
            facts["excluded"] = excluded
        moved.__attrs_post_init__()
        return moved

    def timed(self, **times: Unpack[Times]) -> Record:
        """Return the record with other times, which its status does not go by."""
        timed = object.__new__(Record)
        timed.__dict__.update(self.__dict__, **times)
        return timed

    def with_attempt(self, attempt: Attempt) -> Record:
        """Return the record with this attempt added, or in place of its forerunner."""
        return attrs.evolve(self, attempts=self.attempts_with(attempt))

    def attempts_with(self, attempt: Attempt) -> tuple[Attempt, ...]:
        """Return the attempts with this one added, or in place of its forerunner."""
        before = self.attempts[: attempt.number - 1]
        return (*before, attempt, *self.attempts[attempt.number :])

    def result(self) -> Result:
        """Return what a caller is told."""
        return Result(
            id=self.message.id,
            status=self.status,
            final=self.final,
            reason=self.telling_reason,
            why=self.why,
            route=self.route,
            attempts=self.attempts,
            retry_at=self._retry_at(),
            segments=sum([attempt.segments for attempt in self.attempts]),
            excluded=self.excluded,
        )

    @property
    def telling_reason(self) -> Reason | None:
        """Why the message stands where it stands; None when that needs no reason."""
        if self.reason is not None:
            return self.reason
        states = _TELLING.get(self.status)
        if states is None:
            return None
        telling = [a.reason for a in self.attempts if a.state in states]
        return telling[-1] if telling and telling[-1] is not Reason.NONE else None

    def _retry_at(self) -> datetime | None:
        if self.status is Status.DEFERRED:
            return self.due_at
        if self.status is not Status.REJECTED or not self.attempts:
            return None
        return self.attempts[-1].retry_at


_AHEAD = frozenset({Status.CREATED, Status.SUBMITTING, Status.DEFERRED})
_MAY_BE_THERE = POSSIBLY_DELIVERED | {AttemptState.DELIVERED}
_ENDED_BADLY = frozenset(
    {AttemptState.UNDELIVERED, AttemptState.EXPIRED, AttemptState.RECEIPT_TIMEOUT}
)
#: The states of the attempts that explain a status.
_TELLING = {
    Status.SUBMIT_UNKNOWN: frozenset({AttemptState.UNKNOWN}),
    Status.REJECTED: frozenset({AttemptState.REJECTED}),
    Status.UNDELIVERED: _ENDED_BADLY,
    Status.EXPIRED: _ENDED_BADLY,
    Status.RECEIPT_TIMEOUT: _ENDED_BADLY,
}


def is_open(attempt: Attempt) -> bool:
    """Tell whether an attempt's answer was lost and nothing was heard since."""
    return attempt.state is AttemptState.UNKNOWN and attempt.outcome is Outcome.UNKNOWN


def are_one(first: Attempt, second: Attempt) -> bool:
    """Tell whether the vendor took two attempts for one message, by our reference."""
    return (first.account, first.reference) == (second.account, second.reference)
