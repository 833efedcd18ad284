"""The place where a test takes an option out of what is compiled, to see it missed.

The whole configuration was checked before, so no check can stand in for whoever
should read the option: `duplicates: allowed` is not missed because `then: failover`
may not be written without it, but because nobody gets the message then.

What is dropped is the written value, and what is compiled is compiled again without
it. A compiled value of its own most options do not have: a limit's `allow` and
`timezone` become one window, the conditions of all siblings one index. Dropped this
way an option is gone from each of them, and from whatever else is made of it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

from notify_core.config.check import Examined
from notify_core.config.document import Document

#: Changes a configuration after its check; nothing but a test sets it.
alteration: ContextVar[Callable[[Document], Document] | None] = ContextVar(
    "alteration", default=None
)


def passed(checked: Examined, read: Callable[[Document], Examined]) -> Examined:
    """Return what is compiled in the place of a configuration: usually itself.

    Args:
        checked: The configuration, without problems.
        read: Reads a changed one; that it has problems then stops nothing.
    """
    alter = alteration.get()
    return checked if alter is None else read(alter(checked.document))
