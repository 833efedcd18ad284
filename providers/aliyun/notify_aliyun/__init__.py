"""Alibaba Cloud SMS (阿里云短信服务) for notify-core: SMS in China and abroad."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notify_aliyun.provider_type import ALIYUN
from notify_core import hookimpl

if TYPE_CHECKING:
    from notify_core.provider import ProviderType


@hookimpl
def notify_register_providers() -> tuple[ProviderType, ...]:
    """Offer the provider type `aliyun`."""
    return (ALIYUN,)
