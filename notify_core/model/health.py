"""Whether a provider is used, and which part of it."""

from __future__ import annotations

from enum import StrEnum


class HealthUnit(StrEnum):
    """What rests as one."""

    #: The provider, whatever is sent.
    PROVIDER = "provider"
    #: The provider with one sender.
    SENDER = "sender"
    #: The provider with one of the vendor's templates.
    TEMPLATE = "template"


class HealthState(StrEnum):
    """Whether a unit is used."""

    #: It is used.
    OK = "ok"
    #: Its rest has ended: one message at a time tries it.
    PROBING = "probing"
    #: It is left alone.
    RESTING = "resting"
