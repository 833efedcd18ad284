"""A template made ready: its schema and its texts compiled once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import attrgetter
from typing import Any

import attrs

from notify_core.model.template import Binding, BindingMode, Template, Wording
from notify_core.provider import Capabilities, TextMode
from notify_core.template.params import ParamsCheck
from notify_core.template.rendering import TextTemplate
from notify_core.template.wording import CompiledWording, Rendered


@attrs.frozen(kw_only=True)
class CompiledTemplate:
    """A template with its checks and its texts compiled."""

    template: Template
    params: ParamsCheck = attrs.field(repr=False)
    #: What is said where no other language fits.
    default: CompiledWording = attrs.field(repr=False)
    #: Further languages, by tag in lower case.
    wordings: Mapping[str, CompiledWording] = attrs.field(repr=False)

    @property
    def text(self) -> TextTemplate | None:
        """The text in the default language; None where there is none of its own."""
        return self.default.text

    def binding_for(self, provider: str, provider_type: str) -> Binding | None:
        """Return how a provider knows it: by its own name first, then by its type."""
        return self.template.binding_for(provider, provider_type)

    def wording(self, locale: str | None) -> CompiledWording:
        """Return what is said in a language: exact, then wider, then the default."""
        if locale is not None and self.wordings:
            for tag in _wider(locale):
                if tag in self.wordings:
                    return self.wordings[tag]
        return self.default

    def render(self, params: Mapping[str, Any], locale: str | None = None) -> Rendered:
        """Fill the template; *params* were checked.

        Raises:
            ValueError: The texts cannot be filled with them; says which and why.
        """
        return self.wording(locale).render(params)


def compiled(template: Template) -> CompiledTemplate:
    """Compile a template.

    Raises:
        ValueError: One of its texts is no template.
    """
    default = CompiledWording.of(template.default_locale, _own(template))
    others = {
        tag.lower(): CompiledWording.of(tag, _said(template, tag))
        for tag in template.locales
    }
    if template.default_locale is not None and others:
        others[template.default_locale.lower()] = default
    return CompiledTemplate(
        template=template,
        params=ParamsCheck(template.params),
        default=default,
        wordings=others,
    )


def can_send(can: Capabilities, template: Template, binding: Binding | None) -> bool:
    """Tell whether a provider takes a template that it knows by *binding*."""
    if binding is not None and binding.mode is BindingMode.ID and can.templates:
        return True
    if can.text is TextMode.NONE or (can.text is TextMode.APPROVED and not binding):
        return False
    return template.text is not None


def _own(template: Template) -> Wording:
    return Wording(text=template.text, subject=template.subject, html=template.html)


def _said(template: Template, tag: str) -> Wording:
    """Return the whole wording of a language, with what it takes from wider ones."""
    by_tag = {key.lower(): said for key, said in template.locales.items()}
    heard = [by_tag[wider] for wider in _wider(tag) if wider in by_tag]
    heard.append(_own(template))
    return Wording(
        **{
            name: next((part for said in heard if (part := get(said))), None)
            for name, get in _PARTS.items()
        }
    )


def _wider(tag: str) -> Iterator[str]:
    """Yield `zh-hant-tw`, `zh-hant`, `zh` (RFC 4647, lookup)."""
    tag = tag.lower().replace("_", "-")
    while tag:
        yield tag
        tag = tag.rpartition("-")[0]


_PARTS = {name: attrgetter(name) for name in ("text", "subject", "html")}
