"""Who logs in: AUTH PLAIN (RFC 4616) and AUTH LOGIN."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable

import attrs

#: What LOGIN asks for: `Username:` and `Password:`.
_USERNAME = "VXNlcm5hbWU6"
_PASSWORD = "UGFzc3dvcmQ6"  # noqa: S105 (a word, not a secret)

#: Sends a challenge and returns what comes back.
Ask = Callable[[str], Awaitable[str]]


@attrs.frozen
class Credentials:
    """What somebody says to prove who they are."""

    username: str
    password: str = attrs.field(repr=False)


async def read_plain(initial: str, ask: Ask) -> Credentials:
    """Read one answer with both, after whom to act for, which is not looked at.

    Raises:
        ValueError: It is malformed.
    """
    parts = _text(initial or await ask("")).split("\0")
    if len(parts) != 3:  # noqa: PLR2004 (RFC 4616, 2)
        raise ValueError("not three parts")
    return Credentials(parts[1], parts[2])


async def read_login(initial: str, ask: Ask) -> Credentials:
    """Read two answers.

    Raises:
        ValueError: One is malformed.
    """
    username = _text(initial or await ask(_USERNAME))
    return Credentials(username, _text(await ask(_PASSWORD)))


def _text(encoded: str) -> str:
    # binascii.Error and UnicodeDecodeError are ValueErrors; so is `*`, which cancels.
    return base64.b64decode(encoded, validate=True).decode()


MECHANISMS = {"PLAIN": read_plain, "LOGIN": read_login}
