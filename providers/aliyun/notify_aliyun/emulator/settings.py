"""Every rule and limit of the emulator: what the vendor's console would show."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import attrs

from notify_aliyun.emulator.templates import DEFAULT_TEMPLATES, Template

#: As the vendor's pages print them.
TEST_ID = "YourAccessKeyId"
TEST_SECRET = "YourAccessKeySecret"  # noqa: S105 (a placeholder of the vendor's pages)
DEFAULT_SIGN = "阿里云"


def _url(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    if value and urlsplit(value).scheme not in {"http", "https"}:
        raise ValueError(f"{attribute.name}: expected an http:// or https:// URL")


def _positive() -> Any:
    return attrs.validators.optional(attrs.validators.ge(1))


@attrs.frozen(kw_only=True)
class Limits:
    """How much one number of the mainland may get; None switches a limit off."""

    #: Verification codes of one signature in a minute of the clock.
    per_minute: int | None = attrs.field(default=1, validator=_positive())
    #: Verification codes of one signature in an hour of the clock.
    per_hour: int | None = attrs.field(default=5, validator=_positive())
    #: Verification codes of one signature in any 24 hours.
    per_day: int | None = attrs.field(default=10, validator=_positive())
    #: Messages of another kind, of one signature and template, in any 24 hours.
    others_per_day: int | None = attrs.field(default=50, validator=_positive())


@attrs.frozen(kw_only=True)
class AccountSettings:
    """One AccessKey."""

    #: The AccessKey ID.
    access_key_id: str
    #: The AccessKey secret.
    access_key_secret: str = attrs.field(repr=False)
    #: Messages left; at 0 they are refused.
    balance: int = attrs.field(default=10_000, validator=attrs.validators.ge(0))
    #: The approved signatures.
    signs: tuple[str, ...] = (DEFAULT_SIGN,)
    #: The approved templates.
    templates: tuple[Template, ...] = DEFAULT_TEMPLATES
    #: Numbers that get nothing, as the vendor writes them.
    blacklist: tuple[str, ...] = ()


_TEST_ACCOUNT = AccountSettings(access_key_id=TEST_ID, access_key_secret=TEST_SECRET)


def _distinct(_: object, __: object, accounts: tuple[AccountSettings, ...]) -> None:
    ids = [account.access_key_id for account in accounts]
    if not ids or len(set(ids)) != len(ids):
        raise ValueError("accounts: give at least one, each with its own id")


@attrs.frozen(kw_only=True)
class Settings:
    """The whole emulator."""

    #: The AccessKeys.
    accounts: tuple[AccountSettings, ...] = attrs.field(
        default=(_TEST_ACCOUNT,),
        validator=_distinct,
    )
    #: Where receipts and replies are pushed; empty: nowhere.
    push_url: str = attrs.field(default="", validator=_url, repr=False)
    #: Seconds that `x-acs-date` may differ from the emulator's clock.
    window: int = attrs.field(default=900, validator=attrs.validators.ge(0))
    #: What one number may get.
    limits: Limits = Limits()
    #: Seconds between accepting a message and pushing its receipt.
    receipt_delay: float = attrs.field(default=1.0, validator=attrs.validators.ge(0))
    #: What the receipt says: `delivered`, `failed`, `none` (no receipt) or a code.
    receipt: str = "delivered"
    #: Seconds before each try of a push: the vendor repeats it three times.
    push_delays: tuple[float, ...] = attrs.field(
        default=(0.0, 60.0, 300.0, 600.0),
        validator=[
            attrs.validators.min_len(1),
            attrs.validators.deep_iterable(attrs.validators.ge(0)),
        ],
    )
    #: How many arrivals, submissions, pushes, numbers and nonces are remembered.
    keep: int = attrs.field(default=10_000, validator=attrs.validators.ge(1))
