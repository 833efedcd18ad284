"""Fixtures for plugins: none is installed, unless a test says so."""

from collections.abc import Callable
from pathlib import Path

import pytest

from notify_core.plugins import PROJECT, SELECTION_VARIABLE
from tests.plugins.plugged import Install


@pytest.fixture(autouse=True)
def none_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Load no entry point unless a test asks for some by name."""
    monkeypatch.setenv(SELECTION_VARIABLE, "")


@pytest.fixture
def select(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda names: monkeypatch.setenv(SELECTION_VARIABLE, names)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put distributions on the path, each offering one module under one name."""
    monkeypatch.syspath_prepend(tmp_path)

    def install(points: dict[str, str], modules: dict[str, str]) -> None:
        for distribution, name in points.items():
            module = distribution.replace("-", "_")
            (tmp_path / f"{module}.py").write_text(modules[distribution])
            info = tmp_path / f"{module}-1.dist-info"
            info.mkdir()
            (info / "METADATA").write_text(f"Name: {distribution}\nVersion: 1\n")
            text = f"[{PROJECT}]\n{name} = {module}\n"
            (info / "entry_points.txt").write_text(text)

    return install
