"""How long what is kept of people is kept: pure rules, whatever store applies them.

What is said (`Erased.CONTENT`) goes first, who it was said to later. Messages that are
not sent yet keep both, unless their validity is over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import IntEnum

import attrs

from notify_core.model.attempt import Attempt
from notify_core.model.channel import Kind
from notify_core.model.outcome import Reason
from notify_core.model.status import AttemptState, Status
from notify_core.outbox.record import ERASED, Erased, Record

#: Records that are erased in one step, so that other writers do not wait for it.
AT_ONCE = 200

_NOTHING = timedelta(0)


class Stage(IntEnum):
    """What is erased of a message next."""

    #: What a verification code said: as soon as nobody needs it.
    CODE = 1
    #: What any other message said.
    CONTENT = 2
    #: To whom.
    ADDRESS = 3
    #: The rest.
    ROW = 4


@attrs.frozen(kw_only=True)
class Retention:
    """How long messages are kept, from their deadline on."""

    #: Params, texts, vendor options and vendors' words; of codes they go at once.
    #: Receipts that match no message, and replies, are kept as long.
    content: timedelta = timedelta(days=7)
    #: The address, labels, metadata and idempotency key; the address's hash stays.
    address: timedelta = timedelta(days=90)
    #: The record itself; None: for ever.
    rows: timedelta | None = None
    #: An idempotency key, as a hash.
    idempotency: timedelta = timedelta(days=1)

    def span(self, stage: Stage) -> timedelta | None:
        """Return how long after its deadline a message comes to a stage."""
        spans: Mapping[Stage, timedelta | None] = {
            Stage.CODE: _NOTHING,
            Stage.CONTENT: self.content,
            Stage.ADDRESS: self.address,
            Stage.ROW: self.rows,
        }
        return spans[stage]


#: What holds where a configuration says nothing.
USUAL = Retention()


def next_stage(record: Record) -> Stage | None:
    """Return what is erased next of a record; None: all is needed still.

    When: `Retention.span` after its deadline.
    """
    if record.erased is Erased.ADDRESS:
        return Stage.ROW if record.is_closed else None
    if not record.is_closed and record.deadline_reason is not Reason.EXPIRED:
        return None
    if record.erased is Erased.CONTENT:
        return Stage.ADDRESS if record.is_closed else None
    return Stage.CODE if record.kind is Kind.OTP else Stage.CONTENT


def is_due(record: Record, retention: Retention, now: datetime) -> bool:
    """Tell whether it is time for the record's next stage."""
    stage = next_stage(record)
    span = None if stage is None else retention.span(stage)
    return span is not None and record.deadline + span <= now


def erased(record: Record) -> Record:
    """Return the record without what its next stage takes away."""
    stage = next_stage(record)
    if stage is None or stage is Stage.ROW:
        return record
    return _without_address(record) if stage is Stage.ADDRESS else _bare(record)


def at_rest(after: Record, before: Record | None = None) -> Record:
    """Return a record as it is stored.

    A verification code is not stored beyond its end, and what was erased before does
    not come back with a change that was made of an older record.
    """
    known = Erased.NOTHING if before is None else before.erased
    if known is Erased.NOTHING and not (after.final and after.kind is Kind.OTP):
        return after
    return _ERASERS[known](after)


def forgotten(record: Record) -> Record:
    """Return the record of a message to somebody who is to be forgotten.

    What waits is withdrawn; what is being sent goes on, and is told by its own run.
    """
    states = {attempt.state for attempt in record.attempts}
    if record.is_closed or AttemptState.SUBMITTING in states:
        return _without_address(record)
    is_sent = bool(states - {AttemptState.REJECTED})
    return attrs.evolve(
        _without_address(record),
        planned=None if is_sent else Status.CANCELED,
        reason=None if is_sent else Reason.CANCELED,
        final=not is_sent,
    )


def _bare(record: Record) -> Record:
    """Return the record without what it says."""
    level = max(record.erased, Erased.CONTENT, key=_LEVELS.index)
    return attrs.evolve(
        record,
        message=attrs.evolve(record.message, params={}, content=None, extra={}),
        text=None,
        content=None,
        attempts=tuple(map(_wordless, record.attempts)),
        erased=level,
    )


def _without_address(record: Record) -> Record:
    bare = _bare(record)
    message = attrs.evolve(
        bare.message, to=ERASED, labels={}, metadata={}, idempotency_key=None
    )
    recipient = attrs.evolve(bare.recipient, address=ERASED)
    return attrs.evolve(
        bare, message=message, recipient=recipient, erased=Erased.ADDRESS
    )


def _wordless(attempt: Attempt) -> Attempt:
    return attempt if attempt.text is None else attrs.evolve(attempt, text=None)


_LEVELS = tuple(Erased)
#: How a record of which so much was erased is stored.
_ERASERS: Mapping[Erased, Callable[[Record], Record]] = {
    Erased.NOTHING: _bare,
    Erased.CONTENT: _bare,
    Erased.ADDRESS: _without_address,
}
