"""Which plugins `NOTIFY_PLUGINS` selects."""

from __future__ import annotations

import os
from importlib.metadata import entry_points

from notify_core.errors import ConfigurationError
from notify_core.names import nearest
from notify_core.plugins import PROJECT, SELECTION_VARIABLE


def check_selection() -> None:
    """Refuse a selection of plugins that are not installed.

    Raises:
        ConfigurationError: It names one; says which, and the nearest.
    """
    selected = os.environ.get(SELECTION_VARIABLE)
    if not selected:
        return
    installed = {point.name for point in entry_points(group=PROJECT)}
    unknown = {name.strip() for name in selected.split(",")} - installed - {""}
    if unknown:
        name = min(unknown)
        why = f"{SELECTION_VARIABLE} names {name!r}, which is no installed plugin"
        raise ConfigurationError(f"{why}; {nearest(name, installed)}")
