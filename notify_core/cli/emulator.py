"""`notify emulator`: a vendor on this machine, until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator
from typing import Any

import click

from notify_core.cli.emulated import PUSH_URL, installed_type, new_emulator
from notify_core.cli.listen import cannot_listen
from notify_core.cli.options import examples, json_option
from notify_core.cli.output import faint, heading, write
from notify_core.config.read import read
from notify_core.errors import ConfigurationError
from notify_core.plugins import Plugins
from notify_core.provider import ProviderType

#: The setting that says where a vendor is, in every provider type that has one.
_BASE_URL = "base_url"


@click.command(
    "emulator",
    epilog=examples(
        "notify providers                      # the types that there are",
        "notify emulator TYPE --port 8106",
        "notify emulator TYPE --settings emulator.yaml \\",
        "    --push-url http://127.0.0.1:8000/webhooks/my-account/my-token",
    ),
)
@click.argument("name", metavar="TYPE")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help="0: a free one.",
)
@click.option(
    "--settings",
    metavar="FILE",
    help="Accounts, limits and rules, as YAML or JSON.",
)
@click.option(
    "--push-url", metavar="URL", help="Where receipts and replies are pushed to."
)
@json_option
def command(
    name: str,
    settings: str | None,
    push_url: str | None,
    *,
    as_json: bool,
    **address: Any,
) -> None:
    """Run the emulator of a vendor until Ctrl-C or SIGTERM.

    TYPE is an installed provider type. The emulator's page, at its URL, shows what
    arrived on each handset.
    """
    kind = installed_type(Plugins(), name)
    options = _options(settings, push_url)
    asyncio.run(_serve(kind, options, address, as_json=as_json))


def _options(settings: str | None, push_url: str | None) -> dict[str, Any]:
    options = read(settings).content if settings else {}
    if options is None:
        options = {}
    if not isinstance(options, dict):
        raise ConfigurationError(f"{settings} must hold a mapping of settings")
    return {**options, PUSH_URL: push_url} if push_url else options


async def _serve(
    kind: ProviderType,
    options: dict[str, Any],
    address: dict[str, Any],
    *,
    as_json: bool,
) -> None:
    told_to_stop = _stop_signal()
    emulator = new_emulator(kind, options)
    try:
        await emulator.start(**address)
    except OSError as error:
        where = "{host}:{port}".format(**address)
        raise cannot_listen(error, where, "--port") from error
    try:
        document = {"type": kind.name, "url": emulator.url}
        write(document, _welcome(kind, emulator.url), as_json=as_json)
        await told_to_stop.wait()
    finally:
        await emulator.stop()


def _welcome(kind: ProviderType, url: str) -> Iterator[str]:
    yield heading(f"The {kind.name} emulator runs on {url}")
    yield f"  What arrives is on its page: {url}/"
    yield f"  Faults are scripted with POST {url}/_emulator/faults"
    if _BASE_URL in kind.settings_schema.get("properties", {}):
        yield "  Point a provider of the configuration at it:"
        yield f"      type: {kind.name}"
        yield f"      settings: {{{_BASE_URL}: {url}, …}}"
        yield "  Account and key: those of --settings, or see the provider's page."
    yield faint("  Stop it with Ctrl-C.")


def _stop_signal() -> asyncio.Event:
    """Return what SIGINT and SIGTERM set: both are the usual end of a server."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Windows has no handlers on loops; there Ctrl-C ends it as an interruption.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    return stop
