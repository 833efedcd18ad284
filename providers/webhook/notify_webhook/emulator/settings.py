"""What the emulated receiver takes."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import attrs

#: The secret that the test vectors of the Standard Webhooks libraries print.
TEST_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 (published)

_PREFIX = "whsec_"


def key_of(secret: str) -> bytes:
    """Return the bytes that a secret stands for.

    Raises:
        ValueError: It is not `whsec_` and Base64, or it is empty.
    """
    if not secret.startswith(_PREFIX):
        raise ValueError(f"secrets: each begins with {_PREFIX}")
    encoded = secret[len(_PREFIX) :]
    padded = encoded + "=" * (-len(encoded) % 4)
    try:
        key = base64.b64decode(padded, validate=True)
    except binascii.Error as error:
        raise ValueError(f"secrets: no Base64: {error}") from None
    if not key:
        raise ValueError("secrets: one is empty")
    return key


def _keys(_: object, __: object, secrets: tuple[str, ...]) -> None:
    if not secrets:
        raise ValueError("secrets: give at least one")
    for secret in secrets:
        key_of(secret)


def _at_least(least: float) -> Any:
    return attrs.validators.ge(least)


@attrs.frozen(kw_only=True)
class Settings:
    """The whole receiver."""

    #: What requests may be signed with; any of them will do.
    secrets: tuple[str, ...] = attrs.field(
        default=(TEST_SECRET,), validator=_keys, repr=False
    )
    #: Seconds that a timestamp may be away from the clock: 401 beyond.
    tolerance: float = attrs.field(default=300.0, validator=_at_least(0))
    #: The names of the endpoints; empty: every name. Others: 404.
    endpoints: tuple[str, ...] = ()
    #: Endpoints that want no more: 410.
    gone: tuple[str, ...] = ()
    #: The members that a body has, all of them and no other: 422. Empty: any.
    members: tuple[str, ...] = ("type", "timestamp", "data")
    #: False: a webhook-id that came before is taken as a new message.
    drops_duplicates: bool = True
    #: Seconds in the Retry-After of 429 and 503.
    retry_after: int = attrs.field(default=1, validator=_at_least(0))
    #: How many arrivals, and how many submissions, are remembered.
    keep: int = attrs.field(default=10_000, validator=_at_least(1))
