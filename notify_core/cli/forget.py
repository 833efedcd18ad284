"""`notify forget`: erases one person."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import attrs
import click

from notify_core.cli.options import config_option, examples, json_option
from notify_core.cli.output import write
from notify_core.cli.stored import normalised, opened
from notify_core.model.channel import Channel


@attrs.frozen(kw_only=True)
class Forgotten:
    """Whom nobody knows any more."""

    #: How many messages were to them.
    messages: int

    def lines(self) -> Iterator[str]:
        """Yield the text for people."""
        yield f"erased; messages: {self.messages}"


@click.command(
    "forget",
    epilog=examples(
        "notify forget +8613800138000",
        "notify forget jane@example.com --channel email --json",
    ),
)
@click.argument("to", metavar="ADDRESS")
@click.option(
    "--channel",
    type=click.Choice([c.value for c in Channel]),
    default=Channel.SMS.value,
    show_default=True,
    help="What kind of address it is.",
)
@config_option
@json_option
def command(to: str, channel: str, config: str, *, as_json: bool) -> None:
    """Erase ADDRESS, and what was said to it, from everything in the outbox.

    Messages that wait are withdrawn. The records stay, without person and content.
    That the person said stop stays known, by a hash of the address. It cannot be
    undone.
    """
    forgotten = asyncio.run(_forgotten(config, to, channel))
    write(forgotten, forgotten.lines(), as_json=as_json)


async def _forgotten(config: str, to: str, channel: str) -> Forgotten:
    async with opened(config) as notifier:
        address = normalised(to, channel, notifier)
        count = await notifier.forget(address, channel=Channel(channel))
    return Forgotten(messages=count)
