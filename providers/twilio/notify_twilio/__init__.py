"""Twilio for notify-core: SMS, with status callbacks and replies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notify_core import hookimpl
from notify_twilio.provider_type import TWILIO

if TYPE_CHECKING:
    from notify_core.provider import ProviderType


@hookimpl
def notify_register_providers() -> tuple[ProviderType, ...]:
    """Offer the provider type `twilio`."""
    return (TWILIO,)
