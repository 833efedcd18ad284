"""`notify migrate`: brings the tables of the outbox up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import attrs
import click

from notify_core.cli.exit_code import ExitCode
from notify_core.cli.options import config_option, examples, json_option
from notify_core.cli.output import doubtful, faint, write
from notify_core.cli.stored import durable
from notify_core.outbox.address import tables_at
from notify_core.outbox.tables import Tables, Version, check_not_newer


@attrs.frozen(kw_only=True)
class Migrated:
    """What tables had, and what they have to have."""

    #: Where they are.
    outbox: str
    before: Version
    after: Version
    #: Whether they are still as they were before.
    pending: bool

    def lines(self) -> Iterator[str]:
        """Yield the text for people."""
        if self.before == self.after:
            yield f"up to date: {_told(self.after)}"
        else:
            way = f"{_told(self.before)} -> {_told(self.after)}"
            told = "to be brought up to date" if self.pending else "brought up to date"
            yield doubtful(f"{told}: {way}") if self.pending else f"{told}: {way}"
        yield faint(f"  {self.outbox}")


def _told(version: Version) -> str:
    queue = "" if version.queue is None else f", queue {version.queue}"
    return f"tables {version.tables}{queue}"


@click.command(
    "migrate", epilog=examples("notify migrate", "notify migrate --check --json")
)
@click.option(
    "--check",
    "only_check",
    is_flag=True,
    help="Change nothing; end with 1 when something would be changed.",
)
@config_option
@json_option
def command(config: str, *, only_check: bool, as_json: bool) -> ExitCode:
    """Bring the tables of the outbox up to what this notify-core needs.

    Every other command, the service and workers do the same when they open the
    outbox: this one does it at a time of your choice, before they start.
    """
    tables = tables_at(durable(config).snapshot.storage.url)
    migrated = asyncio.run(_migrated(tables, only_check=only_check))
    write(migrated, migrated.lines(), as_json=as_json)
    return ExitCode.FAILED if migrated.pending else ExitCode.DONE


async def _migrated(tables: Tables, *, only_check: bool) -> Migrated:
    before, newest = await tables.version(), tables.newest
    check_not_newer(before.tables, newest.tables)
    is_behind = before != newest
    if is_behind and not only_check:
        await tables.migrate()
    return Migrated(
        outbox=tables.place,
        before=before,
        after=newest,
        pending=is_behind and only_check,
    )
