"""One thread with one connection: what waits for it is committed together."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

import attrs

from notify_core.outbox.sqlite.file import File

T = TypeVar("T")
Operation = Callable[[sqlite3.Connection], T]

#: Operations in one transaction.
MOST_AT_ONCE = 500

#: Connections that a fork brought along: the parent's, and not to be touched here.
_PARENTS: list[object] = []


@attrs.frozen(eq=False)
class _Job:
    operation: Operation[Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop


@attrs.frozen(eq=False)
class _Done:
    job: _Job
    value: Any = None
    error: BaseException | None = None

    def tell(self) -> None:
        """Answer the caller, if it still waits."""
        if self.job.future.done():
            return
        if self.error is None:
            self.job.future.set_result(self.value)
        else:
            self.job.future.set_exception(self.error)


class _Spoiled(Exception):
    """An operation failed when it had written something."""


class _Reopening:
    """Stands among the jobs where the connection is to be closed."""


_REOPENING = _Reopening()
_Jobs = SimpleQueue[_Job | _Reopening | None]


class Desk:
    """Runs operations in the order given, many in one transaction.

    While one transaction is written to the disk, the next gathers. An operation that
    raises before it wrote fails alone.

    Args:
        file: What is opened, again after each failure.
        begin: How a transaction begins: `BEGIN IMMEDIATE` to write.
        spoil: Called when what operations did was undone.
    """

    def __init__(
        self, file: File, begin: str, spoil: Callable[[], None] | None = None
    ) -> None:
        self._file = file
        self._begin = begin
        self._spoil = spoil
        self._database: sqlite3.Connection | None = None
        self._jobs: _Jobs = SimpleQueue()
        self._thread: Thread | None = None
        self._ended: Future[None] = Future()
        self._pid = os.getpid()

    async def run(self, operation: Operation[T]) -> T:
        """Run an operation and return what it returned, once that is on the disk.

        Raises:
            StoreUnavailable: The database failed; nothing was written.
        """
        loop = asyncio.get_running_loop()
        job = _Job(operation, loop.create_future(), loop)
        if self._thread is None or self._pid != os.getpid():
            self._start()
        self._jobs.put(job)
        result: T = await job.future
        return result

    def reopen(self) -> None:
        """Open the file anew for the next operation."""
        if self._thread is not None and self._pid == os.getpid():
            self._jobs.put(_REOPENING)

    async def aclose(self) -> None:
        """Run what was given, and close the connection; it may be used again."""
        thread, self._thread = self._thread, None
        if thread is not None and self._pid == os.getpid():
            self._jobs.put(None)
            # Not joined in a thread: at the end of a program none is to be had.
            await asyncio.wrap_future(self._ended)

    def _start(self) -> None:
        if self._pid != os.getpid():
            _PARENTS.append((self._database, self._jobs))
            self._database, self._pid = None, os.getpid()
        self._jobs, self._ended = SimpleQueue(), Future()
        name = f"notify outbox {self._file.path.name}"
        given = (self._jobs, self._ended)
        self._thread = Thread(target=self._work, args=given, name=name, daemon=True)
        self._thread.start()

    def _work(self, jobs: _Jobs, ended: Future[None]) -> None:
        waiting: list[_Job | _Reopening | None] = []
        while None not in waiting:
            waiting = _waiting(jobs)
            given = [job for job in waiting if isinstance(job, _Job)]
            _tell(self._done([job for job in given if not job.future.cancelled()]))
            if _REOPENING in waiting:
                self._close()
        self._close()
        ended.set_result(None)

    def _done(self, jobs: list[_Job]) -> list[_Done]:
        try:
            return self._transaction(jobs) if jobs else []
        except BaseException as error:  # noqa: BLE001 (the thread must not end)
            self._undo()
            if len(jobs) > 1 and not _is_outage(error):
                return [done for job in jobs for done in self._done([job])]
            told = self._told(error)
            return [_Done(job, error=told) for job in jobs]

    def _transaction(self, jobs: list[_Job]) -> list[_Done]:
        if self._database is None:
            self._database = self._file.open()
        database = self._database
        database.execute(self._begin)
        done = [self._run(job, database) for job in jobs]
        database.execute("COMMIT")
        return done

    def _run(self, job: _Job, database: sqlite3.Connection) -> _Done:
        written = database.total_changes
        try:
            return _Done(job, job.operation(database))
        except sqlite3.Error:
            raise
        except BaseException as error:
            if database.total_changes != written:
                raise _Spoiled from error
            return _Done(job, error=error)

    def _told(self, error: BaseException) -> BaseException:
        if isinstance(error, _Spoiled) and error.__cause__ is not None:
            return error.__cause__
        return self._file.unavailable(error) if isinstance(error, Exception) else error

    def _undo(self) -> None:
        """Forget the transaction, and the connection with it."""
        if self._spoil is not None:
            self._spoil()
        self._close()

    def _close(self) -> None:
        database, self._database = self._database, None
        if database is not None:
            database.close()


_OF_ONE_OPERATION = (
    _Spoiled,
    sqlite3.IntegrityError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
    sqlite3.DataError,
)


def _is_outage(error: BaseException) -> bool:
    """Tell whether the next operation would fail as well."""
    return not isinstance(error, _OF_ONE_OPERATION)


def _waiting(jobs: _Jobs) -> list[_Job | _Reopening | None]:
    """Return what waits, as soon as something does."""
    waiting = [jobs.get()]
    with suppress(Empty):
        while len(waiting) < MOST_AT_ONCE:
            waiting.append(jobs.get_nowait())
    return waiting


def _tell(done: list[_Done]) -> None:
    by_loop: defaultdict[asyncio.AbstractEventLoop, list[_Done]] = defaultdict(list)
    for one in done:
        by_loop[one.job.loop].append(one)
    for loop, told in by_loop.items():
        try:
            loop.call_soon_threadsafe(_tell_all, told)
        except RuntimeError:
            continue  # its loop was closed: nobody waits any more


def _tell_all(done: list[_Done]) -> None:
    for one in done:
        one.tell()
