"""What a route may ask of a message, read when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Protocol

from notify_core.model.checked import Facts

#: Begins the field of a label: `labels.tenant`.
LABEL = "labels."


class Known(Protocol):
    """The values of fields, by name; None where there is none."""

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels, by name."""
        ...

    def __getitem__(self, field: str, /) -> str | None: ...


class Traits(dict[str, str | None]):
    """The values of one message's fields, each read once.

    Args:
        facts: The message.
    """

    __slots__ = ("_facts",)

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    @property
    def labels(self) -> Mapping[str, str]:
        """The message's labels."""
        return self._facts.message.labels

    def __missing__(self, field: str) -> str | None:
        read = _READERS.get(field)
        if read is None:
            value = self._facts.message.labels.get(field.removeprefix(LABEL))
        else:
            value = read(self._facts)
        self[field] = value
        return value


def _prefix(facts: Facts) -> str | None:
    """Return the calling code of a phone; other addresses have none."""
    return getattr(facts.recipient, "country_code", None)


#: Every field but the labels.
_READERS: Mapping[str, Callable[[Any], str | None]] = {
    "channel": attrgetter("message.channel"),
    "kind": attrgetter("kind"),
    "country": attrgetter("recipient.country"),
    "recipient": attrgetter("recipient.address"),
    "prefix": _prefix,
    "template": attrgetter("message.template"),
    "sender": attrgetter("message.sender"),
    "importance": attrgetter("message.importance"),
    "locale": attrgetter("message.locale"),
}
