"""ihuyi (互亿无线) for notify-core: SMS and voice in China, international SMS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notify_core import hookimpl
from notify_ihuyi.provider_type import IHUYI

if TYPE_CHECKING:
    from notify_core.provider import ProviderType


@hookimpl
def notify_register_providers() -> tuple[ProviderType, ...]:
    """Offer the provider type `ihuyi`."""
    return (IHUYI,)
