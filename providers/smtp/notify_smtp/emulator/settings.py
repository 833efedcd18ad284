"""Every rule of the emulator: what a mail server's administrator would set."""

from __future__ import annotations

import ssl
from typing import Literal

import attrs


def _unique(_: object, __: object, accounts: tuple[AccountSettings, ...]) -> None:
    names = [account.username for account in accounts]
    if len(set(names)) != len(names):
        raise ValueError("accounts: give each its own username")


@attrs.frozen(kw_only=True)
class AccountSettings:
    """Somebody who may log in."""

    username: str
    password: str = attrs.field(repr=False)
    #: Addresses that may stand in MAIL FROM; empty: all. Others: 550 5.7.1.
    senders: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Settings:
    """The whole emulator."""

    #: The port for SMTP; 0: a free one. The emulator's own port is that of its page.
    smtp_port: int = attrs.field(
        default=1025, validator=[attrs.validators.ge(0), attrs.validators.le(65535)]
    )
    #: `none`, `starttls` (mail only after it) or `tls` (encrypted at once).
    security: Literal["none", "starttls", "tls"] = "none"
    #: Files with the certificate chain and its key (PEM); not with `none`.
    certificate: str = ""
    key: str = ""
    #: Who may log in; empty: nobody has to, and nobody can.
    accounts: tuple[AccountSettings, ...] = attrs.field(default=(), validator=_unique)
    #: Recipients that do not exist: 550 5.1.1.
    unknown: tuple[str, ...] = ()
    #: Words that no mail may hold: 550 5.7.1.
    refused_words: tuple[str, ...] = ()
    #: Bytes that a mail may have: 552 5.3.4.
    max_size: int = attrs.field(default=10_000_000, validator=attrs.validators.ge(1))
    #: Whether other addresses than ASCII are taken (SMTPUTF8); else 553 5.6.7.
    smtputf8: bool = True
    #: Seconds that a client may be silent: 421 4.4.2.
    idle: float = attrs.field(default=300.0, validator=attrs.validators.gt(0))
    #: Seconds that the answer to a mail for `slow@…` takes.
    stall: float = attrs.field(default=30.0, validator=attrs.validators.ge(0))
    #: How many mails and refusals are remembered.
    keep: int = attrs.field(default=1_000, validator=attrs.validators.ge(1))

    def __attrs_post_init__(self) -> None:
        given = [bool(self.certificate), bool(self.key)]
        if given != [self.security != "none"] * 2:
            raise ValueError("certificate and key: give both with starttls or tls")

    def trust(self) -> ssl.SSLContext | None:
        """Return what the emulator shows its certificate with; None: nothing.

        Raises:
            ValueError: A file cannot be read, or is no certificate or key.
        """
        if self.security == "none":
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        try:
            context.load_cert_chain(self.certificate, self.key)
        except OSError as error:
            raise ValueError(f"certificate and key: {error}") from error
        return context
