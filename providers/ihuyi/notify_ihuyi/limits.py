"""What ihuyi lets one number get: its guide, and its codes 4080, 4082, 4085, 408.

Met here, a limit costs nothing. Met there, it costs a request, and after 20 the
number is on the account's blacklist until somebody releases it in the console.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: The vendor's day ends at midnight there.
_DAYS = {"timezone": "Asia/Shanghai"}
#: SMS and voice are products of their own.
_NUMBER = ["recipient", "channel"]

RECOMMENDED_LIMITS: tuple[Mapping[str, Any], ...] = (
    # Code 4080: one a second for a number. It is over before anybody notices.
    {"name": "per-second", "key": _NUMBER, "allow": ["1/1s"], "over": "defer"},
    # The guide, and code 4085: five verification codes a day for a number.
    {
        "name": "codes-per-day",
        "kinds": ["otp"],
        "key": _NUMBER,
        "allow": ["5/day"],
        **_DAYS,
    },
    # The guide: two identical texts a minute for a number, twenty a day.
    {
        "name": "identical",
        "key": [*_NUMBER, "content"],
        "allow": ["2/1m", "20/day"],
        **_DAYS,
    },
)
