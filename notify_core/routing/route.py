"""A node of the routing tree: where a message goes and under which policies."""

from __future__ import annotations

import attrs

from notify_core.policy.policy_set import PolicySet
from notify_core.routing.pool import Pool


@attrs.frozen(kw_only=True)
class Route:
    """Pool and policy set for the messages that match."""

    #: Unique in the tree; the metric label.
    name: str = "root"
    pool: Pool
    policy: PolicySet = attrs.field(factory=PolicySet)
    #: Messages without a template may go to providers of `text: approved`.
    free_text: bool = False
    #: A message may name it, and takes it then whatever it matches.
    by_name: bool = True
