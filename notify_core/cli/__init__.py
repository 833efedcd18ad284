"""The command line `notify`: one file for each command."""

from notify_core.cli.group import main

__all__ = ["main"]
