"""The servers that `bench http` asks: `python -m bench.http_server NAME FOLDER CORE`.

It prints its process id, the port and the API key, and serves until it is ended.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from notify_core import Notifier, Secret
from notify_core.cli.garbage import collected_seldom
from notify_core.server.keys import ApiKey, KeyFile, Scope
from notify_core.server.site import Site

#: As large as what the service answers.
_ANSWER = {
    "id": "01M81M3XQDN2PR6QS6CD06CMJ1",
    "status": "created",
    "final": False,
    "reason": None,
    "why": "",
    "route": "root",
    "attempts": [],
    "retry_at": None,
    "segments": 0,
    "excluded": [],
}
#: Nothing is sent: nobody works on what is recorded.
_CONFIGURATION: dict[str, Any] = {
    "version": 1,
    "defaults": {"region": "CN"},
    "providers": {"a": {"type": "memory"}},
    "routes": {"pool": "a"},
    "templates": {
        "login-code": {
            "kind": "otp",
            "params": {
                "type": "object",
                "properties": {"code": {"type": "string", "pattern": "^[0-9]{4,8}$"}},
                "required": ["code"],
                "additionalProperties": False,
            },
            "text": "您的验证码是：{{ code }}。请不要把验证码泄露给其他人。",
        }
    },
}


async def _accept(request: web.Request) -> web.Response:
    message = await request.json()
    if "to" not in message:
        raise web.HTTPUnprocessableEntity
    return web.json_response(_ANSWER, status=202)


async def _bare(_: Path) -> None:
    app = web.Application()
    app.router.add_post("/v1/messages", _accept)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(os.getpid(), runner.addresses[0][1], "-", flush=True)
    await asyncio.Event().wait()


async def _service(folder: Path) -> None:
    key, shown = ApiKey.new("bench", [Scope.SEND], datetime.now(UTC))
    KeyFile(folder / "keys.json").write([key])
    written: dict[str, Any] = {
        **_CONFIGURATION,
        "outbox": {"url": f"sqlite:///{folder}/notify.db"},
        "privacy": {"hash_key": Secret("0123456789abcdef0123456789abcdef")},
        "server": {
            "listen": "127.0.0.1:0",
            "keys_file": str(folder / "keys.json"),
            "limits": {"rate": "999999/s"},
        },
    }
    async with Notifier.from_config(written) as notifier, Site(notifier) as site:
        port = site.url.rpartition(":")[2]
        print(os.getpid(), port, shown.reveal(), flush=True)
        with collected_seldom():  # as `notify serve` does
            await asyncio.Event().wait()


if __name__ == "__main__":
    name, folder, core = sys.argv[1:]
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(core)})
    asyncio.run({"bare": _bare, "service": _service}[name](Path(folder)))
