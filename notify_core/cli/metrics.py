"""`notify metrics`: the exposition of one short-lived process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import click
from prometheus_client import CollectorRegistry, generate_latest

from notify_core.cli.balance import Probe, probe
from notify_core.cli.exit_code import ExitCode
from notify_core.cli.options import config_option, examples, existing, json_option
from notify_core.cli.output import plain, write, write_error
from notify_core.metrics import Metrics
from notify_core.notifier import Notifier


@click.command(
    "metrics",
    epilog=examples(
        "notify metrics",
        "notify metrics | grep '^notify_provider_balance'",
        "notify metrics > /var/lib/node_exporter/notify.prom",
    ),
)
@config_option
@json_option
def command(config: str, *, as_json: bool) -> ExitCode:
    """Ask every provider for its balance, then print this process's metrics.

    Nothing is sent. The balances are fresh; the counters are those of this process,
    which has just begun: they show the names and labels that there are. The counters
    of a running program are where that program exposes them.
    """
    metrics = Metrics()
    probes = asyncio.run(_probe(existing(config), metrics))
    text = generate_latest(metrics.registry).decode()
    document = {"metrics": list(samples(metrics.registry)), "balances": probes}
    write(document, text.splitlines(), as_json=as_json)
    failed = [f"{p.provider}: {plain(p.why or '')}" for p in probes if p.failed]
    if not failed:
        return ExitCode.DONE
    write_error({"failed": failed}, failed, as_json=as_json)
    return ExitCode.FAILED


async def _probe(config: str, metrics: Metrics) -> list[Probe]:
    async with Notifier.from_config(config, metrics=metrics) as notifier:
        return await probe(notifier)


def samples(registry: CollectorRegistry) -> Iterator[dict[str, Any]]:
    """Yield every sample of a registry."""
    for family in registry.collect():
        for sample in family.samples:
            yield {
                "name": sample.name,
                "labels": sample.labels,
                "value": sample.value,
            }
