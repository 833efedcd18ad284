"""`notify worker`: send what is enqueued until a signal ends it."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import click

from notify_core.cli.exit_code import ExitCode
from notify_core.cli.options import config_option, examples, existing, json_option
from notify_core.cli.output import write
from notify_core.notifier import Notifier
from notify_core.reloading import reload_on_signal
from notify_core.worker import Worker
from notify_core.worker.worker import CONCURRENCY, GRACE


@click.command(
    "worker",
    epilog=examples(
        "notify worker",
        "notify worker --config notify.yaml --concurrency 200",
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
@config_option
@json_option
def command(config: str, concurrency: int, grace: float, *, as_json: bool) -> ExitCode:
    """Send what is enqueued, and find out what became of lost answers.

    Any number of workers may share one outbox. SIGTERM or Ctrl-C ends it: it takes
    nothing more, ends what runs, and gives back the rest. SIGHUP reloads the
    configuration. The log goes to standard error.
    """
    _show_log()
    worked = asyncio.run(_work(existing(config), concurrency, grace))
    write({"worked": worked}, _lines(worked), as_json=as_json)
    return ExitCode.DONE


async def _work(config: str, concurrency: int, grace: float) -> int:
    async with Notifier.from_config(config) as notifier:
        worker = Worker(notifier, concurrency=concurrency, grace=grace)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(_drained_by_signals(worker))
            if hasattr(signal, "SIGHUP"):  # Windows has none
                await stack.enter_async_context(reload_on_signal(notifier))
            await worker.run()
        return worker.worked


@asynccontextmanager
async def _drained_by_signals(worker: Worker) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    heard = (signal.SIGTERM, signal.SIGINT)
    for number in heard:
        # Windows has no such handlers: there Ctrl-C cancels, which hands all back.
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, worker.drain)
    try:
        yield
    finally:
        for number in heard:
            with suppress(NotImplementedError):
                loop.remove_signal_handler(number)


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
    yield f"worked on {worked} message{'' if worked == 1 else 's'}"
