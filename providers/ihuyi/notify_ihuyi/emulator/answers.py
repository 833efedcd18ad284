"""Write answers as the real service does (API document v3.3 of 2018-05-16)."""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

import msgspec
from aiohttp import web

from notify_ihuyi.emulator.calls import Call
from notify_ihuyi.emulator.codes import Refusal, text_of

_JSON = {"Content-Type": "application/json; charset=utf-8"}
_XML = {"Content-Type": "text/xml; charset=utf-8"}


def answer(call: Call, refusal: Refusal, value: str) -> web.Response:
    """Return the HTTP answer: 200, whatever the code.

    Args:
        call: What was asked.
        refusal: The code, which may be 2.
        value: The message's id, the messages left, or the template's id.
    """
    words = text_of(refusal, call.operation, voice=call.product.channel == "voice")
    fields = {"code": refusal.code, "msg": words, **_third(call, value)}
    if call.as_json:
        return web.Response(body=msgspec.json.encode(fields), headers=_JSON)
    return web.Response(body=_xml(call, fields), headers=_XML)


def _third(call: Call, value: str) -> dict[str, str | int]:
    match call.operation:
        case "GetNum":
            return {"num": int(value) if call.settings.num_as_number else value}
        case "AddTemplate":
            return {"templateid": int(value)}
        case _:
            return {call.product.id_field: value}


def _xml(call: Call, fields: Mapping[str, str | int]) -> bytes:
    root = f"{call.operation}Result"
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f"<{root} xmlns={quoteattr(f'http://{call.host}/')}>",
        *(f"<{name}>{escape(str(value))}</{name}>" for name, value in fields.items()),
        f"</{root}>",
    ]
    return "\n".join(lines).encode()
