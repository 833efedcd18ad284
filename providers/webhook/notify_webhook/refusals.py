"""Why a message cannot be taken, told before anything is sent."""

from __future__ import annotations

from notify_core.names import nearest
from notify_core.provider import Settings, Submission


def refusal(settings: Settings, submission: Submission) -> str | None:
    """Return why *submission* cannot be taken; None when it can."""
    name, endpoints = submission.recipient.address, settings["endpoints"]
    if name in endpoints:
        return None
    return f"it has no endpoint {name!r}; {nearest(name, endpoints)}"
