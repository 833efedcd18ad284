"""Every account and limit of the emulator: what Twilio's console would show."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

import attrs

#: As Twilio's documentation prints them.
TEST_ACCOUNT = "AC" + "a" * 32
TEST_SERVICE = "MG" + "a" * 32
TEST_TOKEN = "12345"  # noqa: S105 (of the example on Twilio's page on security)
#: The sender that passes every check.
TEST_SENDER = "+15005550006"


def _url(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    if value and urlsplit(value).scheme not in {"http", "https"}:
        raise ValueError(f"{attribute.name}: expected an http:// or https:// URL")


def _amount(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    try:
        Decimal(value)
    except InvalidOperation as error:
        raise ValueError(f"{attribute.name}: expected an amount as text") from error


def _sid(prefix: str) -> Any:
    return attrs.validators.matches_re(rf"{prefix}[0-9a-fA-F]{{32}}")


def _at_least(least: float) -> Any:
    return attrs.validators.ge(least)


@attrs.frozen(kw_only=True)
class AccountSettings:
    """One account."""

    #: Its SID.
    sid: str = attrs.field(validator=_sid("AC"))
    #: Its auth token: for requests, and to sign pushes with.
    auth_token: str = attrs.field(repr=False)
    #: API keys: SID and secret.
    api_keys: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    #: Numbers, short codes and alphanumeric sender IDs; others: 21606. Messaging
    #: Services send by the first one.
    senders: tuple[str, ...] = attrs.field(
        default=(TEST_SENDER,), validator=attrs.validators.min_len(1)
    )
    #: SIDs of Messaging Services; others: 21701.
    services: tuple[str, ...] = attrs.field(
        default=(TEST_SERVICE,),
        validator=attrs.validators.deep_iterable(_sid("MG")),
    )
    #: True: 20003.
    suspended: bool = False
    #: Numbers that said stop: 21610.
    opted_out: tuple[str, ...] = ()
    #: Beginnings of numbers that nothing may be sent to: 21408.
    regions_off: tuple[str, ...] = ()
    #: What is left, as text.
    balance: str = attrs.field(default="100.00", validator=_amount)
    #: ISO 4217.
    currency: str = "USD"


def _distinct(_: object, __: object, accounts: tuple[AccountSettings, ...]) -> None:
    sids = [account.sid for account in accounts]
    if not sids or len(set(sids)) != len(sids):
        raise ValueError("accounts: give at least one, each with its own sid")


@attrs.frozen(kw_only=True)
class Settings:
    """The whole emulator."""

    #: The accounts.
    accounts: tuple[AccountSettings, ...] = attrs.field(
        default=(AccountSettings(sid=TEST_ACCOUNT, auth_token=TEST_TOKEN),),
        validator=_distinct,
    )
    #: Where replies go, and the status of messages without a `StatusCallback`; empty:
    #: nowhere.
    push_url: str = attrs.field(default="", validator=_url, repr=False)
    #: What a segment costs, as text.
    price: str = attrs.field(default="0.0079", validator=_amount)
    #: The longest body in characters: 21617.
    max_length: int = attrs.field(default=1600, validator=_at_least(1))
    #: Seconds in the `Retry-After` of 429 (20429).
    retry_after: int = attrs.field(default=1, validator=_at_least(0))
    #: Seconds between accepting a message and its status callback.
    receipt_delay: float = attrs.field(default=1.0, validator=_at_least(0))
    #: What the callback says: `delivered`, `failed`, `none` (no callback), another
    #: status of Twilio's, or a code.
    receipt: str = "delivered"
    #: Seconds before each try of a push; Twilio makes one.
    push_delays: tuple[float, ...] = attrs.field(
        default=(0.0,),
        validator=[
            attrs.validators.min_len(1),
            attrs.validators.deep_iterable(_at_least(0)),
        ],
    )
    #: Seconds that the receiver of a push may take.
    push_timeout: float = attrs.field(default=15.0, validator=attrs.validators.gt(0))
    #: How many arrivals, submissions, replies, pushes and opt-outs are remembered.
    keep: int = attrs.field(default=10_000, validator=_at_least(1))
