"""Read a request as liberally as the real service does."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from aiohttp import web

_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"


async def read_fields(request: web.Request) -> dict[str, str]:
    """Return the parameters of the query and of the body; the body wins.

    A body whose Content-Type is neither form nor multipart is not read: that is what
    happens to a misspelt one.
    """
    query = request.rel_url.raw_query_string
    fields = decode_form(query.encode("utf-8", "surrogateescape")) if query else {}
    media = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media == _FORM:
        fields |= decode_form(await request.read())
    elif media == _MULTIPART:
        fields |= await _multipart(request)
    return fields


def decode_form(raw: bytes) -> dict[str, str]:
    """Decode a form, percent-encoded or not, as UTF-8; the last of a name wins."""
    fields = {}
    for pair in raw.split(b"&"):
        name, _, value = pair.partition(b"=")
        if name:
            fields[_text(name)] = _text(value)
    return fields


def _text(raw: bytes) -> str:
    if b"+" in raw:
        raw = raw.replace(b"+", b" ")
    if b"%" in raw:
        raw = unquote_to_bytes(raw)
    return raw.decode("utf-8", "replace")


async def _multipart(request: web.Request) -> dict[str, str]:
    try:
        form = await request.post()
    except ValueError:  # no boundary, or not what it says
        return {}
    return {name: value for name, value in form.items() if isinstance(value, str)}
