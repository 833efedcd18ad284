"""`python -m bench NAME [--json]`: run one benchmark."""

from __future__ import annotations

import asyncio

import attrs
import click

from bench import areas as areas_bench
from bench import decide as decide_bench
from bench import depth as depth_bench
from bench import drain as drain_bench
from bench import enqueue as enqueue_bench
from bench import http as http_bench
from bench import imports as import_bench
from bench import latency
from bench import postgres as postgres_bench
from bench import reload as reload_bench
from bench import send as send_bench
from bench.command import Figures, benchmark
from bench.crash import rounds as crash_rounds
from bench.crash.store import Kind
from bench.machine import pinned_stub


@click.group()
def main() -> None:
    """Print ratios against a baseline in the same run."""


@main.command()
@benchmark(http_bench.lines, http_bench.REQUIRED)
@click.option("--requests", default=4000, show_default=True, help="In each round.")
@click.option("--rounds", default=5, show_default=True, help="Of each server.")
@click.option("--folder", help="Where the store is; its disk is measured.")
def http(requests: int, rounds: int, folder: str | None) -> Figures:
    """Messages per second through the HTTP service, against a bare aiohttp handler."""
    return http_bench.run(requests, rounds, folder)


@main.command()
@benchmark(send_bench.lines, send_bench.REQUIRED)
@click.option("--messages", default=4000, show_default=True, help="In each round.")
@click.option("--rounds", default=5, show_default=True, help="Of each loop.")
def send(messages: int, rounds: int) -> Figures:
    """Sends per second, against bare aiohttp loops."""
    with pinned_stub() as base:
        return asyncio.run(send_bench.run(base, messages, rounds))


@main.command()
@benchmark(areas_bench.lines)
@click.option("--messages", default=4000, show_default=True, help="In each round.")
@click.option("--rounds", default=5, show_default=True, help="The least counts.")
def profile(messages: int, rounds: int) -> Figures:
    """Where the CPU of a send goes: what each layer adds to the bare loop."""
    with pinned_stub() as base:
        return asyncio.run(areas_bench.run(base, messages, rounds))


@main.command()
@benchmark(decide_bench.lines, decide_bench.REQUIRED)
@click.option("--times", default=3000, show_default=True, help="In each round.")
@click.option("--rounds", default=7, show_default=True, help="The least counts.")
def decide(times: int, rounds: int) -> Figures:
    """What deciding costs, beside one bare aiohttp request."""
    figures = decide_bench.run(times, rounds)
    with pinned_stub() as base:
        figures["bare_us"] = asyncio.run(decide_bench.bare(base, times, rounds))
    return figures


@main.command()
@benchmark(enqueue_bench.lines, enqueue_bench.REQUIRED)
@click.option("--messages", default=8000, show_default=True, help="In each round.")
@click.option("--rounds", default=5, show_default=True, help="Of each loop.")
@click.option("--folder", help="Where the files go; its disk is measured.")
def enqueue(messages: int, rounds: int, folder: str | None) -> Figures:
    """Durable adds per second, against a bare group commit."""
    return asyncio.run(enqueue_bench.run(messages, rounds, folder))


@main.command("import")
@benchmark(import_bench.lines, import_bench.REQUIRED)
@click.option("--messages", default=10_000, show_default=True, help="In each loop.")
@click.option("--rounds", default=3, show_default=True, help="Of each loop.")
@click.option("--rows", default=1_000_000, show_default=True, help="Of the command.")
@click.option("--folder", help="Where the files go; its disk is measured.")
def import_(messages: int, rounds: int, rows: int, folder: str | None) -> Figures:
    """Rows a second, against messages that are enqueued in batches."""
    return asyncio.run(import_bench.run(messages, rounds, rows, folder))


@main.command()
@benchmark(reload_bench.lines, reload_bench.REQUIRED)
@click.option("--reloads", default=1000, show_default=True)
def reload(reloads: int) -> Figures:
    """Reloads of a 300-line file under load: what they hold up, and what they leave."""
    with pinned_stub() as base:
        return asyncio.run(reload_bench.run(base, reloads))


@main.command()
@benchmark(drain_bench.lines, drain_bench.REQUIRED)
@click.option("--messages", default=4000, show_default=True, help="In each round.")
@click.option("--rounds", default=5, show_default=True, help="Of each loop.")
@click.option("--folder", help="Where the files go; its disk is measured.")
def drain(messages: int, rounds: int, folder: str | None) -> Figures:
    """Enqueued messages sent per second by one worker, and how soon on an idle one."""
    with pinned_stub() as base:
        figures = asyncio.run(drain_bench.run(base, messages, rounds, folder))
    return figures | asyncio.run(latency.in_one_process(folder))


@main.command()
@benchmark(postgres_bench.lines, postgres_bench.REQUIRED)
@click.option("--messages", default=5000, show_default=True, help="In each queue.")
@click.option("--rounds", default=3, show_default=True, help="Of one worker and two.")
def postgres(messages: int, rounds: int) -> Figures:
    """Messages that workers send through PostgreSQL, and how soon on an idle one."""
    return postgres_bench.run(messages, rounds)


@main.command()
@benchmark(depth_bench.lines, depth_bench.REQUIRED)
@click.option("--messages", default=1_000_000, show_default=True, help="Queued.")
@click.option("--folder", help="Where SQLite's files go.")
def depth(messages: int, folder: str | None) -> Figures:
    """Claims and a worker's memory, with a thousand messages and with very many."""
    return asyncio.run(depth_bench.run(messages, folder))


@main.command()
@benchmark(crash_rounds.lines, crash_rounds.REQUIRED, is_strict=True)
@click.option("--messages", default=20_000, show_default=True, help="In all rounds.")
@click.option("--rounds", default=50, show_default=True, help="A worker dies in each.")
@click.option("--seed", default=1, show_default=True, help="Of when they die.")
@click.option(
    "--store",
    type=click.Choice([kind.value for kind in Kind]),
    default=Kind.SQLITE.value,
    show_default=True,
    help="The database of postgres dies in each round as well.",
)
def crash(messages: int, rounds: int, seed: int, store: str) -> Figures:
    """Kill workers while messages pass, and count what is lost or sent twice."""
    running = crash_rounds.run(rounds, messages, store=Kind(store), seed=seed)
    return attrs.asdict(asyncio.run(running))


if __name__ == "__main__":
    main(prog_name="python -m bench")
