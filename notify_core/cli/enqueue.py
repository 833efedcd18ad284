"""`notify enqueue`: record one message for a worker."""

from __future__ import annotations

import asyncio
from typing import Any

import click

from notify_core.cli.exit_code import ExitCode
from notify_core.cli.message_options import message_of, message_options
from notify_core.cli.options import config_option, examples, existing, json_option
from notify_core.cli.output import OutputFailed, write
from notify_core.cli.result import exit_code_of, result_lines
from notify_core.model.message import Message
from notify_core.model.result import Result
from notify_core.notifier import Notifier


@click.command(
    "enqueue",
    epilog=examples(
        "notify enqueue +8613800138000 --template login-code --param code=1234",
        'notify enqueue +8613800138000 --text "Open again." '
        "--not-before 2026-01-31T08:00:00+08:00",
        "notify enqueue --message message.json --json",
    ),
)
@message_options
@config_option
@json_option
def command(config: str, *, as_json: bool, **options: Any) -> ExitCode:
    """Record one message to TO for a worker, and return at once.

    It is checked, and refused where a policy refuses it; `notify worker` sends it.
    The configuration names an outbox that outlives this command.
    """
    message = message_of(options)
    result = asyncio.run(_enqueue(message, existing(config)))
    try:
        write(result, result_lines(result), as_json=as_json)
    except OutputFailed as failed:
        told = f"message {result.id} is {result.status}: it was recorded"
        raise OutputFailed(failed.why, told) from failed
    return exit_code_of(result)


async def _enqueue(message: Message, config: str) -> Result:
    async with Notifier.from_config(config) as notifier:
        return await notifier.enqueue(message)
