"""What the tests are about: an outbox, and values to put into it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from notify_core.model.attempt import Attempt
from notify_core.model.channel import Kind
from notify_core.model.message import Content, Message
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.receipt import Heard, Receipt
from notify_core.model.recipient import Phone
from notify_core.model.result import Exclusion
from notify_core.model.status import AttemptState, Status
from notify_core.outbox.port import ADDED, Outbox, Parked
from notify_core.outbox.record import Record
from notify_core.policy.take import Take

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PHONE = Phone("+8613800138000", "86", "CN")
OTHER_PHONE = Phone("+8613900139000", "86", "CN")


class Subject:
    """The outbox under test."""

    @pytest.fixture
    def outbox(self) -> Any:
        """Give an empty outbox, and close it."""
        raise NotImplementedError("override the fixture `outbox`")


def message(**fields: Any) -> Message:
    """Return a message with a template."""
    usual: dict[str, Any] = {
        "to": PHONE.address,
        "template": "code",
        "params": {"code": "1234"},
    }
    return Message(**{**usual, **fields})


def record(said: Message | None = None, **fields: Any) -> Record:
    """Return what is recorded of a message, accepted at noon and not tried yet."""
    usual: dict[str, Any] = {
        "message": said or message(),
        "recipient": PHONE,
        "kind": Kind.NOTICE,
        "accepted_at": NOON,
        "deadline": NOON + MINUTE,
        "deadline_reason": Reason.DEADLINE_EXCEEDED,
        "route": "root",
        "text": "Your code is 1234.",
    }
    return Record(**{**usual, **fields})


def full_record() -> Record:
    """Return a record with as many different values as there are fields."""
    said = message(
        kind=Kind.NOTICE,
        params={"list": [1, 2.5, None, {"deep": True}], "词": "验证码"},
        content=Content(text="Hello", subject="Of it", html="<p>Hello</p>"),
        labels={"tenant": "a"},
        metadata={"order": "7"},
        extra={"ihuyi": {"ext": 1}},
        idempotency_key="full",
        not_before=NOON,
        validity=timedelta(minutes=5),
    )
    heard = Heard(
        attempt=1,
        state=AttemptState.SENT,
        reason=Reason.NONE,
        code="1",
        at=NOON,
        received_at=NOON + MINUTE,
    )
    return record(
        said,
        content=said.content,
        attempts=(_full_attempt(),),
        receipts=(heard,),
        planned=None,
        reason=Reason.CANCELED,
        why="the caller withdrew it",
        final=True,
        excluded=(Exclusion(provider="b", why="rests"),),
        due_at=NOON + MINUTE,
        settle_at=NOON + 2 * MINUTE,
        instead="other",
    )


def _full_attempt() -> Attempt:
    return attempt(
        reason=Reason.DUPLICATE_REQUEST,
        code="2",
        text="提交成功",
        provider_id="v1",
        reference="r1",
        duration=0.25,
        retry_at=NOON + MINUTE,
        segments=2,
        config="0123456789ab",
    )


def attempt(number: int = 1, **fields: Any) -> Attempt:
    """Return an attempt that was accepted."""
    usual: dict[str, Any] = {
        "provider": "a",
        "account": "a",
        "state": AttemptState.ACCEPTED,
        "outcome": Outcome.ACCEPTED,
        "started_at": NOON,
    }
    return Attempt(number=number, **{**usual, **fields})


def begun(number: int = 1, **fields: Any) -> Attempt:
    """Return an attempt whose request is being written."""
    state = {"state": AttemptState.SUBMITTING, "outcome": None}
    return attempt(number, **{**state, **fields})


def unknown(number: int = 1, **fields: Any) -> Attempt:
    """Return an attempt whose answer was lost."""
    state = {"state": AttemptState.UNKNOWN, "outcome": Outcome.UNKNOWN}
    return attempt(number, **{**state, **fields})


def rejected(number: int = 1, **fields: Any) -> Attempt:
    """Return an attempt that the vendor refused."""
    state = {"state": AttemptState.REJECTED, "outcome": Outcome.REJECTED}
    return attempt(number, **{**state, **fields})


def ended(*attempts: Attempt, **fields: Any) -> Record:
    """Return the record of a message that is not being sent any more."""
    return record(attempts=attempts, planned=None, **fields)


def closing(record_: Record, *attempts: Attempt) -> Record:
    """Return the record with these attempts and none ahead."""
    return record_.moved(attempts, None, final=True)


def submitting(record_: Record) -> Record:
    """Return the record of a message with its first attempt begun."""
    return record_.moved((begun(),), Status.SUBMITTING)


def parked(account: str = "a", **names: Any) -> Parked:
    """Return a receipt that came too early."""
    receipt = Receipt(state=AttemptState.DELIVERED, at=NOON, **names)
    return Parked(provider=account, account=account, receipt=receipt, received_at=NOON)


async def kept(outbox: Outbox, *records: Record) -> None:
    """Put records into the outbox."""
    for given in records:
        assert await outbox.add(given) == ADDED


async def took(
    outbox: Outbox, *takes: Take, at: datetime | None = None, now: datetime = NOON
) -> Record | None:
    """Record a message that takes; None: there was no room."""
    given = record(accepted_at=now)
    addition = await outbox.add(given, takes, at)
    assert addition.known is None
    assert (await outbox.get(given.message.id) is None) == bool(addition.refused)
    return None if addition.refused else given
