"""Takes over a changed configuration while a notifier is open: when, and how."""

from __future__ import annotations

from notify_core.reloading.on_change import reload_on_change
from notify_core.reloading.on_signal import reload_on_signal

__all__ = ["reload_on_change", "reload_on_signal"]
