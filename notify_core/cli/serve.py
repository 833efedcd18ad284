"""`notify serve`: the HTTP service, until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import attrs
import click

from notify_core.cli.garbage import collected_seldom
from notify_core.cli.listen import ListenType, cannot_listen, require_free
from notify_core.cli.options import config_option, examples, existing, json_option
from notify_core.cli.output import doubtful, faint, heading, write
from notify_core.config.server import ServerSettings
from notify_core.errors import ConfigurationError
from notify_core.notifier import Notifier
from notify_core.reloading import reload_on_signal
from notify_core.server.doorkeeper import MAKES_KEYS
from notify_core.server.site import Site
from notify_core.server.visit import RequestIds
from notify_core.worker import Worker

_FORMAT = "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"


@click.command(
    "serve",
    epilog=examples(
        "notify serve --worker",
        "notify serve --listen 0.0.0.0:8080 --metrics-listen 127.0.0.1:9090",
    ),
)
@click.option(
    "--worker", is_flag=True, help="Send what is recorded in this process, too."
)
@click.option("--listen", type=ListenType(), help="Instead of `server.listen`.")
@click.option(
    "--metrics-listen", type=ListenType(), help="Instead of `server.metrics_listen`."
)
@config_option
@json_option
def command(config: str, *, worker: bool, as_json: bool, **listen: Any) -> None:
    """Run the HTTP service until Ctrl-C or SIGTERM.

    At the end what has begun is answered, and what a worker has not begun is left to
    others. SIGHUP reloads the configuration; a change of the section `server` needs a
    restart. The log goes to standard error.
    """
    _log_to_standard_error()
    asyncio.run(_serve(existing(config), listen, worker=worker, as_json=as_json))


async def _serve(
    config: str, listen: dict[str, Any], *, worker: bool, as_json: bool
) -> None:
    notifier = Notifier.from_config(config)
    given = {name: address for name, address in listen.items() if address is not None}
    settings = attrs.evolve(notifier.snapshot.server, **given)
    if worker and not notifier.durable:
        why = "there is nothing to work on: messages are kept in memory"
        raise ConfigurationError(f"--worker: {why}; set outbox.url")
    await require_free(settings.listen, "--listen")
    if settings.metrics_listen is not None:
        await require_free(settings.metrics_listen, "--metrics-listen")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(notifier)
        if worker:
            await stack.enter_async_context(Worker(notifier))
        with contextlib.suppress(NotImplementedError):  # Windows has no SIGHUP
            await stack.enter_async_context(reload_on_signal(notifier))
        told_to_stop = await stack.enter_async_context(_stop_signal())
        site = await stack.enter_async_context(_listening(notifier, settings))
        write(_document(site), _welcome(site, settings), as_json=as_json)
        sys.stdout.flush()
        with collected_seldom():
            await told_to_stop.wait()


@asynccontextmanager
async def _listening(
    notifier: Notifier, settings: ServerSettings
) -> AsyncIterator[Site]:
    site = Site(notifier, settings)
    try:
        await site.__aenter__()
    except OSError as error:
        is_metrics = error.filename == str(settings.metrics_listen)
        option = "--metrics-listen" if is_metrics else "--listen"
        raise cannot_listen(error, error.filename, option) from error
    try:
        yield site
    finally:
        await site.__aexit__(None, None, None)


@asynccontextmanager
async def _stop_signal() -> AsyncIterator[asyncio.Event]:
    """Give what SIGINT and SIGTERM set; a second one ends the process at once."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def told(number: int) -> None:
        loop.remove_signal_handler(number)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        # Windows has no handlers on loops; there Ctrl-C ends it as an interruption.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, told, number)
    yield stop


def _document(site: Site) -> dict[str, Any]:
    return {"url": site.url, "metrics": site.metrics_url}


def _welcome(site: Site, settings: ServerSettings) -> Iterator[str]:
    yield heading(f"Listening on {site.url}")
    yield f"  Metrics: {site.metrics_url or site.url + '/metrics, with a key'}"
    if settings.keys_file is None:
        yield doubtful("  Nobody is let in: set server.keys_file")
    elif not settings.keys_file.exists():
        yield doubtful(f"  Nobody is let in yet: run {MAKES_KEYS}")
    yield faint("  Stop it with Ctrl-C.")


def _log_to_standard_error() -> None:
    """Write what the service does down, unless somebody else has taken the log."""
    log = logging.getLogger("notify_core")
    if logging.getLogger().handlers:
        return
    handler = logging.StreamHandler()
    handler.addFilter(RequestIds())
    handler.setFormatter(logging.Formatter(_FORMAT))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
