"""Two ways to say everything: lines for people, one JSON document for programs."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress

import click

KEPT = "✓"
BROKEN = "✗"

#: What some terminals obey as well, or what turns a line round; JSON allows it.
_HIDDEN = "\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
_HIDDEN_IN_JSON = re.compile(f"[{_HIDDEN}]")
#: What moves the cursor, sets a terminal's title, breaks a line or turns it round.
_CONTROL = re.compile(f"[\x00-\x1f{_HIDDEN}\ud800-\udfff]")


class OutputFailed(Exception):
    """Standard output does not take what a command has to say.

    Attributes:
        why: What the system says.
    """

    def __init__(self, why: str, done: str = "") -> None:
        told = f"the output could not be written: {why}"
        super().__init__(f"{told}; {done}" if done else told)
        self.why = why


def write(document: object, lines: Iterable[str], *, as_json: bool) -> None:
    """Write to standard output.

    Raises:
        OutputFailed: It does not take it, as a full disk.
    """
    text = _text(document, lines, as_json=as_json)
    try:
        click.echo(text)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise output_failed(error) from error


def output_failed(error: OSError) -> OutputFailed:
    """Return what is raised when the output is not taken; drop what is left of it."""
    drop_output()
    return OutputFailed(error.strerror or type(error).__name__)


def drop_output() -> None:
    """Send what is still to be written nowhere: the interpreter flushes at its end."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write_error(document: object, lines: Iterable[str], *, as_json: bool) -> None:
    """Write to standard error."""
    click.echo(_text(document, lines, as_json=as_json), err=True)


def _text(document: object, lines: Iterable[str], *, as_json: bool) -> str:
    if as_json:
        # Imported here: `--help` has to be quick.
        import msgspec  # noqa: PLC0415

        from notify_core.wire import to_json  # noqa: PLC0415

        text = msgspec.json.format(to_json(document), indent=2).decode()
        return _HIDDEN_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return "\n".join(lines)


def plain(text: str) -> str:
    r"""Return a stranger's text as one harmless line: control characters as `\x1b`."""
    return _CONTROL.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


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


def counted(many: int, what: str) -> str:
    """Return `1 row`, `2 rows`."""
    return f"{many} {what}" if many == 1 else f"{many} {what}s"


def table(rows: Iterable[tuple[str, ...]], indent: str = "  ") -> Iterable[str]:
    """Yield rows in columns; the last column is free."""
    listed = list(rows)
    widths = [max(map(len, column)) for column in zip(*listed, strict=True)]
    for row in listed:
        cells = (c.ljust(w) for c, w in zip(row[:-1], widths, strict=False))
        yield (indent + "  ".join([*cells, row[-1]])).rstrip()
