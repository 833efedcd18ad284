"""What drains a durable outbox."""

from notify_core.worker.worker import Worker

__all__ = ["Worker"]
