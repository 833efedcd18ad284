"""`python -m bench NAME [--json]`: run one benchmark."""

from __future__ import annotations

import asyncio
import cProfile
import pstats
from typing import Any

import attrs
import click
import msgspec

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
from bench.crash import rounds as crash_rounds
from bench.crash.store import Kind
from bench.machine import pinned_stub

#: What `send` must reach at 64 messages at once.
REQUIRED = {
    "of_plain": 1.0,
    "of_tuned": 0.70,
    "full_of_plain": 0.90,
    "full_of_tuned": 0.60,
}
#: What `enqueue` must reach of a bare group commit, and in batches a second.
REQUIRED_OF_BARE = {"plain": 0.20, "limits": 0.12}
REQUIRED_RATES = {"batches": 15_000, "limits_in_batches": 8_000}
#: What `import` must reach of keyed batches, and its most memory in MB.
REQUIRED_OF_BATCHES, ALLOWED_MEMORY_MB = 0.7, 200
#: What `reload` may cost: milliseconds that the loop stands still, and memory.
ALLOWED_LATE_MS, ALLOWED_MEMORY = 20, 1.05

#: Microseconds of CPU that `decide` allows a message.
DECIDING = {"route_admit_plan_us": 25, "params_and_text_us": 25}


#: What the HTTP service must reach of a bare handler, and messages a second of lines.
REQUIRED_OF_HTTP = {"of_bare": 0.40, "lines": 10_000}

#: What `drain` must reach of a bare loop, and the milliseconds to a message's request.
REQUIRED_OF_PLAIN, ALLOWED_P50_MS, ALLOWED_P99_MS = 0.75, 5, 20

#: What `postgres` must reach: two workers of one, messages a second in batches, and the
#: milliseconds to a message's request.
REQUIRED_OF_ONE, REQUIRED_IN_BATCHES = 1.8, 6000
ALLOWED_P50_POSTGRES_MS, ALLOWED_P99_POSTGRES_MS = 10, 50
#: What a million queued messages may cost of what a thousand cost.
ALLOWED_DEPTH = 1.5


@click.group()
def main() -> None:
    """Print ratios against a baseline in the same run."""


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--requests", default=4000, show_default=True, help="In each round.")
@click.option("--rounds", default=5, show_default=True, help="Of each server.")
@click.option("--folder", help="Where the store is; its disk is measured.")
def http(as_json: bool, requests: int, rounds: int, folder: str | None) -> None:
    """Messages per second through the HTTP service, against a bare aiohttp handler."""
    figures = http_bench.run(requests, rounds, folder)
    if as_json:
        click.echo(msgspec.json.encode(figures))
        return
    for name, rate in figures["rate"].items():
        click.echo(f"{name:<8}{rate:>8} /s{figures['cpu_us'][name]:>6} µs CPU")
    click.echo(f"lines   {figures['lines']:>8} /s{figures['lines_cpu_us']:>6} µs CPU")
    for name, wanted in REQUIRED_OF_HTTP.items():
        told = "met" if figures[name] >= wanted else "NOT met"
        click.echo(f"{name} {figures[name]} ≥ {wanted}: {told}")


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


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--times", default=3000, show_default=True, help="In each round.")
@click.option("--rounds", default=7, show_default=True, help="The least counts.")
def decide(as_json: bool, times: int, rounds: int) -> None:
    """What deciding costs, beside one bare aiohttp request."""
    figures = decide_bench.run(times, rounds)
    with pinned_stub() as base:
        figures["bare_us"] = asyncio.run(decide_bench.bare(base, times, rounds))
    if as_json:
        click.echo(msgspec.json.encode(figures))
        return
    for name in ("routes", "policies"):
        for many, cost in figures[name].items():
            per_second = round(1e6 / cost)
            click.echo(f"{many:>6} {name:<9}{cost:>7} µs{per_second:>9} decisions/s")
    for name, limit in DECIDING.items():
        cost = figures[name]
        met = "met" if cost <= limit else "NOT met"
        click.echo(f"{name} at 100 routes and 5 policies: {cost} (≤ {limit}: {met})")
    for name, cost in figures["bare_us"].items():
        click.echo(f"bare {name} request: {cost} µs")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--messages", default=8000, show_default=True, help="In each round.")
