"""Fills a provider's binding with a message's parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notify_core.model.template import Binding, BindingMode
from notify_core.provider import BoundTemplate


def bound(binding: Binding, params: Mapping[str, Any]) -> BoundTemplate | None:
    """Return the vendor's template with this message's values.

    A parameter that the message leaves out, which its schema allowed, is empty.
    None for mode `text`, where the rendered text is sent.
    """
    if binding.mode is BindingMode.TEXT or binding.template_id is None:
        return None
    values = [(name, _text(params.get(ours))) for name, ours in binding.params]
    return BoundTemplate(id=binding.template_id, params=tuple(values))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
