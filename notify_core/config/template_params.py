"""Checks a template's parameters, and whether its texts and bindings fit them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import attrs

from notify_core.config.document import Node
from notify_core.config.schema_faults import patterns, schema_faults
from notify_core.config.shape import Shape
from notify_core.config.wording import shown
from notify_core.errors import Problem
from notify_core.names import nearest
from notify_core.patterns import longest_searched, pattern_fault
from notify_core.template.rendering import TextTemplate

#: Each text of a template, with where it stands.
Texts = Mapping[str, tuple[Node, TextTemplate]]


@attrs.frozen
class Params:
    """The parameters that a template declares."""

    shape: Shape

    @classmethod
    def of(cls, template: Node) -> Params:
        """Take them from the schema under `params`."""
        schema = template["params"].value
        return cls(Shape.of(schema, schema))

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return self.shape.names

    @property
    def required(self) -> set[str]:
        """Those that every message has."""
        return {n for schema in self.shape.schemas for n in schema.get("required", ())}

    def is_single(self, name: str) -> bool:
        """Whether it is one value: no mapping and no list."""
        return self.shape.below(name).is_single


def schema_problems(node: Node) -> Iterator[Problem]:
    """Yield what is wrong with the schema of the parameters."""
    if not isinstance(node.value, dict):
        return
    faults = schema_faults(node.value)
    for fault in faults:
        pointer = node.pointer + fault.pointer
        yield node.document.problem(pointer, fault.message, at_key=fault.at_key)
    if not faults:
        yield from _slow_patterns(node)


def _slow_patterns(node: Node) -> Iterator[Problem]:
    """Yield regular expressions that a caller's value could keep busy for ever."""
    for place, pattern in patterns(node.value):
        if (fault := pattern_fault(pattern)) is not None:
            yield node.document.problem(
                node.pointer + place, f"{shown(pattern)} {fault}"
            )


def impossible(node: Node) -> Iterator[Problem]:
    """Yield what a schema requires and lets nobody give, in the mappings inside too."""
    if isinstance(node.value, dict) and node["additionalProperties"].value is False:
        declared = node["properties"].names()
        patterns = node["patternProperties"].names()
        for required in node["required"].elements():
            name = required.text or ""
            if name not in declared and not any(re.search(p, name) for p in patterns):
                why = f"{shown(name)} is required, and no message can have it"
                remedy = f"declare it under properties; {nearest(name, declared)}"
                yield required.problem(f"{why}: {remedy}")
    for _, inner in node["properties"].entries():
        yield from impossible(inner)


def undeclared(template: Node, texts: Texts) -> Iterator[Problem]:
    """Yield every use of a parameter that the template does not declare."""
    declared = Params.of(template).names
    for node, text in texts.values():
        for used in sorted(text.names.difference(declared)):
            why = f"uses {shown(used)}, which params does not declare"
            yield node.problem(f"{why}; {nearest(used, declared)}")
    for _, binding in template["bindings"].entries():
        for param in binding["params"].inside():
            if param.text is not None and param.text not in declared:
                why = f"{shown(param.text)} is no parameter"
                yield param.problem(f"{why}; {nearest(param.text, declared)}")


def doubtful_uses(template: Node, texts: Texts) -> Iterator[Problem]:
    """Yield parameters that nothing uses, and those that a text cannot do without."""
    params = Params.of(template)
    for node, text in texts.values():
        for name in sorted(text.needed - params.required):
            why = f"uses {shown(name)}, which a message may leave out and is refused"
            remedy = f"require it, or write {{{{ {name} | default('') }}}}"
            yield node.problem(f"{why} then; {remedy}")
    yield from _long_values(template["params"])
    used = {name for _, text in texts.values() for name in text.names}
    used |= {param for _, b in template["bindings"].entries() for param in sent(b)}
    for name in params.names:
        if name not in used and (texts or template["bindings"].names()):
            where = f"{template['params'].pointer}/properties/{name}"
            why = "is used by no text and no binding"
            yield template.document.problem(where, why, at_key=True)


def _long_values(schema: Node) -> Iterator[Problem]:
    """Yield values that may be longer than what their pattern is looked for in."""
    for _, param in schema["properties"].entries():
        pattern, most = param["pattern"].text, param["maxLength"].value
        if pattern is not None and isinstance(most, int):
            searched = longest_searched(pattern)
            if most > searched:
                why = (
                    f"is more than {searched} characters: in longer values the pattern"
                )
                told = f"{why} is not looked for, and they are refused"
                yield param["maxLength"].problem(told)


def sent(binding: Node) -> list[str]:
    """Return the parameters that a binding sends, in its order."""
    return [node.text for node in binding["params"].inside() if node.text is not None]
