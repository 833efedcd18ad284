"""How a run goes."""

from __future__ import annotations

from collections.abc import Callable

import attrs


def nothing() -> None:
    """Do nothing: nobody waits for that moment."""


@attrs.frozen(kw_only=True)
class How:
    """How a run goes."""

    #: Its number, where the outbox has leases.
    epoch: int | None = None
    #: Nobody waits for it: it is put off rather than to wait for long, and goes back to
    #: the queue when it is cancelled.
    is_queued: bool = False
    #: The time to find out about an `unknown` is up.
    given_up: bool = False
    #: Called when a provider has taken the message: what is left is to record that.
    on_accepted: Callable[[], None] = nothing


#: How a message goes whose sender waits for it.
DIRECTLY = How()
