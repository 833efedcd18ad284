"""What the provider type `twilio` declares."""

from __future__ import annotations

import attrs

from notify_core.model.channel import Channel
from notify_core.model.segments import count_segments
from notify_core.provider import (
    Capabilities,
    ProviderType,
    ReceiptMode,
    SenderMode,
    Settings,
    Submission,
    TextMode,
)
from notify_core.schemas import package_schema
from notify_twilio.codes import CODES
from notify_twilio.provider import TwilioProvider
from notify_twilio.refusals import refusal

_CAPABILITIES = Capabilities(
    channels=frozenset({Channel.SMS}),
    text=TextMode.FREE,
    receipts=ReceiptMode.PUSH,
    inbound=True,
    sender=SenderMode.FREE,
    balance=True,
)


def account_key(settings: Settings) -> str:
    """Return what identifies the account at the vendor: its SID."""
    sid: str = settings["account_sid"]
    return sid


def account_capabilities(settings: Settings) -> Capabilities:
    """Return what an account can do: pushes need the auth token that signs them."""
    if "auth_token" in settings:
        return _CAPABILITIES
    return attrs.evolve(_CAPABILITIES, receipts=ReceiptMode.NONE, inbound=False)


def segments(settings: Settings, submission: Submission) -> int:
    """Return how many segments Twilio bills, as far as the text tells.

    It counts as the standard does; its own `num_segments` differs where the Messaging
    Service's Smart Encoding replaces characters.
    Source: https://www.twilio.com/docs/glossary/what-sms-character-limit.
    """
    return count_segments(submission.text or "")


TWILIO = ProviderType(
    name="twilio",
    summary="Twilio: SMS to most countries, with status callbacks and replies",
    capabilities=_CAPABILITIES,
    settings_schema=package_schema("notify_twilio"),
    create=TwilioProvider,
    account_key=account_key,
    codes=CODES,
    account_capabilities=account_capabilities,
    extra_schema=package_schema("notify_twilio", "extra"),
    refuses=refusal,
    segments=segments,
    emulator="notify_twilio.emulator:create_emulator",
)
