"""`notify replay`: sends what could not be sent again."""

from __future__ import annotations

import asyncio

import click

from notify_core.cli.exit_code import ExitCode
from notify_core.cli.options import config_option, examples, json_option
from notify_core.cli.output import write
from notify_core.cli.result import exit_code_of, result_lines
from notify_core.cli.stored import opened, unknown
from notify_core.model.result import Result


@click.command(
    "replay",
    epilog=examples(
        "notify replay 01JH3Z5W1Q8YB6T2V9D4K7M0XA",
        "notify dead-letters --json | jq -r '.messages[].id' | "
        "xargs -n 1 notify replay",
    ),
)
@click.argument("message", metavar="ID")
@config_option
@json_option
def command(message: str, config: str, *, as_json: bool) -> ExitCode:
    """Send the message ID again, which ended unsent; a worker does it.

    It becomes a message of its own, by the policies of the configuration as it is.
    """
    result = asyncio.run(_replayed(config, message))
    write(result, result_lines(result), as_json=as_json)
    return exit_code_of(result)


async def _replayed(config: str, message: str) -> Result:
    async with opened(config) as notifier:
        result = await notifier.replay(message)
    if result is None:
        raise unknown(message)
    return result
