"""`notify send`: one message, and everything that became of it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any, Literal, TypedDict

import click

from notify_core.cli.exit_code import ExitCode
from notify_core.cli.message_options import message_of, message_options
from notify_core.cli.options import config_option, examples, existing, json_option
from notify_core.cli.output import OutputFailed, write
from notify_core.cli.result import exit_code_of, result_lines, told_anyway
from notify_core.model.message import Message
from notify_core.model.result import Result
from notify_core.model.status import Status
from notify_core.notifier import Notifier

#: Seconds that `--wait` takes at most, where nothing is said.
_TIMEOUT = 30.0


class Sending(TypedDict):
    """How `send` is to go on."""

    config: str
    #: Whether to wait for the delivery report.
    waits: bool
    #: Seconds.
    timeout: float
    as_json: bool


@click.command(
    "send",
    epilog=examples(
        "notify send +8613800138000 --template login-code --param code=1234",
        'notify send +8613800138000 --kind notice --text "Your parcel is here."',
        "notify send --message message.json --json",
        """echo '{"to": "+8613800138000", "template": "login-code", """
        """"params": {"code": "1234"}}' | notify send --message -""",
    ),
)
@message_options
@click.option(
    "--wait",
    type=click.Choice(["delivered"]),
    help="Return when it is delivered, or nothing more can be found out.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    help=f"Seconds that --wait takes at most; {_TIMEOUT:g} where nothing is said.",
)
@config_option
@json_option
def command(
    config: str,
    wait: str | None,
    timeout: float | None,
    *,
    as_json: bool,
    **options: Any,
) -> ExitCode:
    """Send one message to TO and show every attempt.

    TO is a phone number, an e-mail address or the name of an endpoint. The outcome
    is shown with its reason, the vendor's code and words, the providers that were
    left out, and what to do next.

    With --wait it goes on until the message is delivered or nothing more can be found
    out. A delivery report that the vendor pushes comes to the service that receives
    pushes, never to this command.
    """
    if wait is None and timeout is not None:
        raise click.UsageError("--timeout is for --wait: add --wait delivered")
    message = message_of(options)
    sending = Sending(
        config=existing(config),
        waits=wait is not None,
        timeout=timeout or _TIMEOUT,
        as_json=as_json,
    )
    return asyncio.run(_send(message, sending))


async def _send(message: Message, sending: Sending) -> ExitCode:
    wait_for: Literal["delivered"] | None = "delivered" if sending["waits"] else None
    async with Notifier.from_config(sending["config"]) as notifier:
        try:
            with _own_stdout(as_json=sending["as_json"]):
                result = await notifier.send(
                    message, wait_for=wait_for, timeout=sending["timeout"]
                )
        except asyncio.CancelledError:
            await _show_interrupted(notifier, message, sending)
            raise
    try:
        write(result, result_lines(result), as_json=sending["as_json"])
    except OutputFailed as failed:
        raise OutputFailed(failed.why, told_anyway(result)) from failed
    return _ended(result, sending)


@contextmanager
def _own_stdout(*, as_json: bool) -> Iterator[None]:
    """Keep standard output to the one document: a provider may print there too."""
    if not as_json:
        yield
        return
    with redirect_stdout(sys.stderr):
        yield


async def _show_interrupted(
    notifier: Notifier, message: Message, sending: Sending
) -> None:
    """Say whether the message may have left before Ctrl-C."""
    known = await notifier.get(message.id)
    if known is not None:
        write(known, result_lines(known), as_json=sending["as_json"])


def _ended(result: Result, sending: Sending) -> ExitCode:
    code = exit_code_of(result)
    is_waiting = sending["waits"] and result.status is not Status.DELIVERED
    if code is ExitCode.DONE and is_waiting and not result.final:
        return ExitCode.NOT_DELIVERED_YET
    return code
