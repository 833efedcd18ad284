"""`notify dead-letters`: what could not be sent."""

from __future__ import annotations

import asyncio
from typing import Any

import click

from notify_core.cli.list import cursor_option, filter_of, limit_option
from notify_core.cli.listed import ListedPage
from notify_core.cli.options import config_option, examples, json_option
from notify_core.cli.output import write
from notify_core.cli.stored import opened


@click.command(
    "dead-letters",
    epilog=examples("notify dead-letters", "notify dead-letters --limit 500 --json"),
)
@limit_option
@cursor_option
@config_option
@json_option
def command(config: str, *, as_json: bool, **asked: Any) -> None:
    """List messages that ended unsent by nobody's wish, newest first, and why.

    What a policy dropped and what was cancelled is none. `notify replay` sends one
    again; what a verification code said is erased, so that such a one is not sent
    again.
    """
    page = asyncio.run(_dead(config, asked))
    write(page, page.lines(), as_json=as_json)


async def _dead(config: str, asked: dict[str, Any]) -> ListedPage:
    async with opened(config) as notifier:
        return ListedPage.of(await notifier.messages(filter_of(asked | {"dead": True})))
