"""`notify providers`: what is installed, configured, and capable of what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs
import click

from notify_core.cli.capability import described, matrix
from notify_core.cli.installed import InstalledType, installed_types
from notify_core.cli.options import config_option, examples, existing, json_option
from notify_core.cli.output import bad, faint, heading, plain, write
from notify_core.config import load
from notify_core.config.snapshot import ProviderSettings
from notify_core.errors import ConfigurationError
from notify_core.plugins import Plugins
from notify_core.provider import Capabilities


@attrs.frozen(kw_only=True)
class ConfiguredProvider:
    """One account of the configuration."""

    #: Its name in the configuration.
    name: str
    #: The provider type.
    type: str
    #: What identifies the account at the vendor.
    account: str
    #: Whether it takes pushes of the vendor.
    webhook: bool
    #: What this account can do.
    capabilities: Capabilities

    @classmethod
    def of(cls, settings: ProviderSettings) -> ConfiguredProvider:
        """Leave out the settings: they hold what is secret."""
        return cls(
            name=settings.name,
            type=settings.type.name,
            account=settings.account,
            webhook=settings.webhook is not None,
            capabilities=settings.capabilities,
        )


@attrs.frozen(kw_only=True)
class Inventory:
    """Everything there is."""

    #: Provider types.
    installed: tuple[InstalledType, ...]
    #: Plugins that did not load, with why.
    failures: Mapping[str, str]
    #: Accounts; None when there is no configuration, or one that cannot be used.
    configured: tuple[ConfiguredProvider, ...] | None

    def lines(self, config: str) -> Iterator[str]:
        """Yield the text for people."""
        yield heading("Installed provider types")
        for kind in self.installed:
            origin = f"{kind.distribution or 'no distribution'} {kind.version or ''}"
            yield f"  {kind.name}  {faint(origin.rstrip())}"
            yield f"      {kind.summary}"
            yield f"      {described(kind.capabilities)}"
        if not self.installed:
            yield "  none: install one, such as a package named notify-…"
        for plugin, why in self.failures.items():
            yield f"  {bad(plugin)}  did not load: {plain(why)}"
        yield heading(f"Configured in {config}")
        if self.configured is None:
            exists = Path(config).is_file()
            yield "  nothing that can be used" if exists else "  there is no such file"
        for account in self.configured or ():
            yield f"  {account.name}  {faint(f'{account.type} {account.account}')}"
            yield f"      {described(account.capabilities)}"


@click.command(
    "providers",
    epilog=examples(
        "notify providers",
        "notify providers --config notify.yaml --json",
        "notify providers --matrix > providers.md",
    ),
)
@click.option(
    "--matrix",
    "as_matrix",
    is_flag=True,
    help="Print the Markdown table of what each installed type can do.",
)
@config_option
@json_option
@click.pass_context
def command(
    context: click.Context, config: str, *, as_matrix: bool, as_json: bool
) -> None:
    """List the installed provider types, the configured accounts, what each can do.

    Plugins that did not load are listed with the reason. A missing notify.yaml is no
    failure, a configuration that was named and cannot be used is one.
    """
    plugins = Plugins()
    if as_matrix:
        table = matrix(plugins.provider_types.values())
        write({"matrix": table}, [table], as_json=as_json)
        return
    problem, configured = _configured(context, config, plugins)
    inventory = Inventory(
        installed=tuple(installed_types(plugins)),
        failures={name: _told(error) for name, error in plugins.failures.items()},
        configured=configured,
    )
    write(inventory, inventory.lines(config), as_json=as_json)
    if problem is not None:
        raise problem


def _configured(
    context: click.Context, config: str, plugins: Plugins
) -> tuple[ConfigurationError | None, tuple[ConfiguredProvider, ...] | None]:
    """Return the accounts, or why there are none; what is installed is shown first."""
    source = context.get_parameter_source("config")
    if source is click.core.ParameterSource.DEFAULT and not Path(config).is_file():
        return None, None
    try:
        snapshot = load(existing(config), plugins)
    except ConfigurationError as error:
        return error, None
    return None, tuple(map(ConfiguredProvider.of, snapshot.providers.values()))


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
