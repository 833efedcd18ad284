"""What an HTTP answer means when its body says nothing that the vendor documents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from notify_core.model.attempt import Answer
from notify_core.model.outcome import Outcome, Reason

#: Seconds that a Retry-After may ask for at most: a week.
_LONGEST_WAIT = 7 * 24 * 3600

#: Whether a header can be read does not depend on when.
_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)


def status_answer(status: int, retry_after_header: str | None) -> Answer:
    """Return what an HTTP status means when the body says nothing that is known."""
    is_paused = retry_after(retry_after_header, _ANY_TIME) is not None
    outcome, reason = _meaning(status, has_retry_after=is_paused)
    return Answer(
        outcome=outcome,
        reason=reason,
        code=f"http {status}",
        text="an answer that the vendor does not document",
    )


_BY_STATUS = {
    401: (Outcome.REJECTED, Reason.ACCESS_DENIED),
    403: (Outcome.REJECTED, Reason.ACCESS_DENIED),
    408: (Outcome.UNKNOWN, Reason.NO_RESPONSE),
    429: (Outcome.REJECTED, Reason.THROTTLED),
    502: (Outcome.UNKNOWN, Reason.NO_RESPONSE),
    504: (Outcome.UNKNOWN, Reason.NO_RESPONSE),
}
_BY_CLASS = {
    2: (Outcome.UNKNOWN, Reason.NO_RESPONSE),
    3: (Outcome.REJECTED, Reason.INVALID_REQUEST),
    4: (Outcome.REJECTED, Reason.UNMAPPED),
}


def _meaning(status: int, *, has_retry_after: bool) -> tuple[Outcome, Reason]:
    if status == 503 and has_retry_after:  # noqa: PLR2004
        return Outcome.REJECTED, Reason.PROVIDER_ERROR
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return _BY_CLASS.get(status // 100, (Outcome.UNKNOWN, Reason.SERVER_ERROR))


def retry_after(value: str | None, now: datetime) -> datetime | None:
    """Read a Retry-After header: seconds or an HTTP date; None when absent or junk.

    What lies more than a week ahead is taken as a week.
    """
    if value is None:
        return None
    try:
        at = _seconds_or_date(value.strip(), now)
    except (ValueError, OverflowError):
        return None
    return min(at, now + timedelta(seconds=_LONGEST_WAIT))


def _seconds_or_date(value: str, now: datetime) -> datetime:
    if value.isascii() and value.isdigit():
        return now + timedelta(seconds=min(int(value), _LONGEST_WAIT))
    at = parsedate_to_datetime(value)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
