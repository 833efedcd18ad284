"""What every provider must do."""

from collections.abc import Mapping
from typing import Any

from notify_core.plugins import Plugins
from notify_core.testing import ProviderContract


class TestMemory(ProviderContract):
    provider_type = Plugins().provider_types["memory"]

    def settings(self, base_url: str) -> Mapping[str, Any]:
        return {}
