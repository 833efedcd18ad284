"""Addresses that a configuration lists: whole ones, and what begins or ends so."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Self

import attrs

from notify_core.model.masking import masked

#: `+8613800138000`, `+86170*`, `jane@example.com`, `*@example.com`, `billing-events`.
_ENTRY = re.compile(
    r"\+[0-9]{1,14}\*|\+[0-9]{4,15}"
    r"|\*@[\w.-]{1,253}|[^\s@*]{1,64}@[\w.-]{1,253}"
    r"|(?![0-9_-]+$)[a-z0-9][a-z0-9_-]{0,62}"
)
#: What people write into telephone numbers.
_FORMATTING = str.maketrans("", "", " -().")


@attrs.frozen(kw_only=True)
class AddressList:
    """Which addresses are meant; upper and lower case are one."""

    whole: frozenset[str] = attrs.field(repr=False)
    heads: tuple[str, ...] = attrs.field(repr=False)
    tails: tuple[str, ...] = attrs.field(repr=False)

    @classmethod
    def of(cls, entries: Iterable[str]) -> Self:
        """Return the list of these entries, which `entry_fault` found nothing with."""
        known = [_plain(entry) for entry in entries]
        return cls(
            whole=frozenset(entry for entry in known if "*" not in entry),
            heads=tuple(entry[:-1] for entry in known if entry.endswith("*")),
            tails=tuple(entry[1:] for entry in known if entry.startswith("*")),
        )

    def __contains__(self, address: str) -> bool:
        """Tell whether an address is meant, as `counted_address` gives it."""
        return (
            address in self.whole
            or address.startswith(self.heads)
            or address.endswith(self.tails)
        )


def _plain(entry: str) -> str:
    """Return an entry as addresses are counted: a number without its formatting."""
    return entry.translate(_FORMATTING) if entry.startswith("+") else entry.casefold()


def entry_fault(entry: Any) -> str | None:
    """Return why an entry can mean no address, without showing one; None: it can."""
    if not isinstance(entry, str):
        return "is no text: write a phone number in quotes, with + and its country code"
    if _ENTRY.fullmatch(_plain(entry)):
        return None
    forms = "+8613800138000, +86170*, jane@example.com or *@example.com"
    return f"{masked(entry)!r} is no address and no part of one; write as {forms}"
