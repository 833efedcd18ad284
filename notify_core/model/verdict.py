"""What a policy may say of a message."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What is to be done with a message."""

    #: Send it.
    ALLOW = "allow"
    #: Send it later.
    DEFER = "defer"
    #: Drop it on purpose.
    SUPPRESS = "suppress"
    #: Refuse it.
    REJECT = "reject"
