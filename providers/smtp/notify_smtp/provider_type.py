"""What the provider type `smtp` declares."""

from __future__ import annotations

from notify_core.model.channel import Channel
from notify_core.provider import Capabilities, ProviderType, Settings, TextMode
from notify_core.schemas import package_schema
from notify_smtp.codes import CODES
from notify_smtp.problems import problems
from notify_smtp.provider import SmtpProvider
from notify_smtp.refusals import refusal
from notify_smtp.server import port_of


def account_key(settings: Settings) -> str:
    """Return what identifies the account: `user@smtp.example.com:587`."""
    return f"{settings.get('username', '')}@{settings['host']}:{port_of(settings)}"


SMTP = ProviderType(
    name="smtp",
    summary="SMTP: e-mail through any mail server",
    capabilities=Capabilities(channels=frozenset({Channel.EMAIL}), text=TextMode.FREE),
    settings_schema=package_schema("notify_smtp"),
    extra_schema=package_schema("notify_smtp", "extra"),
    create=SmtpProvider,
    account_key=account_key,
    codes=CODES,
    problems=problems,
    refuses=refusal,
    emulator="notify_smtp.emulator:create_emulator",
)
