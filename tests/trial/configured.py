"""Snapshots of small configurations, and planners for them."""

from random import Random
from typing import Any

from notify_core.config import load
from notify_core.config.snapshot import Snapshot
from notify_core.plugins import Plugins
from notify_core.routing.plan import Planner
from notify_core.testing import FakeVendor
from notify_core.trial.clock import VirtualClock
from notify_core.trial.stage import fresh_planner
from tests.builders import NOON, NUMBER
from tests.options.configured import CODE, LEAST

NOTICE = {"to": NUMBER, "content": {"text": "Your parcel is here."}}
LOGIN = {"to": NUMBER, "template": "code", "params": {"code": "1234"}}


def configured(*vendors: FakeVendor, **sections: Any) -> Snapshot:
    """Return a configuration with these sections in the place of the least ones."""
    given = vendors or (FakeVendor(),)
    plugins = Plugins(extra={f"vendor-{n}": vendor for n, vendor in enumerate(given)})
    return load({**LEAST, "templates": {"code": CODE}, **sections}, plugins)


def planner(snapshot: Snapshot) -> Planner:
    """Return a planner at noon, to which every provider is well."""
    return fresh_planner(snapshot, VirtualClock(NOON), Random(1))  # noqa: S311 (no secret)
