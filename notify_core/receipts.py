"""Delivery reports: find the attempt, apply what is said, keep what comes early."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import attrs

from notify_core.clock import Clock
from notify_core.config.snapshot import ProviderSettings
from notify_core.dispatch.ledger import Ledger
from notify_core.dispatch.submit import kept
from notify_core.model.attempt import Attempt
from notify_core.model.event import Match, ReceiptMatched
from notify_core.model.outcome import RULES
from notify_core.model.receipt import Heard, Receipt
from notify_core.model.status import AttemptState, Status, rises
from notify_core.outbox.port import Found, Parked
from notify_core.outbox.record import Erased, Record, are_one
from notify_core.provider import QueryMode, ReceiptMode
from notify_core.routing.health.health import Health

#: How far before and after our write the vendor's time of submission may lie.
EARLIEST = timedelta(seconds=-5)
LATEST = timedelta(seconds=60)

_ENDS = frozenset({Status.DELIVERED, Status.UNDELIVERED, Status.EXPIRED})


#: What a vendor may tell of an attempt.
_NEWS = frozenset(
    {
        AttemptState.ACCEPTED,
        AttemptState.SENT,
        AttemptState.DELIVERED,
        AttemptState.UNDELIVERED,
        AttemptState.EXPIRED,
    }
)


@attrs.frozen
class _Matched:
    """How a receipt matches, and what; nothing for a parked one."""

    match: Match
    found: Found | None = None


@attrs.frozen(kw_only=True)
class Receipts:
    """Takes receipts to the attempts that they speak of."""

    ledger: Ledger
    clock: Clock
    health: Health
    #: Whether another provider is asked after a negative receipt.
    reopens: Callable[[Record], bool]
    #: Has it asked; called after that was recorded.
    go_on: Callable[[Record], None]

    async def take(self, provider: ProviderSettings, receipt: Receipt) -> None:
        """Apply a receipt, or park it until its message is known.

        Raises:
            StoreUnavailable: It could not be stored; the vendor must push it again.
        """
        matched = await self._place(provider, receipt)
        self._tell(provider, receipt, matched)
        if matched.match is Match.PARKED:
            await self._look_again(provider, receipt)

    async def take_parked(
        self, provider: ProviderSettings, record: Record, attempt: Attempt
    ) -> Record:
        """Try again what came before the attempt's answer did.

        Returns:
            The record as it stands then.
        """
        is_unknown = attempt.state is AttemptState.UNKNOWN
        is_news = await self._take_up(
            provider,
            attempt.account,
            attempt.provider_id,
            attempt.reference,
            record.recipient.address if is_unknown else None,
        )
        if not is_news:
            return record
        return await self.ledger.outbox.get(record.message.id) or record

    async def _take_up(
        self,
        provider: ProviderSettings,
        account: str,
        *names: str | None,
    ) -> bool:
        """Try again what is parked under these names; tell whether anything was.

        Args:
            provider: Whose receipts they are.
            account: Whose attempts they are about.
            names: The vendor's id, our reference, the recipient's address.
        """
        provider_id, reference, address = names
        waiting = await self.ledger.outbox.take_parked(
            account, provider_id=provider_id, reference=reference, address=address
        )
        for parked in waiting:
            matched = await self._place(provider, parked.receipt)
            if matched.match is Match.PARKED:
                await self._look_again(provider, parked.receipt)
            else:
                self._tell(provider, parked.receipt, matched)
        return bool(waiting)

    async def _look_again(self, provider: ProviderSettings, receipt: Receipt) -> None:
        """Take up what was parked while its attempt's answer was being recorded.

        Whoever recorded that had looked for parked receipts before.
        """
        if (await self._match(provider, receipt)).found is not None:
            names = receipt.provider_id, receipt.reference, receipt.recipient
            await self._take_up(provider, provider.account, *names)

    async def take_answer(
        self, provider: ProviderSettings, found: Found, receipt: Receipt
    ) -> None:
        """Apply what the vendor answered when it was asked about an attempt."""
        by_reference = provider.capabilities.query is QueryMode.REFERENCE
        match = Match.REFERENCE if by_reference else Match.INFERRED
        matched = await self._apply(provider, found, match, receipt)
        self._tell(provider, receipt, matched)

    async def _place(self, provider: ProviderSettings, receipt: Receipt) -> _Matched:
        matched = await self._match(provider, receipt)
        if matched.match is Match.PARKED:
            await self._park(provider, receipt)
        if matched.found is None:
            return matched
        return await self._apply(provider, matched.found, matched.match, receipt)

    async def _match(self, provider: ProviderSettings, receipt: Receipt) -> _Matched:
        named = await self._named(provider.account, receipt)
        if named is not None and _is_foreign(named, receipt):
            return _Matched(Match.MISMATCH)
        if named is not None:
            return named
        if provider.capabilities.receipt_match_recipient:
            found = await self._inferred(provider.account, receipt)
            if found is not None:
                return _Matched(Match.INFERRED, found)
        return _Matched(Match.PARKED)

    async def _named(self, account: str, receipt: Receipt) -> _Matched | None:
        outbox = self.ledger.outbox
        if receipt.provider_id is not None:
            found = await outbox.by_provider_id(account, receipt.provider_id)
            if found is not None:
                return _Matched(Match.ID, found)
        if receipt.reference is not None:
            found = await outbox.by_reference(account, receipt.reference)
            if found is not None:
                return _Matched(Match.REFERENCE, found)
        return None

    async def _inferred(self, account: str, receipt: Receipt) -> Found | None:
        """Return the one attempt whose answer was lost and that fits, or none."""
        at = receipt.submitted_at or receipt.at
        if receipt.recipient is None or at is None:
            return None
        unknown = await self.ledger.outbox.open_unknown(account, receipt.recipient)
        fitting = [found for found in unknown if _is_near(found, at)]
        return fitting[0] if len(fitting) == 1 else None

    async def _park(self, provider: ProviderSettings, receipt: Receipt) -> None:
        await self.ledger.outbox.park(
            Parked(
                provider=provider.name,
                account=provider.account,
                receipt=receipt,
                received_at=self.clock.now(),
            )
        )

    async def _apply(
        self, provider: ProviderSettings, found: Found, match: Match, receipt: Receipt
    ) -> _Matched:
        attempt = found.record.attempt(found.number)
        if not rises(attempt.state, receipt.state):
            return _Matched(Match.LATE, found)
        message = found.record.message.id
        known = await self.ledger.change(
            message,
            lambda r: self._heard(r, r.attempt(found.number), receipt, provider),
        )
        self.health.note(known.attempt(found.number), message)
        if not known.is_closed and found.record.is_closed:
            self.go_on(known)
        return _Matched(match, found)

    def _heard(
        self,
        record: Record,
        named: Attempt,
        receipt: Receipt,
        provider: ProviderSettings,
    ) -> Record:
        """Return the record with a receipt, reopened where that is to follow."""
        heard = _with_receipt(record, named, receipt, provider)
        told = _heard(named, receipt, self.clock.now())
        heard = attrs.evolve(heard, receipts=(*heard.receipts, told))
        if not record.is_closed or not self.reopens(heard):
            return heard
        # In one step: nobody is told an end that is none.
        return attrs.evolve(heard, planned=Status.SUBMITTING, final=False)

    def _tell(
        self, provider: ProviderSettings, receipt: Receipt, matched: _Matched
    ) -> None:
        found = matched.found
        started = found.record.attempt(found.number).started_at if found else None
        latency = (self.clock.now() - started).total_seconds() if started else None
        self.ledger.observe(
            ReceiptMatched(
                provider=provider.name,
                state=receipt.state,
                match=matched.match,
                message=found.record.message.id if found else None,
                latency=latency,
            )
        )


def checked(receipt: Receipt) -> Receipt:
    """Return a receipt that a plugin made, if it is one.

    Raises:
        TypeError: It is none.
        ValueError: It says what no vendor can, or a time without a zone.
    """
    if not isinstance(receipt, Receipt):
        raise TypeError("not a Receipt")
    if receipt.state not in _NEWS or receipt.reason not in RULES:
        raise ValueError("not the state or reason of a receipt")
    for at in (receipt.at, receipt.submitted_at):
        if at is not None and at.utcoffset() is None:
            raise ValueError("a time without a time zone")
    return receipt


def _is_foreign(matched: _Matched, receipt: Receipt) -> bool:
    """Whether the receipt names another recipient than the message has."""
    if receipt.recipient is None or matched.found is None:
        return False
    if matched.found.record.erased is Erased.ADDRESS:
        return False  # it names who is forgotten: there is nothing to compare
    return receipt.recipient != matched.found.record.recipient.address


def _is_near(found: Found, at: datetime) -> bool:
    written = found.record.attempt(found.number).started_at
    return EARLIEST <= at - written <= LATEST


def _with_receipt(
    record: Record, named: Attempt, receipt: Receipt, provider: ProviderSettings
) -> Record:
    """Return the record with what the receipt says; the end is final."""
    for attempt in record.attempts:
        if are_one(attempt, named) and rises(attempt.state, receipt.state):
            record = record.with_attempt(_with_news(attempt, receipt))
    ends = record.is_closed and _is_end(record.status, provider)
    return attrs.evolve(record, final=record.final or ends)


def _heard(attempt: Attempt, receipt: Receipt, now: datetime) -> Heard:
    return Heard(
        attempt=attempt.number,
        state=receipt.state,
        reason=receipt.reason,
        code=receipt.code,
        at=receipt.at,
        received_at=now,
    )


def _with_news(attempt: Attempt, receipt: Receipt) -> Attempt:
    return attrs.evolve(
        attempt,
        state=receipt.state,
        reason=receipt.reason,
        code=receipt.code or attempt.code,
        text=kept(receipt.text) or attempt.text,
        provider_id=attempt.provider_id or receipt.provider_id,
    )


def _is_end(status: Status, provider: ProviderSettings) -> bool:
    """Whether nothing more is to be heard."""
    if provider.capabilities.receipts is ReceiptMode.NONE:
        return status is not Status.SUBMIT_UNKNOWN
    return status in _ENDS
