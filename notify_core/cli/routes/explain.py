"""`notify routes explain`: the way of one message, and why."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import datetime
from random import Random
from typing import Any

import click

from notify_core.cli.exit_code import ExitCode
from notify_core.cli.options import config_option, examples, existing, json_option
from notify_core.cli.output import heading, plain, write
from notify_core.cli.pairs import Pair, only_once
from notify_core.cli.params import params_of, params_options
from notify_core.clock import SystemClock
from notify_core.config import load
from notify_core.errors import InvalidMessage
from notify_core.model.channel import Channel, Importance, Kind
from notify_core.model.message import Message
from notify_core.model.route_test import time_fault
from notify_core.plugins import Plugins
from notify_core.trial.clock import VirtualClock
from notify_core.trial.explain import explain
from notify_core.trial.stage import fresh_planner
from notify_core.trial.telling import explanation_lines
from notify_core.wire import from_builtins, message_from_builtins

#: Options whose values are fields of the message, under the field's name.
_PLAIN = (
    *("to", "channel", "kind", "template", "sender", "locale", "importance"),
    *("route", "validity"),
)


@click.command(
    "explain",
    short_help="Explain the way of one message.",
    epilog=examples(
        "notify routes explain --to +8613800138000 --template login-code "
        "--param code=1234",
        "notify routes explain --to +8613800138000 --text Hello --label tenant=a1 "
        "--at 2026-01-01T23:30:00+08:00",
    ),
)
@click.option("--to", required=True, help="The recipient's address.")
@click.option("--template", metavar="NAME", help="A template of the configuration.")
@params_options
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
@click.option("--label", multiple=True, type=Pair(), help="A label; repeat it.")
@click.option("--route", metavar="NAME", help="A route that the message names.")
@click.option("--validity", metavar="TIME", help="How long it is of use, 5m.")
@click.option(
    "--at",
    metavar="TIME",
    help="When it is sent, 2026-01-01T23:30:00+08:00. Without it: now.",
)
@config_option
@json_option
def command(config: str, at: str | None, *, as_json: bool, **options: Any) -> ExitCode:
    """Explain which way a message would take, and why; nothing is sent.

    It shows the routes that were asked and why they did not match, every setting
    that holds and where it comes from, what each policy says, what would be counted,
    and which providers can take the message in which order, or why not.

    Every provider is well here and nothing is counted yet: what a running application
    knows, `Notifier.explain` tells there.
    """
    message = _message(options)
    snapshot = load(existing(config), Plugins())
    now = _moment(at)
    planner = fresh_planner(snapshot, VirtualClock(now), Random())  # noqa: S311 (no secret)
    explanation = asyncio.run(explain(message, planner, now))
    write(explanation, _lines(explanation_lines(explanation)), as_json=as_json)
    return ExitCode.INVALID_MESSAGE if explanation.problems else ExitCode.DONE


def _message(options: Mapping[str, Any]) -> Message:
    given = {name: value for name, value in options.items() if value not in (None, ())}
    fields = {name: given[name] for name in _PLAIN if name in given}
    if "label" in given:
        fields["labels"] = only_once(given["label"], "--label")
    if "text" in given:
        fields["content"] = {"text": given["text"]}
    if params := params_of(given):
        fields["params"] = params
    return message_from_builtins(fields)


def _moment(at: str | None) -> datetime:
    if at is None:
        return SystemClock().now()
    try:
        moment = from_builtins(datetime, at)
    except InvalidMessage as error:
        raise click.UsageError(f"--at {error.problems[0].message}") from None
    if (fault := time_fault(moment)) is not None:
        raise click.UsageError(f"--at {fault}")
    return moment


def _lines(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield plain(line) if line.startswith(" ") else heading(plain(line))
