"""Asks a provider what is left on its account."""

from __future__ import annotations

from notify_core.dispatch.parts import Parts
from notify_core.errors import NotifyError, ProviderUnavailable, UnsupportedFeature
from notify_core.model.event import BalanceRead
from notify_core.model.receipt import Balance
from notify_core.provider import SupportsBalance
from notify_core.unit import Unit


async def balance_of(unit: Unit, parts: Parts) -> Balance:
    """Ask, and tell observers what was said.

    Raises:
        UnsupportedFeature: The vendor tells no balance.
        ProviderUnavailable: No usable answer came; says why.
    """
    balance = await _asked(unit, parts)
    at = parts.clock.now()
    told = BalanceRead(provider=unit.settings.name, balance=balance, at=at)
    parts.plugins.observe(told)
    return balance


async def _asked(unit: Unit, parts: Parts) -> Balance:
    asked, can = unit.provider, unit.settings.capabilities
    if not can.balance or not isinstance(asked, SupportsBalance):
        raise UnsupportedFeature(unit.settings.name, "a balance")
    try:
        return await asked.balance()
    except NotifyError:
        raise
    except Exception as error:
        kind = parts.tell_failed(unit, "balance", error)
        raise ProviderUnavailable(f"its plugin raised {kind}") from error
