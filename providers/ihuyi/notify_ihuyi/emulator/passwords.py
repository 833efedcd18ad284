"""The forms of password that the real service takes (API document v3.3, demos)."""

from __future__ import annotations

import re
from hashlib import md5

#: The parameters that an operation's dynamic password hashes before `time`.
#: AddTemplate takes no dynamic password.
HASHED = {"Submit": ("mobile", "content"), "GetNum": ()}

_TIME = re.compile(r"[0-9]{10}")


def is_static(password: str, api_key: str) -> bool:
    """Whether *password* is the APIKEY, or its MD5 in either case."""
    return password == api_key or password.lower() == _md5(api_key)


def dynamic_fault(
    password: str, given: str, time: str, now: float, window: int
) -> int | None:
    """Return the code for a dynamic password that is expired or wrong.

    Args:
        password: As the caller sent it.
        given: `account + apikey + …`, everything hashed but the time.
        time: The parameter `time`.
        now: Unix seconds.
        window: Seconds that *time* may differ from *now*.
    """
    if not _TIME.fullmatch(time):
        return 40502
    if abs(now - int(time)) > window:
        return 40501
    return None if password == _md5(given + time) else 40502


def _md5(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