@click.option("--rounds", default=5, show_default=True, help="Of each loop.")
@click.option("--folder", help="Where the files go; its disk is measured.")
def enqueue(as_json: bool, messages: int, rounds: int, folder: str | None) -> None:
    """Durable adds per second, against a bare group commit."""
    figures = asyncio.run(enqueue_bench.run(messages, rounds, folder))
    if as_json:
        click.echo(msgspec.json.encode(figures))
    else:
        _show_adds(figures)


@main.command("import")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--messages", default=10_000, show_default=True, help="In each loop.")
@click.option("--rounds", default=3, show_default=True, help="Of each loop.")
@click.option("--rows", default=1_000_000, show_default=True, help="Of the command.")
@click.option("--folder", help="Where the files go; its disk is measured.")
def import_(
    as_json: bool, messages: int, rounds: int, rows: int, folder: str | None
) -> None:
    """Rows a second, against messages that are enqueued in batches."""
    figures = asyncio.run(import_bench.run(messages, rounds, rows, folder))
    if as_json:
        click.echo(msgspec.json.encode(figures))
    else:
        _show_imports(figures)


def _show_imports(figures: dict[str, Any]) -> None:
    click.echo("               per s  of plain  of keyed       CPU")
    for name, rate in figures["rate"].items():
        ratios = "".join(f"{figures[of][name]:>10}" for of in ("of_plain", "of_keyed"))
        click.echo(f"{name:<10}{rate:>10}{ratios}{figures['cpu_us'][name]:>7} µs")
    command = figures["command"]
    click.echo(f"command: {command['rows']} rows, {command['rate']} a second")
    least = min(figures["of_keyed"][name] for name in ("csv", "ndjson"))
    memory = command["memory_mb"]
    for told, is_met in (
        (f"of keyed {least} ≥ {REQUIRED_OF_BATCHES}", least >= REQUIRED_OF_BATCHES),
        (f"memory {memory} MB ≤ {ALLOWED_MEMORY_MB}", memory <= ALLOWED_MEMORY_MB),
    ):
        click.echo(f"{told}: {'met' if is_met else 'NOT met'}")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--reloads", default=1000, show_default=True)
def reload(as_json: bool, reloads: int) -> None:
    """Reloads of a 300-line file under load: what they hold up, and what they leave."""
    with pinned_stub() as base:
        figures = asyncio.run(reload_bench.run(base, reloads))
    if as_json:
        click.echo(msgspec.json.encode(figures))
    else:
        _show_reloads(figures)


def _show_reloads(figures: dict[str, Any]) -> None:
    click.echo(f"{'alone':>37}{'during':>9}")
    alone, during = figures["alone"], figures["during"]
    rates = (figure["sent_per_second"] for figure in (alone, during))
    click.echo("{:<28}{:>9}{:>9}".format("sent per s", *rates))
    for name, was in alone["late_ms"].items():
        click.echo(f"late, {name:<22}{was:>9}{during['late_ms'][name]:>9} ms")
    click.echo(f"{figures['reloads']} reloads of {figures['reload_ms']} ms")
    longest = during["late_ms"]["longest_of_own"]
    for told, is_met in (
        (f"late by {longest} ms ≤ {ALLOWED_LATE_MS}", longest <= ALLOWED_LATE_MS),
        (f"lost {figures['lost']} of {figures['sent']}", not figures["lost"]),
        (
            f"memory {figures['memory']} ≤ {ALLOWED_MEMORY}",
            figures["memory"] <= ALLOWED_MEMORY,
        ),
    ):
        click.echo(f"{told}: {'met' if is_met else 'NOT met'}")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--messages", default=4000, show_default=True, help="In each round.")
@click.option("--rounds", default=5, show_default=True, help="Of each loop.")
@click.option("--folder", help="Where the files go; its disk is measured.")
def drain(as_json: bool, messages: int, rounds: int, folder: str | None) -> None:
    """Enqueued messages sent per second by one worker, and how soon on an idle one."""
    with pinned_stub() as base:
        figures = asyncio.run(drain_bench.run(base, messages, rounds, folder))
    figures |= asyncio.run(latency.in_one_process(folder))
    if as_json:
        click.echo(msgspec.json.encode(figures))
    else:
        _show_drain(figures)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--messages", default=5000, show_default=True, help="In each queue.")
@click.option("--rounds", default=3, show_default=True, help="Of one worker and two.")
def postgres(as_json: bool, messages: int, rounds: int) -> None:
    """Messages that workers send through PostgreSQL, and how soon on an idle one."""
    figures = postgres_bench.run(messages, rounds)
    if as_json:
        click.echo(msgspec.json.encode(figures))
    else:
        _show_postgres(figures)


