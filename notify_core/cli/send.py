"""`notify send`: one message, and everything that became of it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from typing import Any, Literal, TypedDict

import click

from notify_core.cli.exit_code import ExitCode
from notify_core.cli.options import config_option, examples, existing, json_option
from notify_core.cli.output import OutputFailed, write
from notify_core.cli.pairs import Pair, Twin, no_twins, only_once
from notify_core.cli.result import exit_code_of, result_lines, told_anyway
from notify_core.errors import InvalidMessage, Problem
from notify_core.model.channel import Channel, Importance, Kind
from notify_core.model.message import Message
from notify_core.model.result import Result
from notify_core.model.status import Status
from notify_core.notifier import Notifier
from notify_core.wire import message_from_builtins, message_from_json

#: Options whose values are fields of the message, under the field's name.
_PLAIN = ("channel", "kind", "template", "sender", "locale", "importance", "route")
_PAIRS = {"param": "params", "label": "labels", "metadata": "metadata"}


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
@click.argument("to", required=False)
@click.option("--template", metavar="NAME", help="A template of the configuration.")
@click.option(
    "--param",
    multiple=True,
    type=Pair(),
    help="A parameter of the template, as a text; repeat it. Other types: --message.",
)
@click.option("--text", help="The text itself, instead of a template.")
@click.option(
    "--channel",
    type=click.Choice([c.value for c in Channel]),
    help="How it travels; sms where nothing is said.",
)
@click.option(
    "--kind",
    type=click.Choice([k.value for k in Kind]),
    help="What it is for; a template says it itself.",
)
@click.option("--sender", metavar="NAME", help="Signature, sender id, from-address.")
@click.option("--locale", metavar="TAG", help="Language of the text, zh-CN.")
@click.option(
    "--importance",
    type=click.Choice([i.value for i in Importance]),
    help="How much it matters.",
)
@click.option("--route", metavar="NAME", help="A route of the configuration.")
@click.option(
    "--label", multiple=True, type=Pair(), help="Recorded with the message; never sent."
)
@click.option("--metadata", multiple=True, type=Pair(), help="For events; never sent.")
@click.option("--extra", metavar="JSON", help="Vendor options by provider type.")
@click.option(
    "--idempotency-key", metavar="KEY", help="For outboxes that outlive this command."
)
@click.option("--validity", metavar="TIME", help="Not to be sent later than that, 5m.")
@click.option(
    "--message",
    "file",
    type=click.File("rb"),
    metavar="FILE",
    help="The whole message as JSON; - reads standard input.",
)
@click.option(
    "--wait",
    type=click.Choice(["delivered"]),
    help="Return when it is delivered, or nothing more can be found out.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=30.0,
    show_default=True,
    help="Seconds that --wait takes at most.",
)
@config_option
@json_option
def command(
    config: str, wait: str | None, timeout: float, *, as_json: bool, **options: Any
) -> ExitCode:
    """Send one message to TO and show every attempt.

    TO is a phone number, an e-mail address or the name of an endpoint. The outcome
    is shown with its reason, the vendor's code and words, the providers that were
    left out, and what to do next.

    With --wait it goes on until the message is delivered or nothing more can be found
    out. A delivery report that the vendor pushes comes to the service that receives
    pushes, never to this command.
    """
    message = _message(options)
    sending = Sending(
        config=existing(config),
        waits=wait is not None,
        timeout=timeout,
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


def _message(options: dict[str, Any]) -> Message:
    """Return the message that the options describe.

    Raises:
        InvalidMessage: They describe none; carries every fault.
    """
    file = options.pop("file")
    given = {name: value for name, value in options.items() if value not in (None, ())}
    if file is None:
        return message_from_builtins(_fields(given))
    if given:
        names = ", ".join(sorted(_shown(name) for name in given))
        raise click.UsageError(f"--message is the whole message: leave out {names}")
    return _read(file.read())


def _read(written: bytes) -> Message:
    try:
        json.loads(written, object_pairs_hook=no_twins)
    except Twin as twin:
        raise InvalidMessage([Problem(pointer="", message=str(twin))]) from None
    except (ValueError, RecursionError):
        pass  # what is wrong with it, the reading says
    return message_from_json(written)


def _fields(given: Mapping[str, Any]) -> dict[str, Any]:
    if "to" not in given:
        raise click.UsageError("say to whom: notify send TO …, or --message FILE")
    fields: dict[str, Any] = {"to": given["to"]}
    fields |= {name: given[name] for name in _PLAIN if name in given}
    for name, field in _PAIRS.items():
        if name in given:
            fields[field] = only_once(given[name], f"--{name}")
    if "text" in given:
        fields["content"] = {"text": given["text"]}
    if "extra" in given:
        fields["extra"] = _extra(given["extra"])
    fields |= {k: given[k] for k in ("idempotency_key", "validity") if k in given}
    return fields


def _extra(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=no_twins)
    except (Twin, json.JSONDecodeError) as error:
        raise click.UsageError(f"--extra is no JSON: {error}") from None


def _shown(name: str) -> str:
    return "TO" if name == "to" else "--" + name.replace("_", "-")
