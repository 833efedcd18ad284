"""What the tests of configurations share."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from notify_core import hookimpl
from notify_core.plugins import Plugins
from notify_core.provider import ProviderType
from tests.config.bench import BROKEN, FILED, IDS, PLAIN, Bench

PluginsWith = Callable[..., Plugins]


@pytest.fixture
def plugins_with(
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Plugins]:
    """Make plugins that offer exactly these provider types."""
    monkeypatch.setenv("NOTIFY_PLUGINS", "")

    def make(*types: ProviderType) -> Plugins:
        @hookimpl
        def notify_register_providers() -> list[ProviderType]:
            return list(types)

        plugin = SimpleNamespace(notify_register_providers=notify_register_providers)
        return Plugins(extra={"here": plugin})

    return make


@pytest.fixture
def plugins(plugins_with: Callable[..., Plugins]) -> Plugins:
    """The provider types of these tests."""
    return plugins_with(FILED, PLAIN, IDS, BROKEN)


@pytest.fixture
def environ() -> dict[str, str]:
    """The environment that references lead to."""
    return {
        "ACCOUNT": "C1",
        "KEY": "k3y-of-the-account",
        "TOKEN": "token-of-22-characters",
        "SHORT": "123456789012345",
        "EMPTY": "",
        "PROXY_PASSWORD": "p4ss-of-the-proxy",
    }


@pytest.fixture
def bench(tmp_path: Path, plugins: Plugins, environ: dict[str, str]) -> Bench:
    """A folder to configure in."""
    return Bench(tmp_path, plugins, environ)
