"""`notify balance`: what is left on the accounts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import attrs
import click

from notify_core.cli.exit_code import ExitCode
from notify_core.cli.options import config_option, examples, existing, json_option
from notify_core.cli.output import bad, faint, plain, table, write
from notify_core.errors import ConfigurationError, NotifyError, UnsupportedFeature
from notify_core.model.receipt import Balance
from notify_core.names import nearest
from notify_core.notifier import Notifier


@attrs.frozen(kw_only=True)
class Probe:
    """What one provider said about its balance."""

    #: Name of the configured provider.
    provider: str
    #: What is left; None when it was not told.
    balance: Balance | None = None
    #: Why it was not told.
    why: str | None = None
    #: Whether that is a fault: the vendor did not answer, or it was asked by name.
    failed: bool = False

    def row(self) -> tuple[str, str]:
        """Return the line for people."""
        if self.balance is not None:
            return self.provider, f"{self.balance.amount} {plain(self.balance.unit)}"
        return self.provider, (bad if self.failed else faint)(plain(self.why or ""))


@click.command(
    "balance",
    epilog=examples(
        "notify balance",
        "notify balance my-account --json",
        "notify balance --config /etc/notify/notify.yaml",
    ),
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@config_option
@json_option
def command(names: tuple[str, ...], config: str, *, as_json: bool) -> ExitCode:
    """Ask every provider, or those of the names given, what is left.

    A provider whose vendor tells no balance says so; that is a failure only when it
    was asked by name.
    """
    probes = asyncio.run(_probe_from(existing(config), names))
    write({"balances": probes}, table(probe.row() for probe in probes), as_json=as_json)
    return ExitCode.FAILED if any(p.failed for p in probes) else ExitCode.DONE


async def _probe_from(config: str, names: Sequence[str]) -> list[Probe]:
    async with Notifier.from_config(config) as notifier:
        return await probe(notifier, names)


async def probe(notifier: Notifier, names: Sequence[str] = ()) -> list[Probe]:
    """Ask all providers, or those of *names*, at the same time.

    Raises:
        ConfigurationError: No provider has one of the names.
    """
    for name in names:
        if name not in notifier.providers:
            hint = nearest(name, notifier.providers)
            raise ConfigurationError(f"no provider {name!r}; {hint}")
    wanted = dict.fromkeys(names or notifier.providers)
    is_named = bool(names)
    asked = (_ask(notifier, name, is_named=is_named) for name in wanted)
    return await asyncio.gather(*asked)


async def _ask(notifier: Notifier, name: str, *, is_named: bool) -> Probe:
    try:
        return Probe(provider=name, balance=await notifier.balance(name))
    except UnsupportedFeature:
        return Probe(provider=name, why="its vendor tells no balance", failed=is_named)
    except NotifyError as error:
        return Probe(provider=name, why=str(error), failed=True)
