"""`notify worker`: send what is enqueued until a signal ends it."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import click

from notify_core.cli.exit_code import ExitCode
from notify_core.cli.garbage import collected_seldom
from notify_core.cli.listen import ListenType, cannot_listen, require_free
from notify_core.cli.options import config_option, examples, existing, json_option
from notify_core.cli.output import counted, write
from notify_core.notifier import Notifier
from notify_core.reloading import reload_on_signal
from notify_core.worker import Worker
from notify_core.worker.worker import CONCURRENCY, GRACE

if TYPE_CHECKING:
    from notify_core.config.server import Address

_METRICS_LISTEN = "--metrics-listen"

log = logging.getLogger("notify_core.worker")


@click.command(
    "worker",
    epilog=examples(
        "notify worker",
        "notify worker --config notify.yaml --concurrency 200",
        "notify worker --metrics-listen 127.0.0.1:9101",
        "notify worker --json 2> worker.log",
    ),
)
@click.option(
    "--concurrency",
    type=click.IntRange(min=1),
    default=CONCURRENCY,
    show_default=True,
    help="Messages at work at once.",
)
@click.option(
    "--grace",
    type=click.FloatRange(min=0),
    default=GRACE,
    show_default=True,
    help="Seconds that running messages have to end after a signal.",
)
@click.option(
    _METRICS_LISTEN, type=ListenType(), help="Where metrics are served, if anywhere."
)
@config_option
@json_option
def command(
    config: str,
    concurrency: int,
    grace: float,
    metrics_listen: Address | None,
    *,
    as_json: bool,
) -> ExitCode:
    """Send what is enqueued, and find out what became of lost answers.

    Any number of workers may share one outbox. SIGTERM or Ctrl-C ends it: it takes
    nothing more, ends what runs, gives back the rest, and ends with 0. SIGHUP reloads
    the configuration. The log goes to standard error.
    """
    _show_log()
    options = {"concurrency": concurrency, "grace": grace}
    worked = asyncio.run(_work(existing(config), metrics_listen, options))
    write({"worked": worked}, _lines(worked), as_json=as_json)
    return ExitCode.DONE


async def _work(
    config: str, metrics_listen: Address | None, options: dict[str, Any]
) -> int:
    notifier = Notifier.from_config(config)
    if metrics_listen is not None:
        await require_free(metrics_listen, _METRICS_LISTEN)
    async with notifier:
        worker = Worker(notifier, **options)
        async with AsyncExitStack() as stack:
            if metrics_listen is not None:
                await stack.enter_async_context(_metrics_at(metrics_listen, notifier))
            _drain_on_signals(worker)
            if hasattr(signal, "SIGHUP"):  # Windows has none
                await stack.enter_async_context(reload_on_signal(notifier))
            with collected_seldom():
                await worker.run()
        return worker.worked


@asynccontextmanager
async def _metrics_at(address: Address, notifier: Notifier) -> AsyncIterator[None]:
    # Imported here: most workers serve nothing.
    from notify_core.server.site import MetricsSite  # noqa: PLC0415

    site = MetricsSite(notifier, address)
    try:
        await site.__aenter__()
    except OSError as error:
        raise cannot_listen(error, str(address), _METRICS_LISTEN) from error
    log.info("metrics at %s", site.url)
    try:
        yield
    finally:
        await site.__aexit__(None, None, None)


def _drain_on_signals(worker: Worker) -> None:
    """Let SIGINT and SIGTERM end it; a second one on its way to the end is no other."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Windows has no such handlers: there Ctrl-C cancels, which hands all back.
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, worker.drain)


def _show_log() -> None:
    """Show what happens on standard error: nobody asks a worker for results."""
    log = logging.getLogger("notify_core")
    if log.getEffectiveLevel() > logging.INFO:
        log.setLevel(logging.INFO)
    if not any(isinstance(h, logging.StreamHandler) for h in log.handlers):
        handler: logging.StreamHandler[Any] = logging.StreamHandler()
        handler.setFormatter(logging.Formatter(_FORMAT))
        log.addHandler(handler)


_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def _lines(worked: int) -> Iterator[str]:
    yield f"worked on {counted(worked, 'message')}"
