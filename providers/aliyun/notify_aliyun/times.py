"""The vendor's times and days. It names no time zone; that of its pages is China's."""

from __future__ import annotations

from datetime import datetime, timedelta

from notify_aliyun.codes import SHANGHAI

#: A message that is written just before midnight may be recorded after it.
_LATE = timedelta(minutes=1)


def vendor_time(written: object) -> datetime | None:
    """Read `2017-01-01 00:00:00`; None for anything else."""
    try:
        told = datetime.strptime(str(written), "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return None
    return told.replace(tzinfo=SHANGHAI)


def send_dates(started: datetime) -> list[str]:
    """Return the days, `20170525`, under which the vendor may have a message."""
    days = {f"{at.astimezone(SHANGHAI):%Y%m%d}" for at in (started, started + _LATE)}
    return sorted(days)
