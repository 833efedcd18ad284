"""What the provider type `aliyun` declares."""

from __future__ import annotations

from notify_aliyun.codes import CODES
from notify_aliyun.parts import segments
from notify_aliyun.provider import AliyunProvider
from notify_aliyun.refusals import refusal
from notify_core.model.channel import Channel
from notify_core.provider import (
    Capabilities,
    ProviderType,
    QueryMode,
    ReceiptMode,
    SenderMode,
    Settings,
    TextMode,
)
from notify_core.schemas import package_schema


def account_key(settings: Settings) -> str:
    """Return what identifies the account at the vendor: its number, or its key's."""
    return str(settings.get("account") or settings["access_key_id"])


ALIYUN = ProviderType(
    name="aliyun",
    summary="Alibaba Cloud SMS (阿里云短信服务): template SMS in China and abroad",
    capabilities=Capabilities(
        channels=frozenset({Channel.SMS}),
        text=TextMode.NONE,
        templates=True,
        receipts=ReceiptMode.PUSH,
        inbound=True,
        sender=SenderMode.FREE,
        # The vendor looks up by number and day; what it finds names our reference.
        query=QueryMode.REFERENCE,
    ),
    settings_schema=package_schema("notify_aliyun"),
    create=AliyunProvider,
    account_key=account_key,
    codes=CODES,
    refuses=refusal,
    segments=segments,
    emulator="notify_aliyun.emulator:create_emulator",
)
