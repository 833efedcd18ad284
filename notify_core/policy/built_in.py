"""The policies that every configuration may use, in the order they are asked in."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from notify_core.policy.content import CONTENT
from notify_core.policy.dedup import DEDUP
from notify_core.policy.limits import LIMITS
from notify_core.policy.policy import PolicyType
from notify_core.policy.quiet_hours import QUIET_HOURS
from notify_core.policy.sandbox import SANDBOX
from notify_core.policy.send_window import SEND_WINDOW
from notify_core.policy.suppression import SUPPRESSION

#: What refuses or drops for good comes before what lets wait.
_ORDER = (CONTENT, SANDBOX, SUPPRESSION, QUIET_HOURS, SEND_WINDOW, DEDUP, LIMITS)

#: By name.
BUILT_IN: Mapping[str, PolicyType] = MappingProxyType({t.name: t for t in _ORDER})
