"""The database server: connecting to it, and what its errors mean."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import attrs

from notify_core.errors import StoreUnavailable

#: Seconds for a transaction, and for connecting: what takes longer has failed.
TIMEOUT = 5.0
#: Seconds for making the tables, or for waiting until another process has made them.
MIGRATION_TIMEOUT = 60.0

#: Undone by the server, and to be tried again: it met another transaction.
COLLISIONS: tuple[type[Exception], ...] = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.UniqueViolationError,
)
#: What shows that the server cannot be used now, or refuses what was asked.
FAILURES: tuple[type[Exception], ...] = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    # What a server that dies in the middle of an answer leaves behind.
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
_OF_ONE_OPERATION = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)


class Connection(Protocol):
    """What is used of a connection of asyncpg."""

    async def execute(self, query: str, *args: object) -> str:
        """Run a statement."""
        ...

    async def fetch(self, query: str, *args: object) -> list[Any]:
        """Return the rows of a query."""
        ...

    async def fetchval(self, query: str, *args: object) -> Any:
        """Return the first value of the first row, or None."""
        ...

    def transaction(self) -> AbstractAsyncContextManager[Any]:
        """Return a transaction to enter."""
        ...

    async def add_listener(self, channel: str, callback: Callable[..., None]) -> None:
        """Listen to a channel."""
        ...

    def add_termination_listener(self, callback: Callable[..., None]) -> None:
        """Call back when the connection ends."""
        ...

    def is_closed(self) -> bool:
        """Tell whether the connection has ended."""
        ...

    async def close(self, *, timeout: float) -> None:  # noqa: ASYNC109 (asyncpg's)
        """End the connection."""
        ...

    def terminate(self) -> None:
        """End the connection without a word to the server."""
        ...


@attrs.frozen(kw_only=True)
class Server:
    """A database and how it is connected to."""

    #: `postgresql://user:password@host:port/database?…`.
    url: str = attrs.field(repr=False)
    #: Seconds for a transaction, and for connecting.
    timeout: float = TIMEOUT
    #: Whether a commit waits for the disk; without, a crash of the server may undo it,
    #: but never without those that came after it.
    waits_for_disk: bool = True

    @property
    def name(self) -> str:
        """Where it is, without the password."""
        parts = urlsplit(self.url)
        return f"{parts.hostname or 'localhost'}:{parts.port or 5432}{parts.path}"

    async def connect(self) -> Connection:
        """Return a new connection.

        Raises:
            Exception: One of `FAILURES`.
        """
        async with asyncio.timeout(self.timeout):
            connection = await asyncpg.connect(
                self.url, timeout=self.timeout, server_settings=self._settings()
            )
        return cast("Connection", connection)

    def unavailable(self, error: BaseException) -> StoreUnavailable:
        """Return an error of the database in the words of the project."""
        why = str(error) or "no answer in time"
        return StoreUnavailable(f"outbox {self.name}: {why}: {_remedy(error)}")

    def _settings(self) -> dict[str, str]:
        milliseconds = str(int(self.timeout * 1000))
        return {
            "application_name": "notify-core",
            "TimeZone": "UTC",
            # What a lost connection left open must not keep others from its rows.
            "statement_timeout": milliseconds,
            "idle_in_transaction_session_timeout": milliseconds,
            # Nor connections from others: the server asks after a minute at most.
            "tcp_keepalives_idle": "30",
            "tcp_keepalives_interval": "10",
            "tcp_keepalives_count": "3",
            # Compiling costs more than these queries do.
            "jit": "off",
            **({} if self.waits_for_disk else {"synchronous_commit": "off"}),
        }


def is_outage(error: BaseException) -> bool:
    """Tell whether the next operation would fail as well."""
    return isinstance(error, FAILURES) and not isinstance(error, _OF_ONE_OPERATION)


def _remedy(error: BaseException) -> str:
    for kinds, remedy in _REMEDIES.items():
        if isinstance(error, kinds):
            return remedy
    return "see the server's log"


_REMEDIES: dict[tuple[type[Exception], ...], str] = {
    (asyncpg.InvalidAuthorizationSpecificationError,): "check user and password",
    (asyncpg.InvalidCatalogNameError,): "create the database",
    (asyncpg.InsufficientPrivilegeError,): (
        "let the user create the schema notify_core in the database"
    ),
    (asyncpg.ReadOnlySQLTransactionError,): "name the primary server in outbox.url",
    (asyncpg.DiskFullError,): "make room on the server's disk",
    (asyncpg.TooManyConnectionsError,): "raise max_connections on the server",
    (
        OSError,
        TimeoutError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,
        asyncpg.PostgresConnectionError,
        asyncpg.OperatorInterventionError,
    ): "see that the server runs and can be reached",
}
