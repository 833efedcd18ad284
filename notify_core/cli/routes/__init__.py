"""`notify routes`: where messages go, why, and whether that is as it should be."""

from notify_core.cli.routes.command import command

__all__ = ["command"]
