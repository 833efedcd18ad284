"""Messages in this process's memory: nothing is set up, and nothing survives it."""

from notify_core.outbox.memory.outbox import MemoryOutbox

__all__ = ["MemoryOutbox"]
