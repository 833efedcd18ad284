"""What every provider must do."""

from collections.abc import Mapping
from typing import Any

from notify_core.plugins import Plugins
from notify_core.testing import ProviderContract


class TestConsole(ProviderContract):
    provider_type = Plugins().provider_types["console"]

    def settings(self, base_url: str) -> Mapping[str, Any]:
        return {}
