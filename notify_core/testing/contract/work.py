"""The contract's second part: a provider at work with a vendor that accepts."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime

import pytest

from notify_core.model.outcome import Outcome
from notify_core.testing.contract.subject import Subject
from notify_core.testing.fakes import FakeClock
from notify_core.testing.faults import local_session

AT_ONCE = 50


class WorkContract(Subject):
    """Needs only the fixture `vendor`."""

    async def test_a_submission_is_accepted_and_noted_as_written(
        self, vendor: str
    ) -> None:
        """`wire.begin()` is called before anything leaves."""
        submission = self.submission()
        async with self.account(vendor) as unit:
            answer = await unit.provider.submit(submission)
        assert answer.outcome is Outcome.ACCEPTED
        assert submission.wire.begun

    async def test_fifty_at_once_are_all_accepted(self, vendor: str) -> None:
        """Submissions share nothing that one of them changes."""
        submissions = [self.submission(number) for number in range(AT_ONCE)]
        async with self.account(vendor) as unit:
            answers = await asyncio.gather(*map(unit.provider.submit, submissions))
        assert {answer.outcome for answer in answers} == {Outcome.ACCEPTED}
        assert all(submission.wire.begun for submission in submissions)

    @pytest.mark.parametrize("year", [1990, 2090])
    async def test_a_clock_that_is_off_is_the_vendors_to_refuse(
        self, year: int, vendor: str
    ) -> None:
        """The provider signs with the time it is given, and judges by nothing else."""
        clock = FakeClock(datetime(year, 1, 1, tzinfo=UTC))
        async with self.account(vendor, clock=clock) as unit:
            first = await unit.provider.submit(self.submission())
            clock.advance(86_400)
            later = await unit.provider.submit(self.submission(1))
        assert first.outcome is later.outcome is Outcome.ACCEPTED

    async def test_nothing_shows_a_secret_or_a_person(
        self, vendor: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Neither the answer nor the log nor the provider itself."""
        caplog.set_level(logging.DEBUG)
        submission = self.submission()
        async with self.account(vendor) as unit:
            answer = await unit.provider.submit(submission)
        shown = f"{unit.provider!r} {unit.provider!s} {answer!r} {caplog.text}"
        self.assert_discreet(shown, submission)

    async def test_closing_twice_is_harmless_and_leaves_the_session_open(
        self, vendor: str
    ) -> None:
        """The session is the core's or the host's, never the provider's own."""
        async with local_session() as session:
            async with self.account(vendor, session) as unit:
                await unit.provider.aclose()
                await unit.provider.aclose()
            assert not session.closed
