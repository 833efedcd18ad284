"""`notify replay`: sends what could not be sent again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import click

from notify_core.cli.exit_code import ExitCode
from notify_core.cli.options import config_option, examples, json_option
from notify_core.cli.output import write
from notify_core.cli.result import exit_code_of, result_lines
from notify_core.cli.stored import opened, unknown
from notify_core.model.result import Result
from notify_core.model.status import Status

_TAKEN = frozenset(
    {
        Status.ACCEPTED,
        Status.SENT,
        Status.DELIVERED,
        Status.UNDELIVERED,
        Status.RECEIPT_TIMEOUT,
    }
)
_WAITING = frozenset({Status.CREATED, Status.DEFERRED})
_UNSENT = frozenset(
    {Status.REJECTED, Status.SUPPRESSED, Status.EXPIRED, Status.CANCELED}
)


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
    What did not end unsent is shown as it stands, and the command ends with 1.
    """
    result = asyncio.run(_replayed(config, message))
    is_new = result.id != message
    lines = result_lines(result) if is_new else _refused_lines(result)
    write(result, lines, as_json=as_json)
    return exit_code_of(result) if is_new else ExitCode.FAILED


async def _replayed(config: str, message: str) -> Result:
    async with opened(config) as notifier:
        result = await notifier.replay(message)
    if result is None:
        raise unknown(message)
    return result


def _refused_lines(result: Result) -> Iterator[str]:
    yield f"It was not replayed: {_why_not(result)}."
    yield from result_lines(result)


def _why_not(result: Result) -> str:
    if result.status in _TAKEN:
        return "a provider took it"
    if result.status in _WAITING:
        return "it is still to be sent"
    if result.status in _UNSENT:
        return "it was replayed before, and the message of then is not kept"
    return "it may have been sent"
