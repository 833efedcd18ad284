"""The place where a test takes an option out of a configuration, to see it missed."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

from notify_core.config.document import Document

#: Changes a configuration before it is compiled; nothing but a test sets it.
alteration: ContextVar[Callable[[Document], Document] | None] = ContextVar(
    "alteration", default=None
)


def passed(document: Document) -> Document:
    """Return what is compiled in the place of a configuration: usually itself."""
    alter = alteration.get()
    return document if alter is None else alter(document)
