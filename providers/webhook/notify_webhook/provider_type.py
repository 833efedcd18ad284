"""What the provider type `webhook` declares."""

from __future__ import annotations

import json
from hashlib import sha256

import attrs

from notify_core.model.channel import Channel
from notify_core.model.duration import parse_duration
from notify_core.provider import Capabilities, ProviderType, Settings, TextMode
from notify_core.schemas import package_schema
from notify_webhook.body import TEXT_IS_BODY
from notify_webhook.codes import CODES
from notify_webhook.provider import WebhookProvider
from notify_webhook.receivers import problems
from notify_webhook.refusals import refusal

_DIGEST_LENGTH = 12

_CAPABILITIES = Capabilities(
    channels=frozenset({Channel.WEBHOOK}), text=TextMode.FREE, templates=True
)


def account_key(settings: Settings) -> str:
    """Return what tells these receivers from others: a digest of names and URLs."""
    urls = {name: said["url"] for name, said in settings["endpoints"].items()}
    told = json.dumps(urls, sort_keys=True).encode()
    return sha256(told).hexdigest()[:_DIGEST_LENGTH]


def account_capabilities(settings: Settings) -> Capabilities:
    """Return what an account can do: send again, if its receivers drop duplicates."""
    remembered = settings.get("receivers_remember")
    window = None if remembered is None else parse_duration(remembered)
    return attrs.evolve(_CAPABILITIES, idempotent_reference=window)


WEBHOOK = ProviderType(
    name="webhook",
    summary="Signed JSON to named endpoints, by the scheme of Standard Webhooks",
    capabilities=_CAPABILITIES,
    settings_schema=package_schema("notify_webhook"),
    create=WebhookProvider,
    account_key=account_key,
    codes=CODES,
    account_capabilities=account_capabilities,
    problems=problems,
    extra_schema=package_schema("notify_webhook", "extra"),
    json_text={TEXT_IS_BODY: True},
    refuses=refusal,
    emulator="notify_webhook.emulator:create_emulator",
)
