"""What the provider type `aliyun` declares."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from notify_core.testing.emulator import Emulator


def account_key(settings: Settings) -> str:
    """Return what identifies the account at the vendor: its number, or its key's."""
    return str(settings.get("account") or settings["access_key_id"])


def _settings_schema() -> Mapping[str, Any]:
    text = files("notify_aliyun").joinpath("settings.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def _emulator(options: Mapping[str, Any]) -> Emulator:
    # Imported here: a server that production never starts.
    from notify_aliyun.emulator import create_emulator  # noqa: PLC0415

    return create_emulator(options)


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
    settings_schema=_settings_schema(),
    create=AliyunProvider,
    account_key=account_key,
    codes=CODES,
    refuses=refusal,
    segments=segments,
    emulator=_emulator,
)
