"""The tests of configurations as items of pytest: one for each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notify_core.config import load
from notify_core.config.snapshot import Snapshot
from notify_core.errors import ConfigurationError
from notify_core.model.route_test import RouteTest
from notify_core.plugins import Plugins
from notify_core.trial.failure import Failure
from notify_core.trial.route_tests import failure


class Unexpected(Exception):
    """A test of a configuration did not come true.

    Attributes:
        failure: What was expected, and what came.
    """

    def __init__(self, failure: Failure) -> None:
        told = (line.removeprefix("  ") for line in list(failure.lines())[1:])
        super().__init__("\n".join(told))
        self.failure = failure


class RouteTestItem(pytest.Item):
    """One test of a configuration."""

    def __init__(self, *, test: RouteTest, snapshot: Snapshot, **options: Any) -> None:
        super().__init__(**options)
        self._test = test
        self._snapshot = snapshot

    def runtest(self) -> None:
        """Send its messages to scripted providers."""
        failed = asyncio.run(failure(self._test, self._snapshot))
        if failed is not None:
            raise Unexpected(failed)

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None
    ) -> Any:
        """Return what was expected and what came, without a trace."""
        if isinstance(excinfo.value, Unexpected):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where the test stands."""
        line = self._test.place.line
        return self.path, None if line is None else line - 1, self._test.name


class ConfigurationFile(pytest.File):
    """A configuration with tests of its own."""

    def collect(self) -> Iterator[RouteTestItem]:
        """Yield an item for each test.

        Raises:
            CollectError: The configuration cannot be used; says why.
        """
        try:
            snapshot = load(self.path, Plugins())
        except ConfigurationError as error:
            raise self.CollectError(str(error)) from None
        for test in snapshot.tests:
            yield RouteTestItem.from_parent(
                self, name=test.name, test=test, snapshot=snapshot
            )
