"""A message at the door: accepted, routed, and its policies asked."""

from __future__ import annotations

from datetime import datetime

import attrs

from notify_core.config.snapshot import Snapshot
from notify_core.dispatch.accept import accept
from notify_core.dispatch.admit import Admission, admit, needs, scheduled
from notify_core.dispatch.opening import placed, recorded
from notify_core.model.message import Message
from notify_core.outbox.record import Record
from notify_core.policy.take import Refused, Take
from notify_core.routing.route import Route


@attrs.frozen(kw_only=True)
class Entered:
    """A message that was accepted and routed, and what its policies say."""

    record: Record
    #: The same, of a message that goes as soon as somebody sends it.
    ready: Record
    route: Route
    #: What it takes from counters.
    takes: tuple[Take, ...]
    admission: Admission

    def refused(self, refused: Refused) -> Entered:
        """Return it with what the policies say to what counters refused."""
        policies, now = self.route.policy.admission, self.record.accepted_at
        admission = admit(self.record, policies, now, refused)
        return attrs.evolve(self, admission=admission)


def enter(
    message: Message, snapshot: Snapshot, now: datetime, *, keeps: bool
) -> Entered:
    """Accept and route a message, and ask its policies.

    Args:
        message: As the caller gave it.
        snapshot: The configuration.
        now: The time, with time zone.
        keeps: Whether the outbox keeps messages for a time that lies ahead.

    Raises:
        InvalidMessage: It cannot be sent as it is.
    """
    checked = accept(message, snapshot, now, keeps=keeps)
    route = snapshot.routes.choose(checked)
    record = recorded(checked, route)
    policies = route.policy.admission
    admission = admit(record, policies, now)
    if message.not_before is not None:
        admission = scheduled(admission, record, policies, now)
    takes = needs(record, policies)
    return Entered(
        record=record,
        ready=placed(record, admission),
        route=route,
        takes=takes,
        admission=admission,
    )
