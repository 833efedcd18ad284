"""A platform with its first configuration."""

from pathlib import Path

import pytest

from tests.reloading.platform import Platform


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    platform = Platform(tmp_path)
    platform.write("a")
    return platform
