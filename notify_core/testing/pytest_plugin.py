"""The pytest plugin of the test kit: readable failures, emulators, route tests.

pytest finds it by its entry point where notify-core is installed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from notify_core.testing.emulator import Emulator

pytest.register_assert_rewrite("notify_core.testing")

#: The option that names configurations.
CONFIGS = "notify_configs"
#: What a configuration is called that is collected without being named.
SUFFIX = ".notify.yaml"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that names configurations."""
    told = f"configurations whose tests are collected, beside every *{SUFFIX}"
    parser.addini(CONFIGS, help=told, type="paths", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Let a run of all tests reach the configurations outside of `testpaths`."""
    if config.args_source is pytest.Config.ArgsSource.TESTPATHS:
        config.args += [str(path) for path in config.getini(CONFIGS)]


def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> pytest.Collector | None:
    """Collect the tests that a configuration has of itself."""
    is_named = file_path in parent.config.getini(CONFIGS)
    if not is_named and not file_path.name.endswith(SUFFIX):
        return None
    # Imported here: most tests of a project that has the plugin have none of these.
    from notify_core.testing.pytest_routes import (  # noqa: PLC0415
        ConfigurationFile,
    )

    return ConfigurationFile.from_parent(parent, path=file_path)


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
