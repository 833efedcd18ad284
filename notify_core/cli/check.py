"""`notify check`: everything that is wrong with a configuration, at once."""

from __future__ import annotations

from collections.abc import Iterator

import click

from notify_core.cli.exit_code import ExitCode
from notify_core.cli.options import config_option, examples, existing, json_option
from notify_core.cli.output import KEPT, bad, doubtful, faint, good, plain, write
from notify_core.config import Report, check
from notify_core.plugins import Plugins


@click.command(
    "check",
    epilog=examples(
        "notify check",
        "notify check --config /etc/notify/notify.yaml",
        "notify check notify.yaml --strict --json",
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
    """Check the configuration FILE; without it, that of --config or NOTIFY_CONFIG.

    Every error and warning is shown with its place. References are followed, so that
    a missing secret is found; nothing is sent, and no vendor is asked.
    """
    file = existing(named_file(context, file) or config)
    report = check(file, Plugins())
    return show(file, report, f"{file} can be used.", strict=strict, as_json=as_json)


def show(
    file: str, report: Report, good_news: str, *, strict: bool, as_json: bool
) -> ExitCode:
    """Write what was found, and return how the command ends.

    Args:
        file: What was checked.
        report: What was found.
        good_news: What is said when there are no errors.
        strict: A warning is a failure too.
        as_json: For programs.
    """
    ok = not report.errors and not (strict and report.warnings)
    document = {
        "file": file,
        "ok": ok,
        "errors": report.errors,
        "warnings": report.warnings,
        "notes": report.notes,
    }
    write(document, _lines(report, good_news), as_json=as_json)
    if report.errors:
        return ExitCode.CONFIGURATION
    return ExitCode.DONE if ok else ExitCode.FAILED


def named_file(context: click.Context, file: str | None) -> str | None:
    """Return the FILE; it and --config are two ways to name one."""
    source = context.get_parameter_source("config")
    if file is not None and source is click.core.ParameterSource.COMMANDLINE:
        raise click.UsageError("name the file once: as FILE, or with --config", context)
    return file


def _lines(report: Report, good_news: str) -> Iterator[str]:
    for error in report.errors:
        yield f"{bad('error')}    {plain(str(error))}"
    for warning in report.warnings:
        yield f"{doubtful('warning')}  {plain(str(warning))}"
    for note in report.notes:
        yield f"{faint('note')}     {plain(str(note))}"
    if not report.errors:
        yield good(f"{KEPT} {good_news}")
