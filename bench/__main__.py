"""`python -m bench NAME [--json]`: run one benchmark."""

from __future__ import annotations

import asyncio
import cProfile
import pstats
from typing import Any

import click
import msgspec

from bench import send as send_bench
from bench.machine import pinned_stub

#: What `send` must reach at 64 messages at once.
REQUIRED = {"of_plain": 1.0, "of_tuned": 0.70}


@click.group()
def main() -> None:
    """Print ratios against a baseline in the same run."""


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--messages", default=4000, show_default=True, help="In each round.")
@click.option("--rounds", default=5, show_default=True, help="Of each loop.")
@click.option("--profile", is_flag=True, help="Show where the CPU time goes instead.")
def send(as_json: bool, messages: int, rounds: int, profile: bool) -> None:
    """Sends per second, against bare aiohttp loops."""
    with pinned_stub() as base:
        if profile:
            asyncio.run(_profile(base, messages))
            return
        figures = asyncio.run(send_bench.run(base, messages, rounds))
    if as_json:
        click.echo(msgspec.json.encode(figures))
    else:
        _show(figures)


def _show(figures: dict[str, Any]) -> None:
    click.echo("at once   plain/s   tuned/s  notify/s  of plain  of tuned  added CPU")
    for at_once, row in figures["concurrency"].items():
        rates = "".join(f"{row['rate'][name]:>10}" for name in send_bench.LOOPS)
        click.echo(
            f"{at_once:>7}{rates}{row['of_plain']:>10}{row['of_tuned']:>10}"
            f"{row['added_cpu_us']:>8} µs"
        )
    reached = figures["concurrency"]["64"]
    wanted = " and ".join(f"{name} ≥ {value}" for name, value in REQUIRED.items())
    met = all(reached[name] >= value for name, value in REQUIRED.items())
    click.echo(f"at 64: {wanted}: {'met' if met else 'NOT met'}")


async def _profile(base: str, messages: int) -> None:
    async with send_bench.notify(base) as call:
        mobiles = send_bench.numbers()
        for mobile, _ in zip(mobiles, range(200), strict=False):
            await call(mobile)
        profile = cProfile.Profile()
        profile.enable()
        for mobile, _ in zip(mobiles, range(messages), strict=False):
            await call(mobile)
        profile.disable()
    stats = pstats.Stats(profile)
    stats.sort_stats("tottime").print_stats(40)


if __name__ == "__main__":
    main(prog_name="python -m bench")
