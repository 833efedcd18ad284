"""Who gets a message: a phone, an e-mail address or a configured endpoint."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

import attrs

from notify_core.model.channel import Channel
from notify_core.model.masking import masked_email, masked_phone
from notify_core.model.mobile import mobile_of_one_country

#: The library would pick a number out of a sentence, and read letters as digits.
_PHONE = re.compile(r"[+＋\d\s().\-‐-―－/]+")
#: One @, no white space or control character, a dotted domain of at most 253.
_EMAIL = re.compile(
    # No encoded word, =?utf-8?q?…?=: mail libraries decode it, line breaks included.
    r"(?!.*=\?)[^\s@<>\"(),:;\\\x00-\x1f\x7f]{1,64}@(?=.{1,253}$)[\w-]+(\.[\w-]+)+"
)
_E_MAIL_HINT = "an e-mail address needs the channel email, `--channel email`"
_ENDPOINT = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


@attrs.frozen
class Phone:
    """A telephone number."""

    #: E.164: `+8613800138000`.
    address: str = attrs.field(repr=masked_phone)
    #: Country calling code without plus: `86`.
    country_code: str
    #: ISO 3166 alpha-2, `CN`; None for numbers of no one country.
    country: str | None

    @property
    def national(self) -> str:
        """The number without plus and country code: `13800138000`."""
        return self.address[1 + len(self.country_code) :]

    @property
    def masked(self) -> str:
        """The number as logs may show it: `+86138****8000`."""
        return masked_phone(self.address)


@attrs.frozen
class Email:
    """An e-mail address."""

    #: `jane@example.com`; the domain in lower case.
    address: str = attrs.field(repr=masked_email)
    #: Addresses have no country; the field spares every reader a type check.
    country: None = None

    @property
    def masked(self) -> str:
        """The address as logs may show it: `j***@example.com`."""
        return masked_email(self.address)


@attrs.frozen
class Endpoint:
    """A target that the configuration names; never a URL from the caller."""

    #: The endpoint's name: `billing-events`.
    address: str
    #: Endpoints have no country.
    country: None = None

    @property
    def masked(self) -> str:
        """The name itself: it identifies no person."""
        return self.address


Recipient = Phone | Email | Endpoint


def parse_recipient(channel: Channel, to: str, region: str | None) -> Recipient:
    """Return the recipient that *to* names on *channel*.

    Args:
        channel: Decides what *to* must be.
        to: A phone number, e-mail address or endpoint name as the caller wrote it.
        region: ISO 3166 alpha-2 for phone numbers without a country code.

    Raises:
        ValueError: *to* is no such address; the text says why, with the address masked.
    """
    return _PARSERS[channel](to, region)


def _parse_phone(to: str, region: str | None) -> Phone:
    known = mobile_of_one_country(to)
    return Phone(to, *known) if known else _parse_any_phone(to, region)


@lru_cache(maxsize=4096)
def _parse_any_phone(to: str, region: str | None) -> Phone:
    # Imported here: the metadata takes 0.1 s, and e-mail users never need it.
    import phonenumbers  # noqa: PLC0415

    shown = repr(masked_phone(to))
    if not _PHONE.fullmatch(to):
        hint = _E_MAIL_HINT if "@" in to else "write + and digits only"
        raise ValueError(f"{shown} is no phone number: {hint}")
    try:
        number = phonenumbers.parse(to, region)
    except phonenumbers.NumberParseException as error:
        hint = "write it with + and its country code"
        raise ValueError(f"{shown} is no phone number: {hint}") from error
    if not phonenumbers.is_valid_number(number):
        raise ValueError(f"{shown} is not a number that can exist in its country")
    address = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    country = phonenumbers.region_code_for_number(number)
    of_no_country = country == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY
    return Phone(address, str(number.country_code), None if of_no_country else country)


def _parse_email(to: str, _: str | None) -> Email:
    if not _EMAIL.fullmatch(to):
        # Not even masked: what is no address may be a number in the wrong place.
        raise ValueError("is no e-mail address: write it as jane@example.com")
    local, _, domain = to.rpartition("@")
    return Email(f"{local}@{domain.lower()}")


def _parse_endpoint(to: str, _: str | None) -> Endpoint:
    if not _ENDPOINT.fullmatch(to):
        wanted = "lower-case letters, digits, - and _, at most 63"
        raise ValueError(f"an endpoint's name has {wanted}; a URL is not accepted")
    return Endpoint(to)


_PARSERS: Mapping[Channel, Callable[[str, str | None], Recipient]] = {
    Channel.SMS: _parse_phone,
    Channel.VOICE: _parse_phone,
    Channel.EMAIL: _parse_email,
    Channel.WEBHOOK: _parse_endpoint,
}
