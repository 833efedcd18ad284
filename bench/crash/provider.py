"""A provider of the vendor beside it, that dies where it is told to."""

from __future__ import annotations

import asyncio
from typing import Any

from yarl import URL

from bench.crash.failpoint import Failpoint, Step
from notify_core.http import HttpClient, HttpResponse
from notify_core.model.attempt import Answer, Attempt
from notify_core.model.channel import Channel
from notify_core.model.outcome import Outcome
from notify_core.model.receipt import Receipt
from notify_core.model.recipient import Recipient
from notify_core.model.status import AttemptState
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

_OK = 200


class Dying:
    """Submits, and may not live to tell."""

    def __init__(self, http: HttpClient, base: URL, failpoint: Failpoint) -> None:
        self._http = http
        self._base = base
        self._failpoint = failpoint

    async def submit(self, submission: Submission) -> Answer:
        """Post the reference."""
        self._failpoint.reached(Step.RECORDED)
        posting = asyncio.ensure_future(self._posted(submission))
        if self._failpoint.step is Step.WRITTEN:
            while not (submission.wire.begun or posting.done()):  # noqa: ASYNC110 (nobody tells)
                await asyncio.sleep(0)
            self._failpoint.reached(Step.WRITTEN)
        answer = await posting
        self._failpoint.reached(Step.ANSWERED)
        return answer

    async def _posted(self, submission: Submission) -> Answer:
        return await self._http.submit(
            self._base / "messages",
            (submission.reference or "").encode(),
            content_type="text/plain",
            timeouts=submission.timeouts,
            wire=submission.wire,
            read=_read,
        )

    async def query(self, attempt: Attempt, recipient: Recipient) -> Receipt | None:
        """Ask whether the vendor has the message."""
        url = self._base / "messages" / (attempt.reference or "")
        known = await self._http.ask("GET", url)
        if known.status != _OK:
            return None
        return Receipt(state=AttemptState.ACCEPTED, reference=attempt.reference)

    async def aclose(self) -> None:
        """Close nothing: the session is not its own."""


def _read(response: HttpResponse) -> Answer | None:
    if response.status != _OK:
        return None
    return Answer(outcome=Outcome.ACCEPTED, provider_id=response.body.decode())


class DyingVendor:
    """The plugin that offers the provider, as type `dying`."""

    def __init__(self, base: str, failpoint: Failpoint) -> None:
        self._base = URL(base)
        self._failpoint = failpoint

    @hookimpl
    def notify_register_providers(self) -> list[ProviderType]:
        """Offer the type."""
        return [
            ProviderType(
                name="dying",
                summary="Dies where it is told to.",
                capabilities=Capabilities(
                    channels=frozenset({Channel.SMS}),
                    text=TextMode.FREE,
                    receipts=ReceiptMode.NONE,
                    query=QueryMode.REFERENCE,
                ),
                settings_schema={"type": "object", "additionalProperties": False},
                create=self._create,
                account_key=lambda _: "dying",
            )
        ]

    def _create(self, account: Account) -> Any:
        return Dying(account.http, self._base, self._failpoint)
