"""A named text, and how providers know it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

import attrs

from notify_core.model.channel import Kind


class BindingMode(StrEnum):
    """What is sent for a bound template."""

    #: The vendor's template id and the parameters.
    ID = "id"
    #: The rendered text, which the vendor matches to a filed template.
    TEXT = "text"


@attrs.frozen(kw_only=True)
class Binding:
    """How one provider knows a template."""

    #: What is sent.
    mode: BindingMode = BindingMode.ID
    #: The vendor's id, `SMS_001`; None with mode `text`.
    template_id: str | None = None
    #: (the vendor's name, our name) of each parameter, in the vendor's order.
    params: tuple[tuple[str, str], ...] = ()
    #: Signature, sender id or from-address to use with this template.
    sender: str | None = None


@attrs.frozen(kw_only=True)
class Wording:
    """What a template says in one more language, where it says it differently."""

    #: Jinja2 text; None: as in the wider language, or the default one.
    text: str | None = None
    #: An e-mail's subject, in Jinja2; None: likewise.
    subject: str | None = None
    #: An e-mail's HTML alternative, in Jinja2; None: likewise.
    html: str | None = None


@attrs.frozen(kw_only=True)
class Template:
    """A named text with parameters, and its bindings."""

    #: Unique in the configuration.
    name: str
    #: What messages of it are for; a message of it takes this kind.
    kind: Kind
    #: JSON Schema 2020-12 of the parameters.
    params: Mapping[str, Any] = attrs.field(factory=dict)
    #: Jinja2 text; None where every provider only needs the parameters.
    text: str | None = None
    #: An e-mail's subject, in Jinja2.
    subject: str | None = None
    #: An e-mail's HTML alternative, in Jinja2; values are escaped.
    html: str | None = None
    #: BCP 47 tag of the language of these; None: they are for everybody.
    default_locale: str | None = None
    #: What is said in other languages, by BCP 47 tag.
    locales: Mapping[str, Wording] = attrs.field(factory=dict)
    #: By provider name or provider type; the name goes first.
    bindings: Mapping[str, Binding] = attrs.field(factory=dict)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield every text with its JSON pointer in a configuration: `/text/zh-CN`."""
        others = [(tag, said.text) for tag, said in self.locales.items() if said.text]
        if self.text is not None:
            yield f"/text/{self.default_locale}" if others else "/text", self.text
        for tag, text in others:
            yield f"/text/{tag}", text or ""

    def binding_for(self, provider: str, provider_type: str) -> Binding | None:
        """Return how a provider knows it: by its own name first, then by its type."""
        return self.bindings.get(provider) or self.bindings.get(provider_type)
