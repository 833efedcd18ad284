"""Provider types that only these tests have, and a folder to configure them in."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs

from notify_core.config import Report, check, load
from notify_core.config.snapshot import Snapshot
from notify_core.model.channel import Channel
from notify_core.plugins import Plugins
from notify_core.provider import (
    Account,
    Capabilities,
    Provider,
    ProviderType,
    QueryMode,
    ReceiptMode,
    Settings,
    TextMode,
)

FILED_SETTINGS = {
    "type": "object",
    "additionalProperties": False,
    "required": ["account", "key"],
    "properties": {
        "account": {"type": "string", "pattern": "^[A-Z]+[0-9]+$"},
        "key": {"type": "string", "writeOnly": True},
        "host": {"type": "string", "default": "vendor.example"},
        "port": {"type": "integer", "minimum": 1, "default": 443},
        "format": {"enum": ["json", "xml"], "default": "json"},
        "proxy": {
            "type": "object",
            "properties": {
                "host": {"type": "string"},
                "port": {"type": "integer", "default": 3128},
                "password": {"type": "string", "writeOnly": True},
            },
        },
    },
}


def _create(account: Account) -> Provider:
    raise AssertionError(f"no configuration builds a provider: {account.name}")


def _account_key(settings: Settings) -> str:
    return str(settings.get("account", "-"))


def _can(settings: Settings) -> Capabilities:
    receipts = ReceiptMode.NONE if settings["format"] == "xml" else ReceiptMode.PUSH
    return attrs.evolve(FILED.capabilities, receipts=receipts)


#: Takes texts filed with the vendor, and pushes receipts.
FILED = ProviderType(
    name="filed",
    summary="Takes filed texts.",
    capabilities=Capabilities(
        channels=frozenset({Channel.SMS}),
        text=TextMode.APPROVED,
        templates=True,
        receipts=ReceiptMode.PUSH,
    ),
    settings_schema=FILED_SETTINGS,
    create=_create,
    account_key=_account_key,
    account_capabilities=_can,
)
#: Takes any text, and recognises our reference. It has no settings.
PLAIN = ProviderType(
    name="plain",
    summary="Takes any text.",
    capabilities=Capabilities(
        channels=frozenset({Channel.SMS}),
        text=TextMode.FREE,
        idempotent_reference=timedelta(hours=1),
    ),
    settings_schema={"type": "object"},
    create=_create,
    account_key=_account_key,
)
#: Takes template ids only, and can be asked.
IDS = ProviderType(
    name="ids",
    summary="Takes template ids.",
    capabilities=Capabilities(
        channels=frozenset({Channel.SMS}),
        text=TextMode.NONE,
        templates=True,
        query=QueryMode.REFERENCE,
    ),
    settings_schema={"type": "object", "properties": {}},
    create=_create,
    account_key=_account_key,
)
#: Its plugin has a fault.
BROKEN = ProviderType(
    name="broken",
    summary="Has a schema that is none.",
    capabilities=PLAIN.capabilities,
    settings_schema={"type": "object", "properties": {"url": {"type": "uri"}}},
    create=_create,
    account_key=_account_key,
)

Content = str | Mapping[str, Any]


@attrs.frozen
class Bench:
    """Writes configurations into a folder, and reads them."""

    folder: Path
    plugins: Plugins
    environ: dict[str, str]

    def write(self, content: str, name: str = "notify.yaml") -> Path:
        path = self.folder / name
        path.write_text(content, encoding="utf-8")
        return path

    def load(self, content: Content) -> Snapshot:
        return load(self._source(content), self.plugins, self.environ)

    def check(self, content: Content) -> Report:
        return check(self._source(content), self.plugins, self.environ)

    def errors(self, content: Content) -> list[str]:
        """Return the errors without the file's name."""
        prefix = f"{self.folder}/"
        return [str(e).removeprefix(prefix) for e in self.check(content).errors]

    def _source(self, content: Content) -> Path | Mapping[str, Any]:
        return self.write(content) if isinstance(content, str) else content
