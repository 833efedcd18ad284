"""The test kit: contracts for providers and outboxes, fakes, wire faults, emulators.

Every name is imported when it is first used: an emulator runs where pytest is not
installed.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notify_core.testing.contract import (
        HttpProviderContract as HttpProviderContract,
    )
    from notify_core.testing.contract import ProviderContract as ProviderContract
    from notify_core.testing.emulator import Emulator as Emulator
    from notify_core.testing.fakes import FakeClock as FakeClock
    from notify_core.testing.fakes import FakeProvider as FakeProvider
    from notify_core.testing.fakes import FakeVendor as FakeVendor
    from notify_core.testing.faults import FaultServer as FaultServer
    from notify_core.testing.outbox import (
        DurableOutboxContract as DurableOutboxContract,
    )
    from notify_core.testing.outbox import OutboxContract as OutboxContract
    from notify_core.testing.wire_table import HttpAnswer as HttpAnswer

_HOMES = {
    "DurableOutboxContract": "notify_core.testing.outbox",
    "Emulator": "notify_core.testing.emulator",
    "FakeClock": "notify_core.testing.fakes",
    "FakeProvider": "notify_core.testing.fakes",
    "FakeVendor": "notify_core.testing.fakes",
    "FaultServer": "notify_core.testing.faults",
    "HttpAnswer": "notify_core.testing.wire_table",
    "HttpProviderContract": "notify_core.testing.contract",
    "OutboxContract": "notify_core.testing.outbox",
    "ProviderContract": "notify_core.testing.contract",
}

__all__ = [
    "DurableOutboxContract",
    "Emulator",
    "FakeClock",
    "FakeProvider",
    "FakeVendor",
    "FaultServer",
    "HttpAnswer",
    "HttpProviderContract",
    "OutboxContract",
    "ProviderContract",
]


if not TYPE_CHECKING:  # or every misspelt import would be right

    def __getattr__(name):
        if name in _HOMES:
            return getattr(import_module(_HOMES[name]), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__():
        return sorted({*globals(), *__all__})
