"""Writes answers as the vendor does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from aiohttp import web

from notify_aliyun.emulator.codes import Refusal

_TROUBLESHOOT = "https://api.aliyun.com/troubleshoot"


def answer(
    refusal: Refusal, host: str, fields: Mapping[str, Any] | None = None
) -> web.Response:
    """Return the HTTP answer.

    Args:
        refusal: The code, which may be `OK`.
        host: The host that the caller named; the gateway repeats it.
        fields: What the operation adds.
    """
    told = {
        "RequestId": str(uuid4()).upper(),
        "Message": refusal.text + refusal.echo,
        "Code": refusal.code,
        **(fields or {}),
    }
    if refusal.of_the_gateway:
        told["HostId"] = host
        told["Recommend"] = f"{_TROUBLESHOOT}?q={refusal.code}&product=Dysmsapi"
    return web.Response(
        status=refusal.status,
        body=json.dumps(told, ensure_ascii=False).encode(),
        headers={"Content-Type": "application/json;charset=utf-8"},
    )
