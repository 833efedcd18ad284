"""`notify import`: many messages from a file, for a worker."""

from __future__ import annotations

import asyncio
import sys
from contextlib import ExitStack
from typing import Any

import click

from notify_core.bulk.drafts import Refusal
from notify_core.bulk.forecast import Forecasting
from notify_core.bulk.importing import Importing
from notify_core.bulk.rejects import Rejects
from notify_core.bulk.rows import Rows, rows_of
from notify_core.bulk.source import Lines, UnreadableFile
from notify_core.bulk.stopping import Stop
from notify_core.bulk.usual import check_usual
from notify_core.cli.exit_code import ExitCode
from notify_core.cli.garbage import collected_seldom
from notify_core.cli.import_options import Import, import_options, usual_fields
from notify_core.cli.import_progress import progress_of
from notify_core.cli.import_report import Report
from notify_core.cli.options import config_option, examples, existing, json_option
from notify_core.clock import SystemClock
from notify_core.dispatch.engine import NOT_DURABLE
from notify_core.errors import ConfigurationError, StoreUnavailable
from notify_core.notifier import Notifier


@click.command(
    "import",
    epilog=examples(
        "notify import people.csv --template parcel-here",
        "notify import people.csv --map phone=to --map name=params.name --dry-run",
        "notify import messages.ndjson --batch 5000 --json",
        "export-people | notify import - --format csv --name sale-2026-02",
    ),
)
@import_options
@click.option("--dry-run", is_flag=True, help="Record nothing; show what would be.")
@config_option
@json_option
def command(config: str, *, dry_run: bool, as_json: bool, **options: Any) -> ExitCode:
    """Record the messages in FILE for a worker.

    FILE is CSV with a header (to, params.code, labels.tenant, …) or NDJSON, a message
    in each line; - reads standard input.

    It can be run again after it was interrupted: a row that was recorded is not
    recorded again. A row is known by the file's content and its line, so a changed
    file is a new one: correct rejected rows in a file of their own, or give --name
    from the first time on.

    It ends with 0 when every row was taken. An option that fits no row, as a template
    that is not there, is refused before the file is read.
    """
    notifier = Notifier.from_config(existing(config))
    if not (dry_run or notifier.durable):
        raise ConfigurationError(NOT_DURABLE)
    check_usual(usual_fields(options), notifier.snapshot, SystemClock().now())
    wanted = Import.of(options)
    report = Report(stop=Stop(), as_json=as_json)
    run = _look_ahead if dry_run else _import
    return asyncio.run(run(wanted, notifier, report))


async def _import(wanted: Import, notifier: Notifier, report: Report) -> ExitCode:
    with ExitStack() as opened:
        opened.enter_context(report.stop.on_signals())
        lines, rows = _rows(wanted, opened, report.stop)
        rejects = Rejects(wanted.rejects or wanted.usual_rejects)
        opened.enter_context(rejects)
        progress = opened.enter_context(progress_of(lines, wanted.size))
        async with notifier:
            importing = Importing(
                drafting=wanted.drafting,
                enqueue_all=notifier.enqueue_all,
                rejects=rejects,
                batch=wanted.batch,
                reads_ahead=wanted.file is not None,
                progress=progress,
                stop=report.stop,
            )
            with collected_seldom():
                await _go_through(importing, rows)
    return report.imported(importing.tally, rejects)


async def _go_through(importing: Importing, rows: Rows) -> None:
    try:
        await importing.run(rows)
    except StoreUnavailable as error:
        done = f"{importing.tally.rows} rows are done"
        raise StoreUnavailable(f"{error}; {done}: run the same again") from error


async def _look_ahead(wanted: Import, notifier: Notifier, report: Report) -> ExitCode:
    with ExitStack() as opened:
        opened.enter_context(report.stop.on_signals())
        lines, rows = _rows(wanted, opened, report.stop)
        refuse = _nowhere
        if wanted.rejects is not None:
            refuse = opened.enter_context(Rejects(wanted.rejects)).refused
        progress = opened.enter_context(progress_of(lines, wanted.size))
        async with notifier:
            forecasting = Forecasting(
                drafting=wanted.drafting,
                explain=notifier.explain,
                refuse=refuse,
                progress=progress,
                stop=report.stop,
            )
            forecast = await forecasting.run(rows)
    return report.forecast(forecast)


def _rows(wanted: Import, opened: ExitStack, stop: Stop) -> tuple[Lines, Rows]:
    if wanted.file is None:
        lines = Lines(stop.heeding(sys.stdin.buffer))
    else:
        lines = Lines(opened.enter_context(wanted.file.open("rb")))
    try:
        return lines, rows_of(lines, wanted.format, wanted.mapping)
    except UnreadableFile:
        if stop.is_told:  # before there was a header
            raise KeyboardInterrupt from None
        raise


def _nowhere(refusal: Refusal) -> None:
    """Write it down nowhere: totals and the first ones are all that was asked for."""
