"""One request to the vendor, understood."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from notify_aliyun.emulator.accounts import Account
from notify_aliyun.emulator.nonces import Nonces
from notify_aliyun.emulator.settings import Settings
from notify_aliyun.emulator.templates import Template


@attrs.define(kw_only=True)
class Call:
    """What one request asks, and what the checks found in it."""

    method: str
    #: Those of the query, decoded.
    params: Mapping[str, str] = attrs.field(repr=False)
    #: Names in lower case.
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    #: Unix seconds.
    now: float
    settings: Settings = attrs.field(repr=False)
    #: By AccessKey ID.
    accounts: Mapping[str, Account] = attrs.field(repr=False)
    nonces: Nonces = attrs.field(repr=False)
    #: What the header `Authorization` says: `Credential`, `SignedHeaders`, `Signature`.
    proof: Mapping[str, str] = attrs.field(repr=False)
    #: The template, once the checks have found it.
    template: Template | None = None
    #: The text without signature; the checks put the values into the template.
    text: str = attrs.field(default="", repr=False)

    def header(self, name: str) -> str:
        """Return a header, empty if it is not there."""
        return self.headers.get(name, "")

    def param(self, name: str) -> str:
        """Return a parameter, empty if it is not there."""
        return self.params.get(name, "")

    @property
    def action(self) -> str:
        """The operation: `SendSms`."""
        return self.header("x-acs-action")

    @property
    def numbers(self) -> tuple[str, ...]:
        """The recipients of SendSms."""
        return tuple(self.param("PhoneNumbers").split(","))

    def known_account(self) -> Account:
        """Return the account, after the check for it has passed."""
        return self.accounts[self.proof["Credential"]]

    def known_template(self) -> Template:
        """Return the template, after the check for it has passed."""
        assert self.template is not None  # noqa: S101 (the template's check saw to it)
        return self.template
