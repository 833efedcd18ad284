"""What a receiver's status means."""

from datetime import UTC, datetime, timedelta

import pytest

from notify_core.model.outcome import Outcome, Reason
from notify_core.testing import HttpAnswer

A, R, U = Outcome.ACCEPTED, Outcome.REJECTED, Outcome.UNKNOWN


@pytest.fixture
def answered(provider, submission, receiver):
    """Answer one submission with a status."""

    async def answered(status, body=b"", **headers):
        receiver.play(HttpAnswer(status=status, body=body, headers=headers))
        return await provider().submit(submission())

    return answered


@pytest.mark.parametrize(
    ("status", "outcome", "reason"),
    [
        (200, A, Reason.NONE),
        (201, A, Reason.NONE),
        (202, A, Reason.NONE),
        (299, A, Reason.NONE),
        (301, R, Reason.INVALID_REQUEST),
        (307, R, Reason.INVALID_REQUEST),
        (400, R, Reason.UNMAPPED),
        (401, R, Reason.ACCESS_DENIED),
        (404, R, Reason.UNMAPPED),
        (408, U, Reason.NO_RESPONSE),
        (410, R, Reason.RECIPIENT_INVALID),
        (413, R, Reason.CONTENT_INVALID),
        (429, R, Reason.THROTTLED),
        (500, U, Reason.SERVER_ERROR),
        (502, U, Reason.NO_RESPONSE),
        (503, U, Reason.SERVER_ERROR),
        (504, U, Reason.NO_RESPONSE),
    ],
)
async def test_the_status_alone_decides(answered, status, outcome, reason):
    answer = await answered(status, body=b'{"success": false, "error": "no"}')

    assert (answer.outcome, answer.reason) == (outcome, reason)
    assert answer.code == f"http {status}"


@pytest.mark.parametrize(
    ("status", "reason"), [(429, Reason.THROTTLED), (503, Reason.PROVIDER_ERROR)]
)
async def test_a_receiver_says_when_to_come_back(answered, status, reason):
    before = datetime.now(UTC)

    answer = await answered(status, retry_after="7")

    assert answer.reason is reason
    waits = answer.retry_at - before
    assert timedelta(seconds=6) < waits < timedelta(seconds=9)


async def test_what_to_do_about_a_refusal_is_said(answered):
    answer = await answered(410)

    assert "remove the endpoint from the settings" in answer.text
