"""The commands about routes, in one group."""

from __future__ import annotations

import click

from notify_core.cli.options import examples
from notify_core.cli.routes import explain, show, tests


@click.group(
    "routes",
    epilog=examples(
        "notify routes show --json",
        "notify routes explain --to +8613800138000 --template login-code "
        "--param code=1234",
        "notify routes test notify.yaml",
    ),
)
def command() -> None:
    """Show, explain and test the routes of a configuration; nothing is sent."""


command.add_command(show.command)
command.add_command(explain.command)
command.add_command(tests.command)