def _show_postgres(figures: dict[str, Any]) -> None:
    for name, rate in figures["rate"].items():
        click.echo(f"{name:<10}{rate:>8} a second")
    late, batches = figures["late_ms"], figures["rate"]["enqueued"]
    _show_fsync(figures["fsync_ms"])
    for told, is_met in (
        (
            f"two of one {figures['of_one']} ≥ {REQUIRED_OF_ONE}",
            figures["of_one"] >= REQUIRED_OF_ONE,
        ),
        (
            f"in batches {batches} ≥ {REQUIRED_IN_BATCHES}",
            batches >= REQUIRED_IN_BATCHES,
        ),
        (f"p50 {late['p50']} ms ≤ 10", late["p50"] <= ALLOWED_P50_POSTGRES_MS),
        (f"p99 {late['p99']} ms ≤ 50", late["p99"] <= ALLOWED_P99_POSTGRES_MS),
    ):
        click.echo(f"{told}: {'met' if is_met else 'NOT met'}")


def _show_fsync(took: dict[str, float]) -> None:
    click.echo(f"a page on this disk: p50 {took['p50']} ms, p99 {took['p99']} ms")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--messages", default=1_000_000, show_default=True, help="Queued.")
@click.option("--folder", help="Where SQLite's files go.")
def depth(as_json: bool, messages: int, folder: str | None) -> None:
    """Claims and a worker's memory, with a thousand messages and with very many."""
    figures = asyncio.run(depth_bench.run(messages, folder))
    if as_json:
        click.echo(msgspec.json.encode(figures))
    else:
        _show_depth(figures)


def _show_depth(figures: dict[str, Any]) -> None:
    for store in ("sqlite", "postgres"):
        at = figures[store]
        for name, shallow in at["shallow"].items():
            click.echo(f"{store:<10}{name:<10}{shallow:>9}{at['deep'][name]:>9}")
        for name, ratio in at["ratio"].items():
            is_met = ratio <= ALLOWED_DEPTH
            told = f"{store} {name} {ratio} ≤ {ALLOWED_DEPTH}"
            click.echo(f"{told}: {'met' if is_met else 'NOT met'}")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
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
def crash(as_json: bool, messages: int, rounds: int, seed: int, store: str) -> None:
    """Kill workers while messages pass, and count what is lost or sent twice."""
    running = crash_rounds.run(rounds, messages, store=Kind(store), seed=seed)
    ends = asyncio.run(running)
    if as_json:
        click.echo(msgspec.json.encode(ends))
    else:
        for name, value in attrs.asdict(ends).items():
            click.echo(f"{name:<18}{value}")
    raise SystemExit(bool(ends.lost or ends.twice or ends.invented))


def _show_drain(figures: dict[str, Any]) -> None:
    for name, rate in figures["rate"].items():
        click.echo(f"{name:<10}{rate:>8} a second {figures['cpu_us'][name]:>8} µs CPU")
    late = figures["late_ms"]
    _show_fsync(figures["fsync_ms"])
    for told, is_met in (
        (
            f"of plain {figures['of_plain']} ≥ {REQUIRED_OF_PLAIN}",
            figures["of_plain"] >= REQUIRED_OF_PLAIN,
        ),
        (f"p50 {late['p50']} ms ≤ 5", late["p50"] <= ALLOWED_P50_MS),
        (f"p99 {late['p99']} ms ≤ 20", late["p99"] <= ALLOWED_P99_MS),
    ):
        click.echo(f"{told}: {'met' if is_met else 'NOT met'}")


def _show_adds(figures: dict[str, Any]) -> None:
    click.echo("                     per s   of bare  CPU")
    for name, rate in figures["rate"].items():
        of_bare = figures["of_bare"].get(name, "")
        click.echo(f"{name:<18}{rate:>8}{of_bare:>10}{figures['cpu_us'][name]:>8} µs")
    for wanted, reached in (
        (REQUIRED_OF_BARE, figures["of_bare"]),
        (REQUIRED_RATES, figures["rate"]),
    ):
        met = all(reached[name] >= value for name, value in wanted.items())
        told = " and ".join(f"{name} ≥ {value}" for name, value in wanted.items())
        click.echo(f"{told}: {'met' if met else 'NOT met'}")


def _show(figures: dict[str, Any]) -> None:
    click.echo(
        "at once   plain/s   tuned/s  notify/s    full/s  of plain  of tuned  added CPU"
    )
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
