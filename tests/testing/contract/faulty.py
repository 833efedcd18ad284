"""Providers of Acme, each of which breaks a rule."""

import asyncio
import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs

from notify_core.errors import ProviderUnavailable, WebhookRejected
from notify_core.http import HttpResponse, new_session
from notify_core.model.attempt import Answer
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.receipt import Balance, Receipt
from notify_core.model.webhook import Push, WebhookRefusal, WebhookReply, WebhookRequest
from notify_core.provider import Account, Provider, Submission, coded_answer
from notify_core.transmission import Timeouts, Wire
from tests.testing.contract.acme import CODES, Acme

# What goes wrong at work.


class Unwritten(Acme):
    """Does not say that it wrote."""

    async def submit(self, submission: Submission) -> Answer:
        return await self.send(submission, Wire())


class Hasty(Acme):
    """Says that it wrote before it could."""

    async def submit(self, submission: Submission) -> Answer:
        submission.wire.begin()
        return await self.send(submission, Wire())


class Repeating(Acme):
    """Tries again by itself."""

    async def submit(self, submission: Submission) -> Answer:
        first = await self.send(submission, submission.wire)
        lost = first.outcome is Outcome.UNKNOWN
        return await self.send(submission, Wire()) if lost else first


class Raising(Acme):
    """Lets the wire's exceptions out."""

    async def submit(self, submission: Submission) -> Answer:
        answer = await self.send(submission, submission.wire)
        if answer.outcome is Outcome.UNKNOWN:
            raise ConnectionError(answer.text)
        return answer


class Sharing(Acme):
    """Keeps what it is sending where the next submission overwrites it."""

    async def submit(self, submission: Submission) -> Answer:
        self.current = submission
        await asyncio.sleep(0)
        return await self.send(self.current, Wire())


class Confused(Sharing):
    """Notes the writing with whichever submission came last."""

    async def submit(self, submission: Submission) -> Answer:
        self.current = submission
        await asyncio.sleep(0)
        if not self.current.wire.begun:
            self.current.wire.begin()
        return await self.send(submission, Wire())


class Swallowing(Acme):
    """Makes an answer of a cancellation."""

    async def submit(self, submission: Submission) -> Answer:
        try:
            return await self.send(submission, submission.wire)
        except asyncio.CancelledError:
            return Answer(outcome=Outcome.UNKNOWN, reason=Reason.INTERRUPTED)


class Connecting(Acme):
    """Opens a session for each message."""

    async def submit(self, submission: Submission) -> Answer:
        async with new_session() as session:
            self.account.http._session = session
            return await self.send(submission, submission.wire)


class Remembering(Acme):
    """Answers the second message as the first, without sending it."""

    first: Answer | None = None

    async def submit(self, submission: Submission) -> Answer:
        self.first = self.first or await self.send(submission, submission.wire)
        return self.first


class Talking(Acme):
    """Logs what it sends."""

    async def submit(self, submission: Submission) -> Answer:
        logging.getLogger("acme").debug("to %s", submission.recipient.address)
        return await self.send(submission, submission.wire)


class Telling(Acme):
    """Shows its key."""

    def __repr__(self) -> str:
        return f"Acme({self.token.reveal()})"


class Quoting(Acme):
    """Puts the number into the answer."""

    async def submit(self, submission: Submission) -> Answer:
        answer = await self.send(submission, submission.wire)
        return attrs.evolve(answer, text=f"no route to {submission.recipient.address}")


class Possessive(Acme):
    """Closes a session that is not its own."""

    async def aclose(self) -> None:
        await self.account.http._session.close()


class ClosedOnce(Acme):
    """Cannot be closed twice."""

    async def aclose(self) -> None:
        del self.token


# What goes wrong with answers.


class Deaf(Acme):
    """Understands nothing."""

    def read(self, response: HttpResponse) -> Answer | None:
        return None


class Optimistic(Acme):
    """Takes any 2xx for yes."""

    def read(self, response: HttpResponse) -> Answer | None:
        good = response.status == 200
        return super().read(response) or (
            Answer(outcome=Outcome.ACCEPTED) if good else None
        )


class Trusting(Acme):
    """Expects what is documented."""

    def read(self, response: HttpResponse) -> Answer | None:
        code = json.loads(response.body)["code"]
        return coded_answer(CODES.get(code), code, text=None, now=self.account.now())


