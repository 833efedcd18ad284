"""The pytest plugin of the test kit: readable failures, and emulators as a fixture.

pytest finds it by its entry point where notify-core is installed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from notify_core.testing.emulator import Emulator

pytest.register_assert_rewrite("notify_core.testing")


@pytest.fixture
def emulator_of() -> Iterator[Callable[..., Emulator]]:
    """Start the emulator of an installed provider type; it ends with the test.

    `emulator_of("acme", push_url=…)` runs it on a free port of loopback, on a thread
    of its own, with these options; `.url` says where.
    """
    # Imported here: most tests of a project that has the plugin need no emulator.
    from notify_core.plugins import Plugins  # noqa: PLC0415
    from notify_core.testing.threaded import threaded  # noqa: PLC0415

    with ExitStack() as stack:

        def start(provider_type: str, **options: Any) -> Emulator:
            kind = Plugins().provider_types[provider_type]
            return stack.enter_context(threaded(kind.make_emulator(options)))

        yield start
