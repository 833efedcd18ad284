"""The outbox of a configuration, for the commands that act on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import click

from notify_core.cli.options import existing
from notify_core.errors import ConfigurationError
from notify_core.model.channel import Channel
from notify_core.model.recipient import parse_recipient
from notify_core.notifier import Notifier

_NOTHING_THERE = (
    "the outbox of {} is in memory, and nothing of another process is in there: "
    "name one that outlives it, as outbox: {{url: sqlite:///notify.db}}"
)


@asynccontextmanager
async def opened(config: str) -> AsyncIterator[Notifier]:
    """Open a notifier on the outbox that a configuration names.

    Raises:
        ConfigurationError: It cannot be used, or its outbox is in memory.
    """
    async with durable(config) as notifier:
        yield notifier


def durable(config: str) -> Notifier:
    """Return a notifier, not opened yet, on the outbox that a configuration names.

    Raises:
        ConfigurationError: It cannot be used, or its outbox is in memory.
    """
    notifier = Notifier.from_config(existing(config))
    if not notifier.durable:
        raise ConfigurationError(_NOTHING_THERE.format(config))
    return notifier


def normalised(to: str, channel: str | None, notifier: Notifier) -> str:
    """Return an address of the command line as the outbox knows it.

    Raises:
        click.UsageError: It is none on that channel.
    """
    on = Channel.SMS if channel is None else Channel(channel)
    try:
        return parse_recipient(on, to, notifier.snapshot.region).address
    except ValueError as error:
        raise click.UsageError(f"{error}") from None


def unknown(message: str) -> click.ClickException:
    """Return the error of an id that the outbox does not have."""
    return click.ClickException(f"nothing is known of a message {message!r}")
