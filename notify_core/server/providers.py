"""Providers: how they are, and whether they are used."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime

import attrs
from aiohttp import web

from notify_core.errors import NotifyError, UnsupportedFeature
from notify_core.model.channel import Channel
from notify_core.model.outcome import Reason
from notify_core.model.receipt import Balance
from notify_core.names import nearest
from notify_core.outbox.port import Pause
from notify_core.routing.health.rest import Rest
from notify_core.server.answer import answer
from notify_core.server.endpoint import Endpoint
from notify_core.server.keys import ApiKey, Scope
from notify_core.server.problem import Kind, Refused
from notify_core.server.query import texts, wrong_parameter
from notify_core.server.service import Service
from notify_core.wire.misfit import shown

#: Seconds that the vendors have to tell their balances.
_PATIENCE = 10.0


@attrs.frozen(kw_only=True)
class Resting:
    """Why a provider is left alone, and how long."""

    reason: Reason
    until: datetime


@attrs.frozen(kw_only=True)
class Paused:
    """Who is left alone because somebody said so."""

    why: str
    since: datetime


@attrs.frozen(kw_only=True)
class Shown:
    """How one provider is."""

    name: str
    type: str
    channels: tuple[Channel, ...]
    #: None: it is well.
    resting: Resting | None
    #: None: it is used.
    paused: Paused | None
    #: None: it was not asked for, or the vendor tells none.
    balance: Balance | None = None
    #: Why there is no balance though it was asked for.
    no_balance: str | None = None


class Providers:
    """Everything under `/v1/providers`."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._notifier = service.notifier

    def endpoints(self) -> Iterator[Endpoint]:
        """Yield what there is."""
        one = "/v1/providers/{name}"
        yield Endpoint("GET", "/v1/providers", self.show, Scope.READ, ("balance",))
        yield Endpoint("POST", f"{one}/pause", self.pause, Scope.ADMIN)
        yield Endpoint("POST", f"{one}/resume", self.resume, Scope.ADMIN)

    async def show(self, request: web.Request, key: ApiKey) -> web.Response:
        """Show all providers; with `?balance=true` what is left on the accounts."""
        wanted = request.query.get("balance", "false")
        if wanted not in ("true", "false"):
            raise wrong_parameter("balance", "is neither true nor false")
        paused = {pause.provider: pause for pause in await self._notifier.paused()}
        told = [self._shown(name, paused.get(name)) for name in self._names]
        if wanted == "true":
            told = await asyncio.gather(*map(self._with_balance, told))
        return answer({"providers": told})

    async def pause(self, request: web.Request, key: ApiKey) -> web.Response:
        """Leave a provider alone until it is resumed."""
        name = self._named(request)
        sent = await self._service.bodies.json(request)
        body = texts(sent, ("why",), needed=("why",))
        await self._notifier.pause(name, body["why"])
        return answer({"provider": name, "paused": True})

    async def resume(self, request: web.Request, key: ApiKey) -> web.Response:
        """Use a provider again."""
        name = self._named(request)
        await self._notifier.resume(name)
        return answer({"provider": name, "paused": False})

    @property
    def _names(self) -> Iterator[str]:
        return iter(self._notifier.providers)

    def _named(self, request: web.Request) -> str:
        name = request.match_info["name"]
        if name in self._notifier.providers:
            return name
        hint = nearest(shown(name), self._notifier.providers)
        raise Refused(Kind.NOT_FOUND, f"no provider {shown(name)!r}; {hint}")

    def _shown(self, name: str, pause: Pause | None) -> Shown:
        settings = self._notifier.providers[name]
        rest = self._notifier.rest(name)
        return Shown(
            name=name,
            type=settings.type.name,
            channels=tuple(sorted(settings.capabilities.channels)),
            resting=_resting(rest),
            paused=_paused(pause),
        )

    async def _with_balance(self, told: Shown) -> Shown:
        try:
            async with asyncio.timeout(_PATIENCE):
                balance = await self._notifier.balance(told.name)
        except UnsupportedFeature:
            return attrs.evolve(told, no_balance="its vendor tells none")
        except NotifyError as error:
            return attrs.evolve(told, no_balance=str(error))
        except TimeoutError:
            return attrs.evolve(told, no_balance="the vendor did not answer in time")
        return attrs.evolve(told, balance=balance)


def _resting(rest: Rest | None) -> Resting | None:
    return None if rest is None else Resting(reason=rest.reason, until=rest.until)


def _paused(pause: Pause | None) -> Paused | None:
    return None if pause is None else Paused(why=pause.why, since=pause.at)
