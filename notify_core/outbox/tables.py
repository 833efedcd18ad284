"""The tables of a durable outbox: their version, and bringing them up to this one."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Protocol

import attrs

from notify_core.errors import StoreUnavailable


@attrs.frozen(kw_only=True)
class Version:
    """What tables have."""

    #: How many migrations; 0: there are no tables.
    tables: int
    #: The version of the library whose queue is in there; None: there is none.
    queue: str | None = None


class Tables(Protocol):
    """The tables of one outbox. Opening the outbox brings them up to date as well."""

    @property
    def place(self) -> str:
        """Where they are, without a password."""
        ...

    @property
    def newest(self) -> Version:
        """What this notify-core makes."""
        ...

    async def version(self) -> Version:
        """Return what they have; nothing is changed.

        Raises:
            StoreUnavailable: They cannot be read.
        """
        ...

    async def migrate(self) -> None:
        """Make what is missing; two processes at once make it once.

        Raises:
            StoreUnavailable: They cannot be written, or a newer notify-core made them.
        """
        ...


def check_not_newer(at: int, newest: int) -> None:
    """Refuse tables of a later version.

    Raises:
        StoreUnavailable: They are.
    """
    if at > newest:
        raise StoreUnavailable(
            f"the outbox has tables of version {at}, and this notify-core knows "
            f"{newest}: update notify-core, or name another outbox in outbox.url"
        )


@cache
def scripts(package: str) -> tuple[str, ...]:
    """Return the migrations of a kind of outbox, oldest first.

    One that was published is never changed; another is added.
    """
    folder = files(package) / "migrations"
    found = sorted(folder.iterdir(), key=lambda script: script.name)
    return tuple(s.read_text("utf-8") for s in found if s.name.endswith(".sql"))
