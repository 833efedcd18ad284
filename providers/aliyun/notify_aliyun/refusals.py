"""Why an account cannot take a message, told before anything is sent."""

from __future__ import annotations

import re
from typing import cast

from notify_aliyun.phones import is_ambiguous
from notify_core.model.recipient import Phone
from notify_core.provider import BoundTemplate, Settings, Submission

_SURROGATE = re.compile("[\ud800-\udfff]")


def refusal(settings: Settings, submission: Submission) -> str | None:
    """Return why this account cannot take *submission*; None when it can."""
    # The capabilities say that there is a template, and that it goes to a phone.
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
    template = cast("BoundTemplate", submission.template)
    broken = (name for name, value in template.params if _SURROGATE.search(value))
    if name := next(broken, None):
        return (
            f"variable {name!r} has half a character (a lone surrogate), which cannot"
            " be written as UTF-8: mend its source"
        )
    return None
