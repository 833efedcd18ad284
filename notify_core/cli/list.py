"""`notify list`: messages of the outbox, newest first."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import click

from notify_core.cli.listed import ListedPage
from notify_core.cli.options import config_option, examples, json_option
from notify_core.cli.output import write
from notify_core.cli.stored import normalised, opened
from notify_core.model.channel import Channel, Kind
from notify_core.model.duration import parse_duration
from notify_core.model.status import Status
from notify_core.outbox.listing import MOST_AT_ONCE, MessageFilter

_ENUMS = {"status": Status, "channel": Channel, "kind": Kind}


class Moment(click.ParamType[datetime]):
    """A time with its zone, or how long ago."""

    name = "time"

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> datetime:
        """Return the time."""
        try:
            return datetime.now(UTC) - parse_duration(value)
        except ValueError:
            pass  # a time, then
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            at = None
        if at is None or at.utcoffset() is None:
            self.fail(f"{value!r}: write 2026-01-31T08:00:00+08:00, or 2h for then")
        return at


limit_option = click.option(
    "--limit",
    type=click.IntRange(1, MOST_AT_ONCE),
    default=50,
    show_default=True,
    help="Messages to show.",
)
cursor_option = click.option(
    "--cursor", metavar="CURSOR", help="Go on where a list ended, which shows this."
)


@click.command(
    "list",
    epilog=examples(
        "notify list",
        "notify list --status submit_unknown --since 2h",
        "notify list --to +8613800138000 --json",
    ),
)
@click.option(
    "--status",
    type=click.Choice([s.value for s in Status]),
    help="Where they stand, deferred.",
)
@click.option("--provider", metavar="NAME", help="The provider of the last attempt.")
@click.option(
    "--channel", type=click.Choice([c.value for c in Channel]), help="How they travel."
)
@click.option(
    "--kind", type=click.Choice([k.value for k in Kind]), help="What they are for."
)
@click.option("--template", metavar="NAME", help="The template that they name.")
@click.option("--route", metavar="NAME", help="The route that they took.")
@click.option(
    "--to",
    metavar="ADDRESS",
    help="To whom; of other channels than sms with --channel.",
)
@click.option(
    "--since", type=Moment(), help="Accepted then or later; 2h: two hours ago."
)
@click.option("--until", type=Moment(), help="Accepted before then.")
@limit_option
@cursor_option
@config_option
@json_option
def command(config: str, *, as_json: bool, **asked: Any) -> None:
    """List messages of the outbox, newest first; addresses are masked."""
    page = asyncio.run(_listed(config, asked))
    write(page, page.lines(), as_json=as_json)


async def _listed(config: str, asked: dict[str, Any]) -> ListedPage:
    async with opened(config) as notifier:
        to = asked.pop("to")
        if to is not None:
            asked["address"] = normalised(to, asked["channel"], notifier)
        return ListedPage.of(await notifier.messages(filter_of(asked)))


def filter_of(asked: dict[str, Any]) -> MessageFilter:
    """Return the filter that options make.

    Raises:
        click.UsageError: The cursor is none.
    """
    for name, enum in _ENUMS.items():
        if asked.get(name) is not None:
            asked[name] = enum(asked[name])
    try:
        return MessageFilter(**asked)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
