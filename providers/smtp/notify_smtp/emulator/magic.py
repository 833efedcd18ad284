"""Recipients that always have a chosen outcome, at any domain."""

from __future__ import annotations

import re

from notify_core.testing.emulator import Do

#: `550-5.1.1@example.com`, `451@example.com`.
_CODE = re.compile(r"([45]\d\d)(?:-([45]\.\d{1,3}\.\d{1,3}))?")


def magic(recipient: str, stall: float) -> Do | None:
    """Return what happens to a mail for *recipient*; None: nothing special."""
    local = recipient.rpartition("@")[0]
    if code := _CODE.fullmatch(local):
        return Do(code=" ".join(part for part in code.groups() if part))
    return {
        # Taken; the answer comes late.
        "slow": Do(delay=stall),
        # Not taken; no answer.
        "dropped": Do(close="before"),
        # Taken; no answer.
        "lost": Do(close="after"),
    }.get(local)
