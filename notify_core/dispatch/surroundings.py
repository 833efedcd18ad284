"""What runs work with, and who is told when they end."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import attrs

from notify_core.clock import Clock
from notify_core.config.snapshot import Snapshot
from notify_core.dispatch.leases import Leases
from notify_core.dispatch.ledger import Ledger
from notify_core.model.event import Event
from notify_core.outbox.record import Record
from notify_core.receipts import Receipts
from notify_core.routing.plan import Planner
from notify_core.routing.route import Route
from notify_core.suppressions import Suppressions
from notify_core.unit import Units

#: Told the record and its route when a run ends, in whatever way.
Watch = Callable[[Record, Route], None]


def unwatched(record: Record, route: Route) -> None:
    """Watch nothing: whoever claims the message next finds it in the outbox."""


@attrs.frozen(kw_only=True)
class Surroundings:
    """What every run under one configuration works with."""

    snapshot: Snapshot
    units: Units
    planner: Planner
    ledger: Ledger
    receipts: Receipts
    suppressions: Suppressions
    clock: Clock
    random: Random
    #: Whether anybody watches events of a class.
    is_observed: Callable[[type[Event]], bool]
    #: The runs of this process; None: the outbox is of this process alone.
    leases: Leases | None = None
