"""Every rule and limit of the emulator: what the vendor's console would show."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import attrs
import yaml

from notify_ihuyi.emulator.templates import DEFAULT_TEMPLATE, Template

#: As the vendor's demos print them.
TEST_ACCOUNT = "test"
TEST_APIKEY = "1q784322ba1d9bb88d50cf5cdfd89k7d"
DEFAULT_SIGNATURE = "互亿无线"


def _url(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    if value and urlsplit(value).scheme not in {"http", "https"}:
        raise ValueError(f"{attribute.name}: expected an http:// or https:// URL")


def _networks(_: object, __: object, value: tuple[str, ...]) -> None:
    for network in value:
        ipaddress.ip_network(network)


def _positive() -> Any:
    return attrs.validators.optional(attrs.validators.ge(1))


@attrs.frozen(kw_only=True)
class Limits:
    """How much one number may get of one account; None switches a limit off."""

    #: Messages in one calendar second: 4080.
    per_second: int | None = attrs.field(default=1, validator=_positive())
    #: Messages with the same text in 60 s: 4086.
    identical_per_minute: int | None = attrs.field(default=2, validator=_positive())
    #: Messages in a day (Asia/Shanghai): 4082. A switch of the console, off by default.
    per_day: int | None = attrs.field(default=None, validator=_positive())
    #: Verification codes in a day: 4085.
    verification_per_day: int | None = attrs.field(default=5, validator=_positive())
    #: Messages with the same text in a day: 4084.
    identical_per_day: int | None = attrs.field(default=20, validator=_positive())
    #: Messages in a day, after which the number is on the account's blacklist: 408.
    blacklist_after: int | None = attrs.field(default=20, validator=_positive())


@attrs.frozen(kw_only=True)
class AccountSettings:
    """One account (APIID)."""

    #: The APIID.
    id: str
    #: The APIKEY.
    api_key: str = attrs.field(repr=False)
    #: Which product the account is for.
    product: Literal["sms", "voice", "vm", "isms", "yx"] = "sms"
    #: Messages left.
    balance: int = attrs.field(default=10_000, validator=attrs.validators.ge(0))
    #: The signature that the platform adds; empty: none is set, 4070.
    signature: str = DEFAULT_SIGNATURE
    #: False: 4075.
    signature_approved: bool = True
    #: True: 4050.
    frozen: bool = False
    #: Addresses or networks that may call; empty: all. Others: 4052.
    ips: tuple[str, ...] = attrs.field(default=(), validator=_networks)
    #: Numbers that get nothing: 4030.
    blacklist: tuple[str, ...] = ()
    #: The filed templates; none: 4071.
    templates: tuple[Template, ...] = (DEFAULT_TEMPLATE,)
    #: Where receipts, replies and template audits are pushed; empty: `push_url`.
    receipt_url: str = attrs.field(default="", validator=_url, repr=False)
    reply_url: str = attrs.field(default="", validator=_url, repr=False)
    template_url: str = attrs.field(default="", validator=_url, repr=False)


def _distinct(_: object, __: object, accounts: tuple[AccountSettings, ...]) -> None:
    ids = [account.id for account in accounts]
    if not ids or len(set(ids)) != len(ids):
        raise ValueError("accounts: give at least one, each with its own id")


def _at_least(least: float) -> Any:
    return attrs.validators.ge(least)


@attrs.frozen(kw_only=True)
class Settings:
    """The whole emulator."""

    #: The accounts.
    accounts: tuple[AccountSettings, ...] = attrs.field(
        default=(AccountSettings(id=TEST_ACCOUNT, api_key=TEST_APIKEY),),
        validator=_distinct,
    )
    #: Where everything is pushed for accounts without own URLs; empty: nowhere.
    push_url: str = attrs.field(default="", validator=_url, repr=False)
    #: Seconds that `time` may differ from the emulator's clock: 40501.
    password_window: int = attrs.field(default=60, validator=_at_least(0))
    #: Addresses or networks that nobody may call from: 400.
    blocked_ips: tuple[str, ...] = attrs.field(default=(), validator=_networks)
    #: Words that no content may hold: 407.
    sensitive_words: tuple[str, ...] = ()
    #: Longest content in characters: 4073.
    max_length: int = attrs.field(default=500, validator=_at_least(1))
    #: Longest value of a template's variable: 40722.
    max_variable_length: int = attrs.field(default=20, validator=_at_least(1))
    #: Templates that one account may file.
    max_templates: int = attrs.field(default=1_000, validator=_at_least(1))
    #: What one number may get.
    limits: Limits = Limits()
    #: Characters of a message that is charged once, signature included.
    segment_length: int = attrs.field(default=70, validator=_at_least(1))
    #: Characters of each part of a longer one.
    part_length: int = attrs.field(default=67, validator=_at_least(1))
    #: Where the signature stands: the vendor's own texts disagree.
    signature_place: Literal["start", "end"] = "start"
    #: True: JSON answers give `num` as a number, not as text.
    num_as_number: bool = False
    #: Seconds between accepting a message and pushing its receipt.
    receipt_delay: float = attrs.field(default=1.0, validator=_at_least(0))
    #: What the receipt says: `delivered`, `failed`, `none` (no receipt) or a code.
    receipt: str = "delivered"
    #: Seconds before each try of a push; the vendor makes three.
    push_delays: tuple[float, ...] = attrs.field(
        default=(0.0, 60.0, 120.0),
        validator=[
            attrs.validators.min_len(1),
            attrs.validators.deep_iterable(_at_least(0)),
        ],
    )
    #: Seconds that the receiver of a push may take.
    push_timeout: float = attrs.field(default=10.0, validator=attrs.validators.gt(0))
    #: What becomes of a template that is filed by AddTemplate.
    audit: Literal["approve", "refuse", "none"] = "approve"
    #: Seconds between filing a template and its audit.
    audit_delay: float = attrs.field(default=1.0, validator=_at_least(0))
    #: Seconds that the magic number for a stalled answer stalls.
    stall: float = attrs.field(default=30.0, validator=_at_least(0))
    #: How many arrivals, submissions, replies, pushes and numbers are remembered.
    keep: int = attrs.field(default=10_000, validator=_at_least(1))


def load_settings(path: Path) -> dict[str, Any]:
    """Read the settings from a YAML or JSON file.

    Raises:
        ValueError: The file cannot be read, or holds no mapping.
    """
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"the settings file {path} cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise ValueError(
            f"the settings file {path} is no YAML{_place(error)}"
        ) from None
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise ValueError(f"the settings file {path} must hold a mapping")  # noqa: TRY004 (one error for every bad file)
    return data


def _place(error: yaml.YAMLError) -> str:
    # The error's own text quotes the line, which may hold an APIKEY.
    mark = getattr(error, "problem_mark", None)
    return f": see line {mark.line + 1}, column {mark.column + 1}" if mark else ""