class Strict(Acme):
    """Knows only the codes of its table."""

    def read(self, response: HttpResponse) -> Answer | None:
        answer = super().read(response)
        if answer is None:
            return None
        return attrs.evolve(answer, reason=CODES[answer.code or ""].reason)


class Delaying(Acme):
    def read(self, response: HttpResponse) -> Answer | None:
        answer = super().read(response)
        if answer is None or answer.retry_at is None:
            return answer
        return attrs.evolve(answer, retry_at=self.later(answer.retry_at))

    def later(self, at: datetime) -> datetime:
        return at + timedelta(hours=1)


class Zoneless(Delaying):
    def later(self, at: datetime) -> datetime:
        return at.replace(tzinfo=None)


def changing(**changes: Any) -> type[Acme]:
    """Make a provider whose refusals have another field."""

    class Changing(Acme):
        def read(self, response: HttpResponse) -> Answer | None:
            answer = super().read(response)
            if answer is None or answer.outcome is Outcome.ACCEPTED:
                return answer
            return attrs.evolve(answer, **changes)

    return Changing


# What goes wrong with questions and pushes.


class Imprecise(Acme):
    async def balance(self) -> Balance:
        return Balance(amount=5.0, unit="messages")  # type: ignore[arg-type]


class Surprised(Acme):
    """Expects that a balance is always told."""

    async def balance(self) -> Balance:
        response = await self.account.http.post(
            self.url, b"", content_type="text/plain", timeouts=Timeouts()
        )
        return Balance(amount=Decimal(json.loads(response.body)["left"]), unit="EUR")


class Indiscreet(Acme):
    """Shows the key where a question failed."""

    async def balance(self) -> Balance:
        try:
            return await super().balance()
        except ProviderUnavailable:
            raise ProviderUnavailable(f"with {self.token.reveal()}") from None


class Unpushed(Acme):
    """Lacks the method that its capabilities promise."""

    parse_webhook = None  # type: ignore[assignment]


class Naive(Acme):
    def receipt(self, told: Mapping[str, Any]) -> Receipt:
        return attrs.evolve(super().receipt(told), at=datetime(2026, 1, 1))


class Local(Acme):
    def receipt(self, told: Mapping[str, Any]) -> Receipt:
        return attrs.evolve(super().receipt(told), recipient=told["to"])


class Closed(Acme):
    def receipt(self, told: Mapping[str, Any]) -> Receipt:
        if len(told) > 4:
            raise ValueError("an unknown field")
        return super().receipt(told)


class Lenient(Acme):
    def parse_webhook(self, request: WebhookRequest) -> Push:
        try:
            return super().parse_webhook(request)
        except WebhookRejected:
            return Push(events=(), reply=WebhookReply())


class Brittle(Acme):
    def parse_webhook(self, request: WebhookRequest) -> Push:
        try:
            told = json.loads(request.body)
        except (ValueError, RecursionError) as error:
            raise WebhookRejected(WebhookRefusal.MALFORMED, "no JSON") from error
        if not isinstance(told, dict):
            raise WebhookRejected(WebhookRefusal.MALFORMED, "no object")
        return Push(events=(self.receipt(told),), reply=WebhookReply())


class Gossiping(Acme):
    def parse_webhook(self, request: WebhookRequest) -> Push:
        try:
            return super().parse_webhook(request)
        except WebhookRejected as refused:
            refused.args = (f"{refused} for +8613800138000",)
            raise


class Punctual(Acme):
    """Compares the clock that it was given with the machine's."""

    async def submit(self, submission: Submission) -> Answer:
        if abs(self.account.now() - datetime.now(UTC)) > timedelta(hours=1):
            return Answer(outcome=Outcome.REJECTED, reason=Reason.AUTH_FAILED)
        return await super().submit(submission)


class Forgetful(Acme):
    """Takes each push for a replay after the first."""

    def parse_webhook(self, request: WebhookRequest) -> Push:
        if request.body in seen_bodies:
            raise WebhookRejected(WebhookRefusal.BAD_SIGNATURE, "seen before")
        seen_bodies.add(request.body)
        return super().parse_webhook(request)


#: What `Forgetful` has read; emptied with each account.
seen_bodies: set[bytes] = set()


def forgetful(account: Account) -> Provider:
    seen_bodies.clear()
    return Forgetful(account)
