"""Asks a vendor what became of an attempt whose answer was lost."""

from __future__ import annotations

import asyncio
import logging

from notify_core.dispatch.surroundings import Surroundings
from notify_core.errors import NotifyError
from notify_core.model.event import PluginFailed
from notify_core.model.receipt import Receipt
from notify_core.outbox.port import Found
from notify_core.provider import SupportsQuery
from notify_core.receipts import checked
from notify_core.unit import Unit

#: Seconds that a provider may take to answer a question.
LONGEST_ANSWER = 10.0

log = logging.getLogger("notify_core.settler")


async def inquire(around: Surroundings, found: Found) -> None:
    """Ask the vendor, and apply what it knows.

    Raises:
        StoreUnavailable: What it knows could not be stored.
    """
    unit = around.units.get(found.record.attempt(found.number).provider)
    if unit is None:
        return  # a reload took it away
    receipt = await _answer(around, unit, found)
    if receipt is not None:
        await around.receipts.take_answer(unit.settings, found, receipt)


async def _answer(around: Surroundings, unit: Unit, found: Found) -> Receipt | None:
    if not isinstance(unit.provider, SupportsQuery):
        return None
    attempt, recipient = found.record.attempt(found.number), found.record.recipient
    try:
        async with asyncio.timeout(LONGEST_ANSWER):
            receipt = await unit.provider.query(attempt, recipient)
        return None if receipt is None else checked(receipt)
    except NotifyError as error:
        log.warning("provider %s: query failed: %s", attempt.provider, error)
    except Exception as error:  # noqa: BLE001 (a stranger's code must not lose a message)
        kind, plugin = type(error).__name__, unit.settings.type.name
        around.ledger.observe(PluginFailed(plugin=plugin, hook="query", error=kind))
    return None
