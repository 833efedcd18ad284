"""Webhooks out: tells endpoints of events, by messages like any other."""

from notify_core.webhooks_out.outgoing import Outgoing

__all__ = ["Outgoing"]
