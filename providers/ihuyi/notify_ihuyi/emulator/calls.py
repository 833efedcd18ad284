"""One request to the vendor, understood."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from notify_ihuyi.emulator.accounts import Account
from notify_ihuyi.emulator.limits import Sending
from notify_ihuyi.emulator.products import Product
from notify_ihuyi.emulator.settings import Settings
from notify_ihuyi.emulator.templates import Template


@attrs.define(kw_only=True)
class Call:
    """What one request asks, and what the checks found in it."""

    #: `Submit`, `GetNum` or `AddTemplate`.
    operation: str
    product: Product
    #: None: there is no such account for this product.
    account: Account | None
    #: The parameters.
    fields: Mapping[str, str] = attrs.field(repr=False)
    #: The caller's address.
    remote: str
    #: The host that the caller named.
    host: str
    #: Whether the answer is JSON.
    as_json: bool
    #: Unix seconds.
    now: float
    settings: Settings = attrs.field(repr=False)
    #: The recipients.
    numbers: tuple[str, ...] = attrs.field(repr=False)
    #: The template that the content matched.
    template: Template | None = None
    #: The text without signature; the checks put the values into the template.
    text: str = attrs.field(repr=False)
    #: True: no limit for one number applies.
    exempt: bool = False

    def field(self, name: str) -> str:
        """Return a parameter, empty if it is not there."""
        return self.fields.get(name, "")

    @property
    def content(self) -> str:
        """The parameter `content`."""
        return self.field("content")

    @property
    def is_verification(self) -> bool:
        """Whether the message carries a verification code."""
        if self.template:
            return self.template.is_verification
        return self.product.content is not None

    def sendings(self) -> list[Sending]:
        """Return the messages as the limits see them, one for each number."""
        return [
            Sending(
                number=number,
                text=self.text,
                is_verification=self.is_verification,
                now=self.now,
            )
            for number in self.numbers
        ]

    def known_account(self) -> Account:
        """Return the account, after the check for it has passed."""
        assert self.account is not None  # noqa: S101 (the password check saw to it)
        return self.account
