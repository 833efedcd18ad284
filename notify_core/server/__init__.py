"""The HTTP service: an application that a host mounts, and that `notify serve` runs."""

from __future__ import annotations

from notify_core.server.application import application
from notify_core.server.keys import ApiKey, KeyFile, Scope

__all__ = ["ApiKey", "KeyFile", "Scope", "application"]
