"""Why an account cannot take a message, told before anything is sent."""

from __future__ import annotations

from typing import cast

from notify_aliyun.phones import is_ambiguous
from notify_core.model.recipient import Phone
from notify_core.provider import Settings, Submission


def refusal(settings: Settings, submission: Submission) -> str | None:
    """Return why this account cannot take *submission*; None when it can."""
    # The channel goes to phones only.
    if is_ambiguous(cast("Phone", submission.recipient)):
        return (
            "the vendor takes numbers without a plus, and would read this one as a"
            " number of mainland China: send it through another provider"
        )
    if not (submission.sender or settings.get("sign_name")):
        return (
            "no signature: set `sign_name`, or name a sender in the template's binding"
            " or in the message"
        )
    return None
