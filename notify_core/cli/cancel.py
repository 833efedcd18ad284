"""`notify cancel`: withdraws messages that were not sent yet."""

from __future__ import annotations

import asyncio

import click

from notify_core.cli.exit_code import ExitCode
from notify_core.cli.options import config_option, examples, json_option
from notify_core.cli.output import write
from notify_core.cli.result import result_lines
from notify_core.cli.stored import opened, unknown
from notify_core.model.result import Result
from notify_core.model.status import Status


@click.command(
    "cancel", epilog=examples("notify cancel 01JH3Z5W1Q8YB6T2V9D4K7M0XA --json")
)
@click.argument("message", metavar="ID")
@config_option
@json_option
def command(message: str, config: str, *, as_json: bool) -> ExitCode:
    """Withdraw the message ID, while nothing of it was submitted.

    When it is too late the message is shown as it stands, and the command ends with 1.
    """
    result = asyncio.run(_canceled(config, message))
    write(result, result_lines(result), as_json=as_json)
    is_done = result.status is Status.CANCELED
    return ExitCode.DONE if is_done else ExitCode.FAILED


async def _canceled(config: str, message: str) -> Result:
    async with opened(config) as notifier:
        result = await notifier.cancel(message)
    if result is None:
        raise unknown(message)
    return result
