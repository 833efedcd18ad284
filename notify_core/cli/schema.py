"""`notify schema`: the schema that editors complete and check configurations with."""

from __future__ import annotations

import click

from notify_core.cli.options import examples, json_option
from notify_core.cli.output import write
from notify_core.config.schema import composed_schema
from notify_core.plugins import Plugins


@click.command(
    "schema",
    epilog=examples(
        "notify schema > notify.schema.json",
        "# then, as the first line of notify.yaml:",
        "# yaml-language-server: $schema=notify.schema.json",
    ),
)
@json_option
def command(*, as_json: bool) -> None:
    """Print the JSON Schema of the configuration.

    The settings of every installed provider type are in it. It is JSON with and
    without --json.
    """
    write(composed_schema(Plugins()), (), as_json=True)
