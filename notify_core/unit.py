"""A configured provider at work: what is declared, and what is connected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import aiohttp
import attrs
from yarl import URL

from notify_core.clock import Clock
from notify_core.config.snapshot import ProviderSettings, WebhookSettings
from notify_core.errors import PluginError
from notify_core.http import HttpClient, new_session
from notify_core.policy.pacing import Pacer
from notify_core.provider import Account, Provider
from notify_core.secret import Secret


@attrs.frozen(kw_only=True, eq=False)
class Unit:
    """A configured provider, built and connected."""

    settings: ProviderSettings
    provider: Provider
    http: HttpClient
    #: The account's secrets, which no vendor's words may bring into a log.
    secrets: tuple[str, ...] = attrs.field(repr=False)
    #: Keeps its requests below its rate; None: it has none.
    pacer: Pacer | None = None
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
    """Build a provider on the host's *session*, or on one of its own.

    Raises:
        PluginError: Its plugin cannot make it.
    """
    used = new_session() if session is None else session
    account = Account(
        name=settings.name,
        settings=settings.settings,
        http=HttpClient(used, clock.now),
        callback_url=_callback_url(settings.webhook),
        now=clock.now,
    )
    own = None if used is session else used
    try:
        provider = settings.type.create(account)
    except Exception as error:
        if own is not None:
            own.detach()  # no connection to close yet
        made = f"provider {settings.name!r} cannot be made: {type(error).__name__}"
        raise PluginError(settings.type.name, made) from error
    return Unit(
        settings=settings,
        provider=provider,
        http=account.http,
        secrets=tuple(_secrets_in(settings.settings)),
        pacer=None if settings.max_rate is None else Pacer(settings.max_rate),
        session=own,
    )


def _secrets_in(value: object) -> Iterator[str]:
    match value:
        case Secret():
            yield value.reveal()
        case Mapping():
            for child in value.values():
                yield from _secrets_in(child)
        case list() | tuple():
            for child in value:
                yield from _secrets_in(child)


def _callback_url(webhook: WebhookSettings | None) -> Secret | None:
    if webhook is None or webhook.public_url is None:
        return None
    return Secret(str(URL(webhook.public_url) / webhook.tokens[0].reveal()))


Units = Mapping[str, Unit]
