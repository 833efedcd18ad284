"""The pytest plugin that comes with the test kit."""

from collections.abc import Callable
from urllib.request import urlopen

import pytest

from notify_core.testing import Emulator


def test_the_fixture_runs_an_emulator_beside_code_without_a_loop(
    emulator_of: Callable[..., Emulator],
) -> None:
    emulator = emulator_of("ihuyi")

    with urlopen(f"{emulator.url}/_emulator/messages") as answer:  # noqa: S310 (loopback)
        assert answer.status == 200


def test_the_options_of_the_emulator_are_checked(
    emulator_of: Callable[..., Emulator],
) -> None:
    with pytest.raises(ValueError, match="no_such_option"):
        emulator_of("ihuyi", no_such_option=1)
