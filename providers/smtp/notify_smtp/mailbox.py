"""Who writes: an address, with or without a name."""

from __future__ import annotations

import re

import attrs

from notify_core.model.channel import Channel
from notify_core.model.masking import masked_email
from notify_core.model.recipient import parse_recipient

_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>")


@attrs.frozen(kw_only=True)
class Mailbox:
    """One address as it stands in `From`."""

    #: `Example, Inc.`; empty: there is none.
    name: str = ""
    #: `no-reply@example.com`; the domain in lower case.
    address: str = attrs.field(repr=masked_email)

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.address.rpartition("@")[2]


def parse_mailbox(text: str) -> Mailbox:
    """Read `Example <no-reply@example.com>` or `no-reply@example.com`.

    Raises:
        ValueError: It is neither.
    """
    named = _NAMED.fullmatch(text.strip())
    name, address = (named["name"], named["address"]) if named else ("", text.strip())
    found = parse_recipient(Channel.EMAIL, address, None)
    return Mailbox(name=name.strip().strip('"'), address=found.address)
