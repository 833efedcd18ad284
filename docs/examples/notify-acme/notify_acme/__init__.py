"""Acme for notify-core: text messages over a JSON interface."""

from notify_acme.provider_type import ACME
from notify_core import hookimpl
from notify_core.provider import ProviderType


@hookimpl
def notify_register_providers() -> list[ProviderType]:
    """Offer the provider type `acme`."""
    return [ACME]
