"""`notify pause`: leaves a provider alone."""

from __future__ import annotations

import asyncio

import click

from notify_core.cli.options import config_option, examples, json_option
from notify_core.cli.output import faint, write
from notify_core.cli.stored import opened


@click.command(
    "pause",
    epilog=examples(
        'notify pause acme --why "refuses everything since 02:40"',
        'notify pause acme --why "their maintenance until noon" --json',
    ),
)
@click.argument("provider")
@click.option("--why", metavar="TEXT", required=True, help="For people who look.")
@config_option
@json_option
def command(provider: str, why: str, config: str, *, as_json: bool) -> None:
    """Leave PROVIDER alone until it is resumed, in every process within a second.

    What it has begun ends. Messages take the pool's other providers, or wait for it in
    the queue. Restarts and reloads change nothing in it; `notify status` shows it.
    """
    if not why.strip():
        raise click.BadParameter("says nothing", param_hint="--why")
    asyncio.run(_pause(config, provider, why))
    lines = [f"{provider} is paused", faint(f"  notify resume {provider} ends it")]
    write({"provider": provider, "paused": True}, lines, as_json=as_json)


async def _pause(config: str, provider: str, why: str) -> None:
    async with opened(config) as notifier:
        await notifier.pause(provider, why)
