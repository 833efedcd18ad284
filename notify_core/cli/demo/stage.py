"""Everything that a demo plays with: vendor, receiver of pushes, notifier."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from importlib.resources import as_file
from importlib.resources.abc import Traversable
from pathlib import Path

import attrs

from notify_core.cli.demo.receiver import Receiver
from notify_core.cli.demo.script import Script
from notify_core.cli.emulated import PUSH_URL, new_emulator
from notify_core.metrics import Metrics
from notify_core.model.event import Event, Match, ReceiptMatched
from notify_core.notifier import Notifier
from notify_core.plugins import hookimpl
from notify_core.provider import ProviderType
from notify_core.testing.emulator import Emulator

#: Environment variables that the demo's configuration refers to.
URL_VARIABLE = "NOTIFY_DEMO_URL"
TOKEN_VARIABLE = "NOTIFY_DEMO_TOKEN"  # noqa: S105 (a variable's name)


class Witness:
    """An observer, as any plugin may be one: remembers how the last receipt matched."""

    def __init__(self) -> None:
        self.match: Match | None = None

    @hookimpl
    def notify_observe(self, event: Event) -> None:
        """Look at receipts only."""
        if isinstance(event, ReceiptMatched):
            self.match = event.match


@attrs.frozen(kw_only=True)
class Stage:
    """What the steps of a demo share."""

    #: The file that the notifier was made from.
    config: Path
    emulator: Emulator
    notifier: Notifier
    metrics: Metrics
    witness: Witness
    #: Message ids to addresses.
    sent: dict[str, str] = attrs.field(factory=dict)


@asynccontextmanager
async def opened_stage(
    kind: ProviderType, script: Script, config: Traversable
) -> AsyncIterator[Stage]:
    """Start the emulator and the receiver, and open a notifier on the configuration.

    Raises:
        ConfigurationError: The configuration or the emulator's options are wrong.
    """
    token = secrets.token_urlsafe(24)
    metrics, witness = Metrics(), Witness()
    async with AsyncExitStack() as stack:
        receiver = await stack.enter_async_context(Receiver())
        pushed_to = receiver.url_for(script.provider, token)
        emulator = new_emulator(kind, {**script.emulator, PUSH_URL: pushed_to})
        await stack.enter_async_context(emulator)
        own = {URL_VARIABLE: emulator.url, TOKEN_VARIABLE: token}
        stack.enter_context(_environment({**script.environment, **own}))
        file = stack.enter_context(as_file(config))
        notifier = Notifier.from_config(
            file, metrics=metrics, plugins={"demo": witness}
        )
        receiver.notifier = await stack.enter_async_context(notifier)
        yield Stage(
            config=file,
            emulator=emulator,
            notifier=notifier,
            metrics=metrics,
            witness=witness,
        )


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
