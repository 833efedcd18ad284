"""Messages in a PostgreSQL database: for any number of machines."""

from notify_core.outbox.postgres.outbox import PostgresOutbox

__all__ = ["PostgresOutbox"]
