"""Fakes of what the core is given: a clock that tests move, a scripted vendor."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import msgspec

from notify_core.errors import WebhookRejected
from notify_core.model.attempt import Answer, Attempt
from notify_core.model.channel import Channel
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.receipt import Balance, InboundMessage, Receipt
from notify_core.model.recipient import Recipient
from notify_core.model.status import AttemptState
from notify_core.model.webhook import Push, WebhookRefusal, WebhookReply, WebhookRequest
from notify_core.plugins import hookimpl
from notify_core.provider import (
    Account,
    Capabilities,
    ProviderType,
    QueryMode,
    ReceiptMode,
    Submission,
    TextMode,
)
from notify_core.trial.scripted import answer_for


class FakeClock:
    """A clock that moves when it is told to.

    Args:
        at: What it shows at first, with time zone.
        runs: True: `sleep` moves the clock and returns at once. False: it waits
            until `advance` has moved the clock that far.

    Attributes:
        slept: Every wait that was asked for, in seconds.
    """

    def __init__(
        self, at: datetime = datetime(2026, 1, 1, 12, tzinfo=UTC), *, runs: bool = True
    ) -> None:
        self.slept: list[float] = []
        self._started = at
        self._elapsed = 0.0
        self._runs = runs
        self._sleepers: list[tuple[float, asyncio.Event]] = []

    def now(self) -> datetime:
        """Return the time of day."""
        return self._started + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        """Return the seconds that it was moved."""
        return self._elapsed

    def advance(self, by: float | timedelta) -> None:
        """Move it on, by seconds or a duration, and wake who waited for that."""
        self._elapsed += by.total_seconds() if isinstance(by, timedelta) else by
        for due, woken in self._sleepers:
            if due <= self._elapsed:
                woken.set()

    async def sleep(self, seconds: float) -> None:
        """Wait by this clock."""
        self.slept.append(seconds)
        if self._runs:
            self.advance(seconds)
            await asyncio.sleep(0)
            return
        sleeper = (self._elapsed + seconds, asyncio.Event())
        self._sleepers.append(sleeper)
        try:
            await sleeper[1].wait()
        finally:
            self._sleepers.remove(sleeper)


#: What one submission meets: an answer, a reason for one, an error that is raised
#: after writing began, or a function that does anything.
Scripted = Answer | Reason | BaseException | Callable[[Submission], Awaitable[Answer]]


def hangs(*, written: bool) -> Callable[[Submission], Awaitable[Answer]]:
    """Script a submission that never ends, before or after it was written."""

    async def hang(submission: Submission) -> Answer:
        if written:
            submission.wire.begin()
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    return hang


class FakeProvider:
    """A provider that answers as scripted, then accepts, and remembers what it got.

    Attributes:
        submissions: What it was given, in order.
        receipts: What `query` tells, by our reference.
        left: What `balance` tells, or the error that it raises.
        closed: How often it was closed.
    """

    def __init__(self, name: str = "fake", script: Iterable[Scripted] = ()) -> None:
        self.name = name
        self.submissions: list[Submission] = []
        self.receipts: dict[str, Receipt] = {}
        self.left: Balance | Exception = Balance(amount=Decimal(100), unit="messages")
        self.closed = 0
        self._script = deque(script)

    def answers(self, *script: Scripted) -> None:
        """Script the next submissions, after those that are scripted already."""
        self._script.extend(script)

    async def submit(self, submission: Submission) -> Answer:
        """Do what the script says."""
        self.submissions.append(submission)
        scripted = self._script.popleft() if self._script else Reason.NONE
        if callable(scripted):
            return await scripted(submission)
        if isinstance(scripted, BaseException):
            submission.wire.begin()
            raise scripted
        return self._answered(submission, scripted)

    def _answered(self, submission: Submission, scripted: Answer | Reason) -> Answer:
        answer = answer_for(scripted) if isinstance(scripted, Reason) else scripted
        if answer.reason is not Reason.CONNECT_FAILED:
            submission.wire.begin()
        if answer.outcome is Outcome.ACCEPTED and answer.provider_id is None:
            number = len(self.submissions)
            answer = attrs.evolve(answer, provider_id=f"{self.name}-{number}")
        return answer

    async def balance(self) -> Balance:
        """Tell what is left."""
        if isinstance(self.left, Exception):
            raise self.left
        return self.left

    async def query(self, attempt: Attempt, recipient: Recipient) -> Receipt | None:
        """Tell what became of an attempt."""
        return self.receipts.get(attempt.reference or "")

    def parse_webhook(self, request: WebhookRequest) -> Push:
        """Read `{"id", "state", "to"?}` as a receipt, `{"from", "text"}` as a reply."""
        try:
            events = (_event(msgspec.json.decode(request.body)),)
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise WebhookRejected(
                WebhookRefusal.MALFORMED, "neither a receipt nor a reply"
            ) from error
        return Push(events=events, reply=WebhookReply(body=b"ok"))

    async def aclose(self) -> None:
        """Count it."""
        self.closed += 1


def _event(told: Mapping[str, Any]) -> Receipt | InboundMessage:
    if "state" not in told:
        return InboundMessage(sender=told["from"], text=told["text"])
    return Receipt(
        state=AttemptState(told["state"]),
        provider_id=told["id"],
        recipient=told.get("to"),
    )


_CAPABILITIES = Capabilities(
    channels=frozenset(Channel),
    text=TextMode.FREE,
    templates=True,
    receipts=ReceiptMode.PUSH,
    inbound=True,
    balance=True,
    query=QueryMode.REFERENCE,
)
_SETTINGS_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "token": {
            "description": "A secret that nobody uses.",
            "type": "string",
            "minLength": 1,
            "writeOnly": True,
        },
        "answers": {
            "description": "Reasons of the first answers; `none` accepts.",
            "type": "array",
            "items": {"enum": [reason.value for reason in Reason]},
            "default": [],
        },
    },
    "additionalProperties": False,
}


class FakeVendor:
    """A plugin with one provider type, whose accounts answer as scripted.

    Give it to `Plugins(extra={"fake": vendor})`, name it as `type: fake` in the
    configuration, and script an account by its configured name, before or after it
    is made: `vendor["backup"].answers(Reason.THROTTLED)`.

    Args:
        name: Of the provider type.
        **facts: Fields of `ProviderType` that are to differ.
    """

    def __init__(self, name: str = "fake", **facts: Any) -> None:
        self._providers: dict[str, FakeProvider] = {}
        self.type = attrs.evolve(
            ProviderType(
                name=name,
                summary="Answers as scripted.",
                capabilities=_CAPABILITIES,
                settings_schema=_SETTINGS_SCHEMA,
                create=self._create,
                account_key=lambda _: name,
            ),
            **facts,
        )

    def __getitem__(self, configured: str) -> FakeProvider:
        """Return the account of that configured name."""
        return self._providers.setdefault(configured, FakeProvider(configured))

    def _create(self, account: Account) -> FakeProvider:
        provider = self[account.name]
        provider.answers(*map(Reason, account.settings.get("answers", ())))
        return provider

    @hookimpl
    def notify_register_providers(self) -> list[ProviderType]:
        """Offer the type."""
        return [self.type]
