"""Two ways to say everything: lines for people, one JSON document for programs."""

from __future__ import annotations

from collections.abc import Iterable

import click

KEPT = "✓"
BROKEN = "✗"


def write(document: object, lines: Iterable[str], *, as_json: bool) -> None:
    """Write to standard output."""
    click.echo(_text(document, lines, as_json=as_json))


def write_error(document: object, lines: Iterable[str], *, as_json: bool) -> None:
    """Write to standard error."""
    click.echo(_text(document, lines, as_json=as_json), err=True)


def _text(document: object, lines: Iterable[str], *, as_json: bool) -> str:
    if as_json:
        # Imported here: `--help` has to be quick.
        import msgspec  # noqa: PLC0415

        from notify_core.wire import to_json  # noqa: PLC0415

        return msgspec.json.format(to_json(document), indent=2).decode()
    return "\n".join(lines)


def good(text: str) -> str:
    """Mark what went well."""
    return click.style(text, fg="green")


def bad(text: str) -> str:
    """Mark what went wrong."""
    return click.style(text, fg="red")


def doubtful(text: str) -> str:
    """Mark what is open."""
    return click.style(text, fg="yellow")


def heading(text: str) -> str:
    """Mark a heading."""
    return click.style(text, bold=True)


def faint(text: str) -> str:
    """Mark what matters less."""
    return click.style(text, dim=True)


def table(rows: Iterable[tuple[str, ...]], indent: str = "  ") -> Iterable[str]:
    """Yield rows in columns; the last column is free."""
    listed = list(rows)
    widths = [max(map(len, column)) for column in zip(*listed, strict=True)]
    for row in listed:
        cells = (c.ljust(w) for c, w in zip(row[:-1], widths, strict=False))
        yield (indent + "  ".join([*cells, row[-1]])).rstrip()
