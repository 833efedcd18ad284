"""The contract's part for vendors that are called by HTTP."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import ClassVar, cast

import attrs
import pytest

from notify_core.errors import ProviderUnavailable
from notify_core.model.attempt import Answer
from notify_core.model.outcome import Outcome, Reason
from notify_core.provider import Submission, SupportsBalance
from notify_core.testing.contract.subject import Subject
from notify_core.testing.contract.work import AT_ONCE
from notify_core.testing.faults import FaultServer
from notify_core.testing.wire_table import FAULTS, HttpAnswer, WireFault

_TAKEN = (Reason.NONE, Reason.DUPLICATE_REQUEST)
#: What comes at once: a question's own time-outs may be long.
_QUESTION_FAULTS = ("refused", "closed", "reset", "html", "empty", "http_500")


class HttpContract(Subject):
    """The vendor is a `FaultServer`, which gives the answers that the author knows."""

    #: A code that the vendor does not document.
    unknown_code: ClassVar[str] = "98765"
    #: What wire faults mean where this vendor documents them: by name of the fault.
    wire: ClassVar[Mapping[str, tuple[Outcome, Reason]]] = {}
    #: What the vendor answers to a question for the balance, where it is asked.
    balance_answer: ClassVar[HttpAnswer | None] = None

    def answer(self, code: str) -> HttpAnswer:
        """Return the vendor's whole answer with this code.

        Args:
            code: Of the code table, or `unknown_code`; empty for a vendor without
                codes: then the answer that means accepted.
        """
        raise NotImplementedError

    @property
    def accepted(self) -> HttpAnswer:
        """The answer that means accepted."""
        codes = self.provider_type.codes.items()
        taken = (code for code, means in codes if means.reason is Reason.NONE)
        return self.answer(next(taken, ""))

    def malformed(self) -> Sequence[bytes]:
        """Return bodies that are almost an answer, with the status of a real one."""
        good = self.accepted.body
        return [
            good[: len(good) // 2],
            good.decode().encode("utf-16"),
            b"<html><body>" + good + b"</body></html>",
            b"null",
            b"[]",
            b"{}",
            b"0",
            b'"accepted"',
            b"[" * 100_000,
            b"<a/>",
        ]

    @pytest.fixture
    async def server(self) -> AsyncIterator[FaultServer]:
        """Run the server that plays the vendor."""
        async with FaultServer() as server:
            yield server

    @pytest.fixture
    def vendor(self, server: FaultServer) -> str:
        """Return the base URL of a vendor that accepts everything."""
        return server.play(self.accepted)

    async def submitted(self, base_url: str, submission: Submission) -> Answer:
        """Submit one message on an account of its own."""
        async with self.account(base_url) as unit:
            return await unit.provider.submit(submission)

    # What the vendor answers.

    async def test_each_code_has_its_declared_meaning(
        self, server: FaultServer
    ) -> None:
        """Reason, scope and time as in the table, and the code itself is kept."""
        for code, means in self.provider_type.codes.items():
            url = server.play(self.answer(code))
            answer = await self.submitted(url, self.submission())
            taken = means.reason in _TAKEN
            outcome = Outcome.ACCEPTED if taken else Outcome.REJECTED
            assert (answer.outcome, answer.reason) == (outcome, means.reason), code
            assert (answer.scope, answer.code) == (means.scope, code)
            assert answer.repeatable == means.repeatable, code
            assert (answer.retry_at is None) == (means.retry_at is None), code
            if answer.retry_at is not None and means.retry_at is not None:
                due = means.retry_at(datetime.now(UTC))
                assert abs(answer.retry_at - due) < timedelta(minutes=1), code

    async def test_an_unknown_code_is_unmapped_and_kept(
        self, server: FaultServer
    ) -> None:
        """Holds trivially for a vendor without codes."""
        if not self.provider_type.codes:
            return
        url = server.play(self.answer(self.unknown_code))
        answer = await self.submitted(url, self.submission())
        assert (answer.outcome, answer.reason) == (Outcome.REJECTED, Reason.UNMAPPED)
        assert answer.code == self.unknown_code

    async def test_a_malformed_answer_leaves_the_outcome_unknown(
        self, server: FaultServer
    ) -> None:
        """It is an answer all the same, and never an exception."""
        for body in self.malformed():
            url = server.play(attrs.evolve(self.accepted, body=body))
            answer = await self.submitted(url, self.submission())
            verdict = (answer.outcome, answer.reason)
            assert verdict == (Outcome.UNKNOWN, Reason.NO_RESPONSE), body[:60]

    # What happens on the wire.

    @pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
    async def test_each_wire_fault_has_its_outcome_and_reason(
        self, fault: WireFault, server: FaultServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        """And the request is made once or not at all, and nothing tells a secret."""
        caplog.set_level(logging.DEBUG)
        submission = self.submission(timeouts=fault.timeouts)
        url = server.play(fault.script)
        answer = await self.submitted(url, submission)
        expected = self.wire.get(fault.name, (fault.outcome, fault.reason))
        assert (answer.outcome, answer.reason) == expected
        assert submission.wire.begun == (fault.reason is not Reason.CONNECT_FAILED)
        assert len(server.requests) == fault.script.arrives
        self.assert_discreet(f"{answer!r} {caplog.text}", submission)
        assert url not in repr(answer)

    async def test_cancelled_before_writing_leaves_nothing_written(
        self, server: FaultServer
    ) -> None:
        """Cancelled while it connects."""
        submission = self.submission()
        await self._cancelled(server.play("connect_timeout"), submission, _a_moment())
        assert not submission.wire.begun

    async def test_cancelled_after_writing_leaves_it_written(
        self, server: FaultServer
    ) -> None:
        """Cancelled while it waits for the answer; and `CancelledError` comes out."""
        submission = self.submission()
        await self._cancelled(server.play("stalled"), submission, server.read())
        assert submission.wire.begun
        assert len(server.requests) == 1

    async def _cancelled(
        self, base_url: str, submission: Submission, when: Coroutine[None, None, None]
    ) -> None:
        async with self.account(base_url) as unit:
            task = asyncio.create_task(unit.provider.submit(submission))
            await when
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    async def test_many_at_once_are_many_requests_on_connections_that_are_kept(
        self, server: FaultServer
    ) -> None:
        """Each message makes its own request; the second round connects no more."""
        url = server.play(self.accepted)
        async with self.account(url) as unit:
            for first in (0, AT_ONCE):
                numbers = range(first, first + AT_ONCE)
                submissions = [self.submission(number) for number in numbers]
                await asyncio.gather(*map(unit.provider.submit, submissions))
        assert len(set(server.requests)) == 2 * AT_ONCE
        assert server.connections <= AT_ONCE

    async def test_an_idle_connection_that_the_vendor_closed_is_not_used(
        self, server: FaultServer
    ) -> None:
        """It would be the commonest cause of a needless `unknown`."""
        url = server.play(self.accepted)
        async with self.account(url) as unit:
            await unit.provider.submit(self.submission())
            await server.drop()
            answer = await unit.provider.submit(self.submission())
        assert answer.outcome is Outcome.ACCEPTED
        assert server.connections == 2  # noqa: PLR2004

    # Questions.

    async def test_a_balance_is_read(self, server: FaultServer) -> None:
        """Where the account can tell one."""
        assert self.provider_type.capabilities.balance == bool(self.balance_answer)
        if self.balance_answer is None:
            return
        async with self.account(server.play(self.balance_answer)) as unit:
            balance = await cast("SupportsBalance", unit.provider).balance()
        assert isinstance(balance.amount, Decimal)
        assert balance.unit

    async def test_a_balance_that_cannot_be_told_is_said_to_be_unavailable(
        self, server: FaultServer
    ) -> None:
        """With `ProviderUnavailable`, whose text has no secret."""
        if self.balance_answer is None:
            return
        for fault in _QUESTION_FAULTS:
            async with self.account(server.play(fault)) as unit:
                with pytest.raises(ProviderUnavailable) as caught:
                    await cast("SupportsBalance", unit.provider).balance()
            self.assert_discreet(caught.getrepr(style="short"), self.submission())


async def _a_moment() -> None:
    await asyncio.sleep(0.01)  # nobody is there who could tell
