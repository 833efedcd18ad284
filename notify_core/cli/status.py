"""`notify status`: a message, or the outbox as a whole."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping

import attrs
import click

from notify_core.cli.exit_code import ExitCode
from notify_core.cli.options import config_option, examples, json_option
from notify_core.cli.output import heading, plain, table, write
from notify_core.cli.result import exit_code_of, result_lines
from notify_core.cli.stored import opened, unknown
from notify_core.model.result import Result
from notify_core.model.status import Status
from notify_core.outbox.port import Pause


@attrs.frozen(kw_only=True)
class Standing:
    """How an outbox stands."""

    #: How many messages are in each status, of those that are not final.
    messages: Mapping[Status, int]
    #: Seconds for which the message has been due that waits for a worker longest.
    oldest_age: float
    #: The providers that somebody paused.
    paused: tuple[Pause, ...]

    def lines(self) -> Iterator[str]:
        """Yield the text for people."""
        yield heading("Messages that are not final")
        rows = [(status, str(count)) for status, count in sorted(self.messages.items())]
        yield from table(rows) if rows else ["  none"]
        if self.oldest_age:
            yield f"  one has been due for {self.oldest_age:.0f} s"
        if self.paused:
            yield heading("Paused providers")
            yield from table(map(_pause_row, self.paused))


def _pause_row(pause: Pause) -> tuple[str, ...]:
    since = pause.at.isoformat(sep=" ", timespec="seconds")
    return pause.provider, f"since {since}", plain(pause.why)


@click.command(
    "status",
    epilog=examples("notify status", "notify status 01JH3Z5W1Q8YB6T2V9D4K7M0XA --json"),
)
@click.argument("message", required=False, metavar="[ID]")
@config_option
@json_option
def command(message: str | None, config: str, *, as_json: bool) -> ExitCode:
    """Show what is known of the message ID, or how the outbox stands.

    With an ID it ends as `notify send` would have.
    """
    if message is None:
        standing = asyncio.run(_standing(config))
        write(standing, standing.lines(), as_json=as_json)
        return ExitCode.DONE
    result = asyncio.run(_known(config, message))
    write(result, result_lines(result), as_json=as_json)
    return exit_code_of(result)


async def _known(config: str, message: str) -> Result:
    async with opened(config) as notifier:
        result = await notifier.get(message)
    if result is None:
        raise unknown(message)
    return result


async def _standing(config: str) -> Standing:
    async with opened(config) as notifier:
        return Standing(
            messages=await notifier.counts(),
            oldest_age=await notifier.oldest_age(),
            paused=tuple(await notifier.paused()),
        )
