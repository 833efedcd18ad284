"""`notify demo`: a vendor's whole exchange, played and checked on this machine."""

from notify_core.cli.demo.command import command

__all__ = ["command"]
