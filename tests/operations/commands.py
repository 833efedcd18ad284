"""The command lines that a page or a file shows."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click

from notify_core.cli import main

DOCS = Path(__file__).parents[2] / "docs"
OPERATIONS = DOCS / "operations"

_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
_IN_BLOCK = re.compile(
    r"(?:^|[|;&=] |-n 1 |exec )(?:\S+=\S+ )*(notify(?= )[^|&;<>\n]*)"
)
_IN_TEXT = re.compile(r"`(notify [^`]+)`")


def shown(page: str) -> Iterator[str]:
    """Yield every command line of ours on a page."""
    blocks = "".join(_BLOCK.findall(page)).replace("\\\n", " ")
    for line in blocks.splitlines():
        yield from _IN_BLOCK.findall(line.strip())
    yield from _IN_TEXT.findall(_BLOCK.sub("", page))


def parse(line: str) -> click.Context:
    """Parse a command line as `notify` would, without running it.

    Raises:
        click.ClickException: There is no such command, option or value.
    """
    words = shlex.split(line)[1:]
    context = click.Context(main, info_name="notify")
    command: click.Command = main
    while isinstance(command, click.Group):
        if words[0] == "--version":
            return context
        found = command.get_command(context, words.pop(0))
        assert found is not None, line
        command = found
    if not words and any(param.required for param in command.params):
        return click.Context(command)  # only its name: what it does is spoken of
    return command.make_context(line, words, parent=context)
