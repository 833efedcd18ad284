"""`notify template`: what can be said, how it reads, and what it would cost."""

from notify_core.cli.template.command import command

__all__ = ["command"]
