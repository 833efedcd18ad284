"""`notify check`: everything that is wrong with a configuration, at once."""

from __future__ import annotations

from collections.abc import Iterator

import click

from notify_core.cli.exit_code import ExitCode
from notify_core.cli.options import (
    CONFIG_VARIABLE,
    DEFAULT_CONFIG,
    examples,
    existing,
    json_option,
)
from notify_core.cli.output import KEPT, bad, doubtful, good, write
from notify_core.config import Report, check
from notify_core.plugins import Plugins


@click.command(
    "check",
    epilog=examples(
        "notify check",
        "notify check /etc/notify/notify.yaml",
        "notify check notify.yaml --strict --json",
    ),
)
@click.argument("file", envvar=CONFIG_VARIABLE, default=DEFAULT_CONFIG)
@click.option("--strict", is_flag=True, help="A warning is a failure too.")
@json_option
def command(file: str, *, strict: bool, as_json: bool) -> ExitCode:
    """Check the configuration FILE; without it, that of NOTIFY_CONFIG or notify.yaml.

    Every error and warning is shown with its place. References are followed, so that
    a missing secret is found; nothing is sent, and no vendor is asked.
    """
    report = check(existing(file), Plugins())
    ok = not report.errors and not (strict and report.warnings)
    document = {
        "file": file,
        "ok": ok,
        "errors": report.errors,
        "warnings": report.warnings,
    }
    write(document, _lines(file, report), as_json=as_json)
    if report.errors:
        return ExitCode.CONFIGURATION
    return ExitCode.DONE if ok else ExitCode.FAILED


def _lines(file: str, report: Report) -> Iterator[str]:
    for error in report.errors:
        yield f"{bad('error')}    {error}"
    for warning in report.warnings:
        yield f"{doubtful('warning')}  {warning}"
    if not report.errors:
        yield good(f"{KEPT} {file} can be used.")
