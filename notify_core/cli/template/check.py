"""`notify template check`: what is wrong with the templates alone."""

from __future__ import annotations

import click

from notify_core.cli.check import named_file, show
from notify_core.cli.exit_code import ExitCode
from notify_core.cli.options import config_option, examples, existing, json_option
from notify_core.config import check_templates
from notify_core.plugins import Plugins


@click.command(
    "check",
    short_help="Check the templates alone.",
    epilog=examples(
        "notify template check",
        "notify template check notify.yaml --strict --json",
    ),
)
@click.argument("file", required=False)
@config_option
@click.option("--strict", is_flag=True, help="A warning is a failure too.")
@json_option
@click.pass_context
def command(
    context: click.Context,
    file: str | None,
    config: str,
    *,
    strict: bool,
    as_json: bool,
) -> ExitCode:
    """Check the templates of the configuration FILE, and of the files that it names.

    Without FILE it is that of --config or NOTIFY_CONFIG. What else is wrong with the
    configuration is not told here; a provider that cannot be used is named, since
    nothing was checked for it.
    """
    file = existing(named_file(context, file) or config)
    report = check_templates(file, Plugins())
    good = f"the templates of {file} can be used."
    return show(file, report, good, strict=strict, as_json=as_json)
