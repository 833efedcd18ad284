"""Why an account cannot take a message, told before anything is sent.

Only what is known to be refused is checked. The words name the place and the remedy,
never the text, which may be a verification code.
"""

from __future__ import annotations

import re

from notify_core.provider import Settings, Submission

#: https://www.twilio.com/docs/api/errors/21617: some characters count as several.
LONGEST = 1600
_SURROGATE = re.compile("[\ud800-\udfff]")


def refusal(settings: Settings, submission: Submission) -> str | None:
    """Return why this account cannot take *submission*; None when it can."""
    if not (submission.sender or settings.get("sender")):
        return "there is no sender: set `sender`, or name one in the message"
    return _text_refusal(submission.text or "")


def _text_refusal(text: str) -> str | None:
    if not text.strip():
        return "the text is empty: give the message or its template a text"
    if len(text) > LONGEST:
        return (
            f"the text has {len(text)} characters, Twilio takes {LONGEST}: shorten it"
        )
    if found := _SURROGATE.search(text):
        return (
            "the text has half a character (a lone surrogate) at character"
            f" {found.start() + 1}: it cannot be written as UTF-8; mend its source"
        )
    return None
