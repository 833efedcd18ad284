"""`notify dead-letters`: what could not be sent."""

from __future__ import annotations

import asyncio
from typing import Any

import click

from notify_core.cli.list_options import filter_options, page_of
from notify_core.cli.options import config_option, examples, json_option
from notify_core.cli.output import write


@click.command(
    "dead-letters",
    epilog=examples(
        "notify dead-letters",
        "notify dead-letters --channel webhook --since 1d",
        "notify dead-letters --provider acme --limit 500 --json",
    ),
)
@filter_options
@config_option
@json_option
def command(config: str, *, as_json: bool, **asked: Any) -> None:
    """List messages that ended unsent by nobody's wish, newest first, and why.

    What a policy dropped and what was cancelled is none. `notify replay` sends one
    again; what a verification code said is erased, so that such a one is not sent
    again.
    """
    page = asyncio.run(page_of(config, asked | {"dead": True}))
    write(page, page.lines(), as_json=as_json)
