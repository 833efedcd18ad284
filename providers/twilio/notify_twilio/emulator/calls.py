"""One request to Twilio, understood."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from urllib.parse import parse_qsl

import attrs
from aiohttp import web

from notify_twilio.emulator.accounts import Account
from notify_twilio.emulator.settings import Settings

_FORM = "application/x-www-form-urlencoded"


@attrs.frozen(kw_only=True)
class Call:
    """What one request asks."""

    #: The account that the path names; None: there is none with these credentials.
    account: Account | None
    #: The parameters; nothing of a body that is no form.
    fields: Mapping[str, str] = attrs.field(repr=False)
    #: The path that was called.
    path: str
    #: Unix seconds.
    now: float
    settings: Settings = attrs.field(repr=False)

    def field(self, name: str) -> str:
        """Return a parameter, empty if it is not there."""
        return self.fields.get(name, "")

    def known_account(self) -> Account:
        """Return the account, after the check for it has passed."""
        assert self.account is not None  # noqa: S101 (the first check saw to it)
        return self.account


async def read_call(
    request: web.Request,
    accounts: Mapping[str, Account],
    now: float,
    settings: Settings,
) -> Call:
    """Read the path, the credentials and the form."""
    account = accounts.get(request.match_info.get("sid", ""))
    user, password = _credentials(request.headers.get("Authorization", ""))
    if account and not account.opens_with(user, password):
        account = None
    return Call(
        account=account,
        fields=await _fields(request),
        path=request.path,
        now=now,
        settings=settings,
    )


def _credentials(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, password = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:  # neither Base64 nor UTF-8
        return "", ""
    return user, password


async def _fields(request: web.Request) -> dict[str, str]:
    if request.content_type != _FORM:
        return {}
    body = (await request.read()).decode(errors="replace")
    return dict(parse_qsl(body, keep_blank_values=True))
