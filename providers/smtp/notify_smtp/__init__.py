"""E-mail by SMTP for notify-core: any mail server that takes submissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notify_core import hookimpl
from notify_smtp.provider_type import SMTP

if TYPE_CHECKING:
    from notify_core.provider import ProviderType


@hookimpl
def notify_register_providers() -> tuple[ProviderType, ...]:
    """Offer the provider type `smtp`."""
    return (SMTP,)
