"""One reload: read, check and try aside, then take over whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import attrs

from notify_core.aside import aside
from notify_core.config import load
from notify_core.config.read import Source, unusable
from notify_core.config.snapshot import Snapshot
from notify_core.errors import ConfigurationError
from notify_core.model.event import ConfigReloaded
from notify_core.plugins import Plugins
from notify_core.trial import failures

_NO_FILE = "the configuration in use came from no file: name what is to be read"


@attrs.frozen(kw_only=True, eq=False)
class Reloader:
    """Reloads the configuration of one open notifier, one time after another."""

    plugins: Plugins
    now: Callable[[], datetime]
    #: The configuration in use.
    current: Callable[[], Snapshot]
    #: Makes another one the one in use, or raises `PluginError` and changes nothing.
    take_over: Callable[[Snapshot], Awaitable[None]]
    _turn: asyncio.Lock = attrs.field(factory=asyncio.Lock, init=False)

    async def reload(self, source: Source | None) -> Snapshot:
        """Take over what is read from *source*, and return it.

        Args:
            source: A file, or a mapping; None: the file of the one in use.

        Raises:
            ConfigurationError: It cannot be used; what was in use still is.
        """
        async with self._turn:
            before = self.current()
            try:
                snapshot = await aside(self._read, source, before)
                await self.take_over(snapshot)
            except ConfigurationError as error:
                self._tell_refused(before, error)
                raise
            self._tell_taken_over(before, snapshot)
            return snapshot

    def _read(self, source: Source | None, before: Snapshot) -> Snapshot:
        """Do what takes time, on a thread beside the event loop's."""
        source = before.file if source is None else source
        if source is None:
            raise ConfigurationError(_NO_FILE)
        try:
            snapshot = load(source, self.plugins)
            failed = [failure.problem for failure in failures(snapshot)]
        except ConfigurationError:
            raise
        except Exception as error:  # a stranger's plugin checks and compiles with us
            why = f"a plugin raised {type(error).__name__} while it was compiled"
            raise ConfigurationError(why) from error
        if failed:
            raise unusable(snapshot.file, failed)
        return snapshot

    def _tell_taken_over(self, before: Snapshot, after: Snapshot) -> None:
        removed = [name for name in before.providers if name not in after.providers]
        self.plugins.observe(
            ConfigReloaded(
                config=after.hash,
                previous=before.hash,
                ok=True,
                providers=tuple(after.providers),
                removed=tuple(removed),
                at=self.now(),
            )
        )

    def _tell_refused(self, before: Snapshot, error: ConfigurationError) -> None:
        problems = tuple(map(str, error.problems)) or (str(error),)
        self.plugins.observe(
            ConfigReloaded(
                config=before.hash,
                previous=before.hash,
                ok=False,
                problems=problems,
                providers=tuple(before.providers),
                at=self.now(),
            )
        )
