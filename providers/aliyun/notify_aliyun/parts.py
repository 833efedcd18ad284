"""How many parts the vendor bills.

Source: "短信发送规则", https://help.aliyun.com/zh/sms/user-guide/message-rules.
"""

from __future__ import annotations

from typing import cast

from notify_aliyun.phones import is_mainland
from notify_core.model.recipient import Phone
from notify_core.provider import Settings, Submission

#: (characters of one part, characters of each part of more)
_USUAL = (70, 67)
_ENGLISH_ABROAD = (160, 153)
#: These count twice in a plain English text.
_DOUBLE = frozenset("|^€{}[]~\\")


def segments(settings: Settings, submission: Submission) -> int:
    """Return how many parts the vendor bills; 1 where the text is not known here."""
    if submission.text is None:
        return 1
    sign_name = submission.sender or settings.get("sign_name", "")
    text = f"[{sign_name}]{submission.text}"
    is_plain = all(sign.isascii() or sign in _DOUBLE for sign in text)
    if is_mainland(cast("Phone", submission.recipient)) or not is_plain:
        return _parts(len(text), *_USUAL)
    doubled = sum(sign in _DOUBLE for sign in text)
    return _parts(len(text) + doubled, *_ENGLISH_ABROAD)


def _parts(length: int, one: int, part: int) -> int:
    return 1 if length <= one else -(-length // part)
