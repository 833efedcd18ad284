"""What may stand in a header."""

from __future__ import annotations

import re

#: Line breaks and other controls, and halves of characters.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
#: What a reader of mail decodes (RFC 2047), and older Pythons do before they write it,
#: line breaks included (CVE-2024-6923).
_ENCODED_WORD = re.compile(r"=\?.*\?=")


def header_fault(value: str) -> str | None:
    """Return why *value* may not stand in a header, and the remedy; None: it may."""
    if found := _CONTROL.search(value):
        return (
            f"has a line break or another control at character {found.start() + 1}:"
            " a header has none; leave it out"
        )
    if _ENCODED_WORD.search(value):
        return "has an encoded word =?…?=: write the characters themselves"
    return None
