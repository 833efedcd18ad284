"""What would become of a message, and why: values only, addresses masked."""

from __future__ import annotations

from datetime import datetime

import attrs

from notify_core.errors import Problem
from notify_core.estimate import Estimate
from notify_core.model.channel import Channel, Kind
from notify_core.model.outcome import Reason
from notify_core.model.result import Exclusion
from notify_core.model.verdict import Verdict
from notify_core.routing.tree import Step

#: Where a setting comes from that nobody wrote.
DEFAULT = "default"


@attrs.frozen(kw_only=True)
class Setting:
    """One setting that holds for the message."""

    #: As the configuration calls it.
    name: str
    #: As the configuration would write it.
    value: str
    #: Where it comes from: `route root`, `policy set notice`, `default`.
    origin: str


@attrs.frozen(kw_only=True)
class Opinion:
    """What one policy says of the message."""

    #: The policy type.
    policy: str
    #: The policy set in which it is written.
    origin: str
    verdict: Verdict
    reason: Reason | None = None
    #: With `defer`: until when, with time zone.
    until: datetime | None = None
    why: str = ""
    #: The pool or provider that gets it in place of the route's.
    instead: str | None = None


@attrs.frozen(kw_only=True)
class Counted:
    """What the message would take from one counter; nothing was taken."""

    #: The policy that asks for it.
    policy: str
    #: Its name, without the values that it is kept by.
    counter: str
    #: The span in which takings count: `1h`, `day in Asia/Shanghai`.
    window: str
    #: How many takings there may be.
    most: int
    #: It asks whether there is room, and takes nothing.
    asks: bool
    #: How many there are, `most` at most; None: not known here.
    taken: int | None = None
    #: Whether there is room; None: not known here.
    has_room: bool | None = None


@attrs.frozen(kw_only=True)
class Offer:
    """A provider that can take the message."""

    provider: str
    #: Though it rests, since all others do too.
    anyway: bool = False
    sender: str | None = None
    #: The vendor's id of the template.
    template_id: str | None = None
    #: None where its plugin cannot tell.
    estimate: Estimate | None = None


@attrs.frozen(kw_only=True)
class Explanation:
    """The way that a message would take at one moment; nothing was sent or counted."""

    #: The moment, in the time zone of the configuration.
    at: datetime
    #: The recipient, masked.
    to: str
    channel: Channel
    #: What it is for; None when it cannot be sent.
    kind: Kind | None = None
    template: str | None = None
    #: What keeps it from being sent at all; then the rest is empty.
    problems: tuple[Problem, ...] = ()
    #: The way through the tree, and why each earlier sibling did not match.
    path: tuple[Step, ...] = ()
    #: Name of the route at its end.
    route: str | None = None
    #: Every setting that holds, and where it comes from.
    settings: tuple[Setting, ...] = ()
    #: What each policy says, in order.
    policies: tuple[Opinion, ...] = ()
    counters: tuple[Counted, ...] = ()
    #: What follows of all that the policies say.
    verdict: Verdict | None = None
    reason: Reason | None = None
    #: Why a message that a policy would defer is refused all the same.
    why: str = ""
    #: With `defer`: the first time at which no policy defers it further.
    until: datetime | None = None
    #: The pool, the one that a policy put in place of the route's included.
    pool: str | None = None
    #: Who would be tried, first first.
    providers: tuple[Offer, ...] = ()
    #: Who cannot take it, and why.
    excluded: tuple[Exclusion, ...] = ()
