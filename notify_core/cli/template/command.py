"""The commands about templates, in one group."""

from __future__ import annotations

import click

from notify_core.cli.options import examples
from notify_core.cli.template import check, listing, render


@click.group(
    "template",
    epilog=examples(
        "notify template list",
        "notify template render login-code --param code=1234",
        "notify template check --strict",
    ),
)
def command() -> None:
    """List, render and check the templates of a configuration; nothing is sent.

    Each command takes --json, and --help for examples.
    """


command.add_command(listing.command)
command.add_command(render.command)
command.add_command(check.command)
