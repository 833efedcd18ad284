"""`notify list`: messages of the outbox, newest first."""

from __future__ import annotations

import asyncio
from typing import Any

import click

from notify_core.cli.list_options import filter_options, page_of
from notify_core.cli.options import config_option, examples, json_option
from notify_core.cli.output import write
from notify_core.model.status import Status


@click.command(
    "list",
    epilog=examples(
        "notify list",
        "notify list --status submit_unknown --since 2h",
        "notify list --to +8613800138000 --json",
    ),
)
@click.option(
    "--status",
    type=click.Choice([s.value for s in Status]),
    help="Where they stand, deferred.",
)
@filter_options
@config_option
@json_option
def command(config: str, *, as_json: bool, **asked: Any) -> None:
    """List messages of the outbox, newest first; addresses are masked."""
    page = asyncio.run(page_of(config, asked))
    write(page, page.lines(), as_json=as_json)
