"""A template made ready: its schema and its text compiled once."""

from __future__ import annotations

import attrs

from notify_core.model.template import Binding, Template
from notify_core.template.params import ParamsCheck
from notify_core.template.rendering import TextTemplate


@attrs.frozen(kw_only=True)
class CompiledTemplate:
    """A template with its checks and its text compiled."""

    template: Template
    params: ParamsCheck = attrs.field(repr=False)
    #: None where the template has no text of its own.
    text: TextTemplate | None = attrs.field(repr=False)

    def binding_for(self, provider: str, provider_type: str) -> Binding | None:
        """Return how a provider knows it: by its own name first, then by its type."""
        bindings = self.template.bindings
        return bindings.get(provider) or bindings.get(provider_type)


def compiled(template: Template) -> CompiledTemplate:
    """Compile a template.

    Raises:
        ValueError: Its text is no template.
    """
    text = None if template.text is None else TextTemplate(template.text)
    return CompiledTemplate(
        template=template, params=ParamsCheck(template.params), text=text
    )
