"""A bar that shows how far an import has come, how fast it is, and what is left."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import click

from notify_core.bulk.source import Lines
from notify_core.cli.output import counted

#: Told how many rows are done.
Progress = Callable[[int], None]


@contextmanager
def progress_of(lines: Lines, size: int | None) -> Iterator[Progress]:
    """Show a bar on standard error while rows are done; on no terminal, nothing.

    Args:
        lines: Where they come from: what was read of it is what is done.
        size: All that there is to read, in bytes; None: nobody knows.
    """
    if not sys.stderr.isatty():
        yield _nothing
        return
    done, started = 0, time.monotonic()

    def rate(_: object) -> str:
        each_second = done / max(time.monotonic() - started, 0.001)
        return f"{counted(done, 'row')}, {each_second:.0f}/s"

    bar = click.progressbar(
        None if size is not None else count(),
        length=size,
        item_show_func=rate,
        show_eta=size is not None,
        show_percent=size is not None,
        show_pos=False,
        file=sys.stderr,
    )
    with bar:

        def show(rows: int) -> None:
            nonlocal done
            done = rows
            bar.update(lines.consumed - bar.pos)
            # Rows may be done of which all was read before.
            bar.render_progress()

        yield show


def _nothing(rows: int) -> None:
    """Show nothing."""
