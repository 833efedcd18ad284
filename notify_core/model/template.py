"""A named text, and how providers know it."""

from __future__ import annotations

from collections.abc import Mapping
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
    #: By provider name or provider type; the name goes first.
    bindings: Mapping[str, Binding] = attrs.field(factory=dict)
