"""What is wrong with an account's settings that no schema can say."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

from notify_core.errors import Problem
from notify_core.provider import Settings
from notify_smtp.headers import header_fault
from notify_smtp.mailbox import parse_mailbox
from notify_smtp.server import trust_of


def problems(settings: Settings) -> Iterator[Problem]:
    """Yield what is wrong, each with its place in the settings."""
    for name in ("sender", "subject"):
        if fault := header_fault(settings.get(name, "")):
            yield Problem(pointer=f"/{name}", message=fault)
    try:
        parse_mailbox(settings["sender"])
    except ValueError as error:
        yield Problem(pointer="/sender", message=str(error))
    try:
        trust_of(settings)
    except ssl.SSLError:
        why = "has no certificate that can be read: give it as PEM"
        yield Problem(pointer="/ca", message=why)
