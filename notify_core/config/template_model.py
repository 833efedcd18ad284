"""Makes templates of what is written, once the schema was kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notify_core.config.texts import PARTS
from notify_core.model.channel import Kind
from notify_core.model.template import Binding, BindingMode, Template, Wording

_NO_PARAMS = {"type": "object", "additionalProperties": False}

Written = Mapping[str, Any]


def template_of(name: str, written: Written) -> Template:
    """Return a template; `check` found nothing wrong with it."""
    default = written.get("default_locale")
    bindings = written.get("bindings", {})
    return Template(
        name=name,
        kind=Kind(written["kind"]),
        params=written.get("params", _NO_PARAMS),
        **{part: _in_default(written.get(part), default) for part in PARTS},
        default_locale=default,
        locales=_locales(written, default),
        bindings={key: _binding(said) for key, said in bindings.items()},
    )


def _in_default(said: Any, default: str | None) -> str | None:
    if not isinstance(said, Mapping):
        text: str | None = said
        return text
    tag = str(default).lower()
    return next((text for key, text in said.items() if key.lower() == tag), None)


def _locales(written: Written, default: str | None) -> dict[str, Wording]:
    by_part = {
        part: {tag.lower(): text for tag, text in written[part].items()}
        for part in PARTS
        if isinstance(written.get(part), Mapping)
    }
    tags = {tag.lower(): tag for part in by_part for tag in written[part]}
    return {
        tag: Wording(**{part: texts.get(low) for part, texts in by_part.items()})
        for low, tag in tags.items()
        if low != str(default).lower()
    }


def _binding(written: Written) -> Binding:
    params = written.get("params", ())
    pairs = params.items() if isinstance(params, dict) else ((p, p) for p in params)
    return Binding(
        mode=BindingMode(written.get("mode", "id")),
        template_id=written.get("template_id"),
        params=tuple(pairs),
        sender=written.get("sender"),
    )
