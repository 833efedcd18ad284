"""What a receipt says, and when: as the vendor writes it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8))
_CODES = {"delivered": "DELIVERED", "failed": "MOBILE_NOT_ON_SERVICE"}


def vendor_time(at: float) -> str:
    """Return `2017-01-01 00:00:00`, the time in Shanghai."""
    return datetime.fromtimestamp(at, SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def vendor_code(outcome: str) -> str:
    """Return the code of a receipt: `DELIVERED`, or why not."""
    return _CODES.get(outcome, outcome)


def is_delivered(outcome: str) -> bool:
    """Whether a receipt with this outcome says that the message arrived."""
    return vendor_code(outcome) == _CODES["delivered"]
