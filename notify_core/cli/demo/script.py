"""What a provider type's demo plays: the file `messages.json`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources.abc import Traversable
from typing import Any

import attrs
import msgspec

from notify_core.cli.demo.actions import (
    Action,
    AskBalance,
    PushReceipt,
    ReadConfiguration,
    ReadMetrics,
    Send,
)
from notify_core.errors import ConfigurationError
from notify_core.provider import ProviderType
from notify_core.testing.emulator import structure

CONFIG_FILE = "notify.yaml"
SCRIPT_FILE = "messages.json"


@attrs.frozen(kw_only=True)
class Promise:
    """One line that a step has to show."""

    #: What it is called in the output; empty: as *at*.
    line: str = ""
    #: JSON pointer into what the step shows.
    at: str
    #: What must stand there.
    wanted: Any


@attrs.frozen(kw_only=True)
class Step:
    """One thing that is done, and what it must show. Exactly one action is given."""

    #: What a newcomer is told.
    title: str
    configuration: ReadConfiguration | None = None
    send: Send | None = None
    balance: AskBalance | None = None
    receipt: PushReceipt | None = None
    metrics: ReadMetrics | None = None
    #: Every line that must be shown.
    promises: tuple[Promise, ...] = attrs.field(validator=attrs.validators.min_len(1))

    def __attrs_post_init__(self) -> None:
        if len(self._actions()) != 1:
            raise ValueError(f"step {self.title!r}: give exactly one action")

    @property
    def action(self) -> Action:
        """What is done."""
        return self._actions()[0]

    def _actions(self) -> list[Action]:
        given = (
            self.configuration,
            self.send,
            self.balance,
            self.receipt,
            self.metrics,
        )
        return [action for action in given if action is not None]


@attrs.frozen(kw_only=True)
class Script:
    """The whole demo."""

    #: Name of the configured provider that the emulator pushes to.
    provider: str
    #: Options of the emulator.
    emulator: Mapping[str, Any] = attrs.field(factory=dict)
    #: Environment variables that the configuration refers to: the emulator's own keys.
    environment: Mapping[str, str] = attrs.field(factory=dict)
    #: What is done, in order.
    steps: tuple[Step, ...] = attrs.field(validator=attrs.validators.min_len(1))


def demo_of(kind: ProviderType) -> Traversable:
    """Return the folder of a provider type's demo.

    Raises:
        ConfigurationError: It has none.
    """
    if kind.demo is None:
        raise ConfigurationError(f"provider type {kind.name!r} has no demo")
    return kind.demo


def read_script(folder: Traversable) -> Script:
    """Read what a demo plays.

    Raises:
        ConfigurationError: It cannot be played.
    """
    try:
        told = msgspec.json.decode((folder / SCRIPT_FILE).read_bytes())
        return structure(told, Script, SCRIPT_FILE)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"the demo cannot be played: {error}") from error
