"""A configured provider at work: what is declared, and what is connected."""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp
import attrs

from notify_core.clock import Clock
from notify_core.config.snapshot import ProviderSettings
from notify_core.http import HttpClient, new_session
from notify_core.provider import Account, Provider


@attrs.frozen(kw_only=True)
class Unit:
    """A configured provider, built and connected."""

    settings: ProviderSettings
    provider: Provider
    #: Ours to close; None when the host gave its own.
    session: aiohttp.ClientSession | None

    async def aclose(self) -> None:
        """Close the provider and the session that was made for it."""
        try:
            await self.provider.aclose()
        finally:
            if self.session is not None:
                await self.session.close()


def open_unit(
    settings: ProviderSettings, clock: Clock, session: aiohttp.ClientSession | None
) -> Unit:
    """Build a provider on the host's *session*, or on one of its own."""
    own = new_session() if session is None else None
    account = Account(
        name=settings.name,
        settings=settings.settings,
        http=HttpClient(session or own, clock.now),  # type: ignore[arg-type]
        now=clock.now,
    )
    return Unit(settings=settings, provider=settings.type.create(account), session=own)


Units = Mapping[str, Unit]
