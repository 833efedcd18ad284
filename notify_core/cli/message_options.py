"""The options that describe a message, for the commands that take one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from notify_core.cli.message_fields import FIELDS
from notify_core.cli.pairs import Twin, no_twins, only_once
from notify_core.cli.params import params_of, params_options
from notify_core.errors import InvalidMessage, Problem
from notify_core.model.channel import Channel, Kind
from notify_core.model.message import Message
from notify_core.wire import message_from_builtins, message_from_json

F = TypeVar("F", bound=Callable[..., Any])

#: Options whose values are fields of the message, under the field's name.
_PLAIN = ("channel", "kind", "template", "sender", "locale", "importance", "route")
_MORE = ("idempotency_key", "not_before", "validity")
_PAIRS = {"label": "labels", "metadata": "metadata"}
_OPTIONS = (
    click.argument("to", required=False),
    click.option("--template", metavar="NAME", help="A template of the configuration."),
    params_options,
    click.option("--text", help="The text itself, instead of a template."),
    click.option(
        "--channel",
        type=click.Choice([c.value for c in Channel]),
        help="How it travels; sms where nothing is said.",
    ),
    click.option(
        "--kind",
        type=click.Choice([k.value for k in Kind]),
        help="What it is for; a template says it itself.",
    ),
    *FIELDS,
    click.option("--extra", metavar="JSON", help="Vendor options by provider type."),
    click.option(
        "--idempotency-key",
        metavar="KEY",
        help="For outboxes that outlive this command.",
    ),
    click.option(
        "--message",
        "file",
        type=click.File("rb"),
        metavar="FILE",
        help="The whole message as JSON; - reads standard input.",
    ),
)


def message_options(command: F) -> F:
    """Give a command the argument TO and every option that describes a message."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def message_of(options: dict[str, Any]) -> Message:
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
    if params := params_of(given):
        fields["params"] = params
    for name, field in _PAIRS.items():
        if name in given:
            fields[field] = only_once(given[name], f"--{name}")
    if "text" in given:
        fields["content"] = {"text": given["text"]}
    if "extra" in given:
        fields["extra"] = _extra(given["extra"])
    fields |= {k: given[k] for k in _MORE if k in given}
    return fields


def _extra(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=no_twins)
    except (Twin, json.JSONDecodeError) as error:
        raise click.UsageError(f"--extra is no JSON: {error}") from None


def _shown(name: str) -> str:
    return "TO" if name == "to" else "--" + name.replace("_", "-")
