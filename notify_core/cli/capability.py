"""What provider types can do, in words: one column each."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from notify_core.model.duration import format_duration
from notify_core.provider import Capabilities, ProviderType, QueryMode, ReceiptMode

_NO = "–"


def _countries(can: Capabilities) -> str:
    return "all" if can.countries is None else ", ".join(sorted(can.countries))


def _reference(can: Capabilities) -> str:
    window = can.idempotent_reference
    return _NO if window is None else format_duration(window)


def _yes(*, has: bool) -> str:
    return "yes" if has else _NO


#: Heading, and what stands below it for a type.
COLUMNS: tuple[tuple[str, Callable[[Capabilities], str]], ...] = (
    ("channels", lambda can: ", ".join(sorted(can.channels))),
    ("countries", _countries),
    ("text", lambda can: can.text.value),
    ("templates", lambda can: _yes(has=can.templates)),
    ("sender", lambda can: can.sender.value),
    (
        "receipts",
        lambda can: _NO if can.receipts is ReceiptMode.NONE else can.receipts.value,
    ),
    ("replies", lambda can: _yes(has=can.inbound)),
    ("balance", lambda can: _yes(has=can.balance)),
    (
        "query",
        lambda can: _NO if can.query is QueryMode.NONE else f"by {can.query}",
    ),
    ("sends once within", _reference),
)


def described(can: Capabilities) -> str:
    """Return one line: `channels sms · text free · receipts push`."""
    told = ((heading, tell(can)) for heading, tell in COLUMNS)
    return " · ".join(f"{heading} {value}" for heading, value in told if value != _NO)


def matrix(types: Iterable[ProviderType]) -> str:
    """Return the Markdown table of what each provider type can do at most."""
    headings = ["provider", *(heading for heading, _ in COLUMNS)]
    rows = [
        [f"`{kind.name}`", *(tell(kind.capabilities) for _, tell in COLUMNS)]
        for kind in sorted(types, key=lambda kind: kind.name)
    ]
    return "\n".join(
        _row(cells) for cells in [headings, ["---"] * len(headings), *rows]
    )


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
