"""The service on a free port, and a client with a key that opens everything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import attrs

from notify_core import Notifier, Secret
from notify_core.server.keys import ApiKey, KeyFile, Scope
from notify_core.server.site import Site
from notify_core.testing import FakeVendor

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
NUMBER = "+8613800138000"
PUSH_TOKEN = "t0ken-of-the-pushes"  # noqa: S105 (it opens nothing)
CODE = {
    "to": NUMBER,
    "template": "login-code",
    "params": {"code": "2546"},
}
NDJSON = {"Content-Type": "application/x-ndjson"}

#: Two accounts of one vendor, and the template of the examples.
LEAST: dict[str, Any] = {
    "version": 1,
    "defaults": {"region": "CN"},
    "providers": {
        "a": {"type": "fake", "webhook": {"tokens": [Secret(PUSH_TOKEN)]}},
        "b": {"type": "fake"},
    },
    "pools": {"both": {"members": ["a", "b"]}},
    "routes": {"pool": "both"},
    "templates": {
        "login-code": {
            "kind": "otp",
            "params": {
                "type": "object",
                "properties": {"code": {"type": "string"}},
                "required": ["code"],
                "additionalProperties": False,
            },
            "text": "Your code is {{ code }}.",
        }
    },
}


@attrs.frozen(kw_only=True)
class Serving:
    """A service at work."""

    url: str
    notifier: Notifier
    vendor: FakeVendor
    site: Site
    client: aiohttp.ClientSession
    keys: Path
    key: Secret

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    async def raw(self, data: bytes, *, seconds: float = 5.0) -> bytes:
        """Write bytes on a new connection, and return all that comes back."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(data)
            async with asyncio.timeout(seconds):
                return await reader.read()
        finally:
            writer.close()


def new_key(file: Path, *scopes: Scope, name: str = "shop") -> Secret:
    """Add a key to a file, and return it."""
    key, shown = ApiKey.new(name, scopes or Scope, NOW)
    kept = KeyFile(file)
    kept.write([*kept.read(), key])
    return shown


def bearer(key: Secret) -> dict[str, str]:
    """Return the header that shows a key."""
    return {"Authorization": f"Bearer {key.reveal()}"}


@asynccontextmanager
async def serving(
    folder: Path,
    *,
    server: dict[str, Any] | None = None,
    scopes: Iterable[Scope] = Scope,
    durable: bool = False,
    plugins: dict[str, object] | None = None,
    config: dict[str, Any] | None = None,
    **options: Any,
) -> AsyncIterator[Serving]:
    """Run the service with a configuration that has this `server` section."""
    vendor, keys = FakeVendor(), folder / "keys.json"
    key = new_key(keys, *scopes)
    section = {"listen": "127.0.0.1:0", "keys_file": str(keys), **(server or {})}
    written = {**LEAST, **(config or {}), "server": section}
    if durable:
        written["outbox"] = {"url": f"sqlite:///{folder}/notify.db"}
        written["privacy"] = {"hash_key": Secret("0123456789abcdef0123456789abcdef")}
    notifier = Notifier.from_config(
        written, plugins={"fake": vendor, **(plugins or {})}, **options
    )
    async with (
        notifier,
        Site(notifier, grace=2.0) as site,
        aiohttp.ClientSession(site.url, headers=bearer(key)) as client,
    ):
        yield Serving(
            url=site.url,
            notifier=notifier,
            vendor=vendor,
            site=site,
            client=client,
            keys=keys,
            key=key,
        )
