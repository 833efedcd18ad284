"""Webhooks for notify-core: signed JSON to named endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notify_core import hookimpl
from notify_webhook.provider_type import WEBHOOK

if TYPE_CHECKING:
    from notify_core.provider import ProviderType


@hookimpl
def notify_register_providers() -> tuple[ProviderType, ...]:
    """Offer the provider type `webhook`."""
    return (WEBHOOK,)
