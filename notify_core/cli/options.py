"""The options that commands share."""

from __future__ import annotations

from pathlib import Path

import click

from notify_core.errors import ConfigurationError

CONFIG_VARIABLE = "NOTIFY_CONFIG"
DEFAULT_CONFIG = "notify.yaml"

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Write one JSON document."
)

config_option = click.option(
    "--config",
    metavar="FILE",
    envvar=CONFIG_VARIABLE,
    default=DEFAULT_CONFIG,
    show_default=True,
    show_envvar=True,
    help="The configuration.",
)


def existing(config: str) -> str:
    """Return the name of the configuration file, when there is one.

    Raises:
        ConfigurationError: There is none, or it is a folder; says what to name.
    """
    if Path(config).is_dir():
        raise ConfigurationError(f"{config} is a folder: name the file in it")
    if Path(config).exists():
        return config
    raise ConfigurationError(
        f"there is no file {config}: name the configuration with --config FILE "
        f"or {CONFIG_VARIABLE}"
    )


def examples(*lines: str) -> str:
    """Return the end of a command's help: lines to copy."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])
