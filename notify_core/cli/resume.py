"""`notify resume`: uses a provider again."""

from __future__ import annotations

import asyncio

import click

from notify_core.cli.options import config_option, examples, json_option
from notify_core.cli.output import write
from notify_core.cli.stored import opened


@click.command(
    "resume", epilog=examples("notify resume acme", "notify resume acme --json")
)
@click.argument("provider")
@config_option
@json_option
def command(provider: str, config: str, *, as_json: bool) -> None:
    """Use PROVIDER again; `notify status` shows which are paused."""
    was_paused = asyncio.run(_resumed(config, provider))
    if not was_paused:
        raise click.ClickException(f"nobody has paused a provider {provider!r}")
    lines = [f"{provider} is used again"]
    write({"provider": provider, "paused": False}, lines, as_json=as_json)


async def _resumed(config: str, provider: str) -> bool:
    async with opened(config) as notifier:
        return await notifier.resume(provider)
