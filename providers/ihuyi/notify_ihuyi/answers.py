"""Reads the vendor's answers, XML or JSON, whichever was asked for.

Seen in public logs: `code` as a number or a string, serial numbers as either, byte
order marks, `text/html` as the type of both, other namespaces than the documented
one, XML where JSON was asked for. So the body alone decides, by local names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Never
from xml.etree.ElementTree import TreeBuilder
from xml.parsers import expat

import attrs

from notify_core.http import HttpResponse

_CODE = re.compile(r"-?[0-9]{1,9}")
#: What numbers and texts are in JSON.
_WRITTEN = (str, int)
_BOM_AND_SPACE = b"\xef\xbb\xbf \t\r\n"


@attrs.frozen(kw_only=True)
class Reply:
    """A readable answer of the vendor."""

    #: `2` for success.
    code: str
    #: The vendor's words; None when it gave none.
    text: str | None
    #: Everything in the answer, by local name.
    fields: Mapping[str, str] = attrs.field(repr=False)


def read_reply(response: HttpResponse, method: str) -> Reply | None:
    """Return what a *method* of the vendor answered; None when it is no such answer."""
    body = response.body.lstrip(_BOM_AND_SPACE)
    is_json = body.startswith(b"{")
    fields = _json_fields(response) if is_json else _xml_fields(body, f"{method}Result")
    code = fields.get("code", "").strip()
    if not _CODE.fullmatch(code):
        return None
    text = fields.get("msg", "").strip() or None
    return Reply(code=str(int(code)), text=text, fields=fields)


def first_id(fields: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    """Return the first id under one of *names*; the vendor's `0` is none."""
    for name in names:
        value = fields.get(name, "").strip()
        if value.strip("0"):
            return value
    return None


def _json_fields(response: HttpResponse) -> dict[str, str]:
    return {
        name: str(value)
        for name, value in (response.json_object() or {}).items()
        if isinstance(value, _WRITTEN) and not isinstance(value, bool)
    }


def _xml_fields(body: bytes, root: str) -> dict[str, str]:
    """Return the texts of the root's children; nothing when the root is another."""
    builder = TreeBuilder()
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(body.decode(), True)
    except (expat.ExpatError, ValueError):
        return {}
    tree = builder.close()
    if _local(tree.tag) != root:
        return {}
    return {_local(child.tag): child.text or "" for child in tree}


def _refuse_doctype(*_: object) -> Never:
    raise ValueError("a document type declares entities, which no answer needs")


def _local(name: str) -> str:
    return name.rpartition(":")[2]
