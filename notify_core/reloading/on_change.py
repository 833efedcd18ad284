"""Reloads when a file of the configuration changes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from notify_core.errors import ConfigurationError
from notify_core.reloading.background import Reloadable, in_background, reload_quietly

if TYPE_CHECKING:
    from watchfiles import Change

#: How files of a configuration end; further ones may join those that were read.
_ENDINGS = (".yaml", ".yml", ".json")
#: Kubernetes replaces what it mounts by turning a link of this kind of name.
_LINK = ".."


@asynccontextmanager
async def reload_on_change(notifier: Reloadable) -> AsyncIterator[None]:
    """Reload an open notifier's file when it changes, while the block lasts.

    Watched are the file itself, the template files beside it, and the files of
    secrets. Whatever is refused shows in the log and the metrics, and nowhere else.

    Raises:
        ConfigurationError: The configuration came from no file.
        ModuleNotFoundError: The distribution `watchfiles` is not installed.
    """
    if notifier.snapshot.file is None:
        raise ConfigurationError("there is no file to watch: a program made it")
    watch = _watch()

    async def reload_each() -> None:
        while True:
            folders = _folders(notifier)
            async for _ in watch(folders, _concerning(notifier)):
                await reload_quietly(notifier)
                if _folders(notifier) != folders:
                    break

    async with in_background(reload_each(), "notify-reload-on-change"):
        yield


_Concerns = Callable[["Change", str], bool]
_Watch = Callable[[Iterable[Path], _Concerns], AsyncIterator[object]]


def _watch() -> _Watch:
    try:
        from watchfiles import awatch  # noqa: PLC0415 (an optional dependency)
    except ModuleNotFoundError as error:
        remedy = "pip install 'notify-core[watch]'"
        raise ModuleNotFoundError(
            f"watching files needs watchfiles: {remedy}", name="watchfiles"
        ) from error

    def watch(folders: Iterable[Path], concerns: _Concerns) -> AsyncIterator[object]:
        return awatch(*folders, watch_filter=concerns, recursive=False)

    return watch


def _folders(notifier: Reloadable) -> frozenset[Path]:
    # Folders, not files: editors and Kubernetes put new files in their place.
    return frozenset(file.absolute().parent for file in notifier.snapshot.files)


def _concerning(notifier: Reloadable) -> _Concerns:
    """Return what tells a file of the configuration from its neighbours."""

    def concerns(_: Change, path: str) -> bool:
        name = Path(path).name
        if name.endswith(_ENDINGS) or name.startswith(_LINK):
            return True
        return any(Path(path) == file.absolute() for file in notifier.snapshot.files)

    return concerns
