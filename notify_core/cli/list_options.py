"""The options that say which messages are listed, and the page that they make."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import click

from notify_core.cli.listed import ListedPage
from notify_core.cli.stored import normalised, opened
from notify_core.model.channel import Channel, Kind
from notify_core.model.duration import parse_duration
from notify_core.model.status import Status
from notify_core.outbox.listing import MessageFilter
from notify_core.outbox.paging import MOST_AT_ONCE

F = TypeVar("F", bound=Callable[..., Any])

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
_FILTERS = (
    click.option("--provider", metavar="NAME", help="Provider of the last attempt."),
    click.option(
        "--channel",
        type=click.Choice([c.value for c in Channel]),
        help="How they travel.",
    ),
    click.option(
        "--kind", type=click.Choice([k.value for k in Kind]), help="What they are for."
    ),
    click.option("--template", metavar="NAME", help="The template that they name."),
    click.option("--route", metavar="NAME", help="The route that they took."),
    click.option(
        "--to",
        metavar="ADDRESS",
        help="To whom; of other channels than sms with --channel.",
    ),
    click.option(
        "--since", type=Moment(), help="Accepted then or later; 2h: two hours ago."
    ),
    click.option("--until", type=Moment(), help="Accepted before then."),
    limit_option,
    cursor_option,
)


def filter_options(command: F) -> F:
    """Give a command the options that say which messages it lists."""
    for option in reversed(_FILTERS):
        command = option(command)
    return command


async def page_of(config: str, asked: dict[str, Any]) -> ListedPage:
    """Return the page of messages that options ask for.

    Raises:
        click.UsageError: The address or the cursor is none.
    """
    async with opened(config) as notifier:
        to = asked.pop("to")
        if to is not None:
            asked["address"] = normalised(to, asked["channel"], notifier)
        return ListedPage.of(await notifier.messages(_filter_of(asked)))


def _filter_of(asked: dict[str, Any]) -> MessageFilter:
    for name, enum in _ENUMS.items():
        if asked.get(name) is not None:
            asked[name] = enum(asked[name])
    try:
        return MessageFilter(**asked)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
